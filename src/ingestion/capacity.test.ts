import assert from "node:assert/strict";
import { test } from "node:test";
import { publishedQuotas } from "../core/quotas.ts";
import { capacityMessage, exceeds, isFull, limitsOf } from "./capacity.ts";

const limits = limitsOf(2, { documentsPerUnit: 10, textBytesPerUnit: 1000 });

test("an index holds what its units hold together", () => {
  assert.deepEqual(limits, { units: 2, documentsMax: 20, textBytesMax: 2000 });
  const published = limitsOf(1, publishedQuotas);
  assert.deepEqual([published.documentsMax, published.textBytesMax], [20_000, 200 * 1024 * 1024]);
});

test("an index is full by documents or by text, whichever comes first", () => {
  assert.ok(!isFull({ documentCount: 19, textBytes: 1999 }, limits));
  assert.ok(isFull({ documentCount: 20, textBytes: 0 }, limits));
  assert.ok(isFull({ documentCount: 1, textBytes: 2000 }, limits));
});

test("a change is too much from one above the limit on, and never where it makes nothing larger", () => {
  const held = { documentCount: 19, textBytes: 1990 };
  assert.ok(!exceeds(held, { documents: 1, textBytes: 10 }, limits));
  assert.ok(exceeds(held, { documents: 1, textBytes: 11 }, limits));
  assert.ok(exceeds(held, { documents: 2, textBytes: 0 }, limits));
  const over = { documentCount: 25, textBytes: 9000 };
  assert.ok(!exceeds(over, { documents: 0, textBytes: 0 }, limits));
  assert.ok(!exceeds(over, { documents: 0, textBytes: -1 }, limits));
  assert.ok(exceeds(over, { documents: 0, textBytes: 1 }, limits));
  assert.ok(exceeds(over, { documents: 1, textBytes: -1 }, limits));
});

test("the refusal names what is held and what helps", () => {
  const held = { documentCount: 20, textBytes: 7 };
  const told = capacityMessage(held, limits, ", then go on.");
  assert.match(told, /20 documents with 7 bytes .* 2 units .*UpdateIndex, then go on\.$/);
  assert.match(capacityMessage(held, { units: 1 }, "."), /1 unit /);
});
