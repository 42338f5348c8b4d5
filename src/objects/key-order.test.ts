import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compareKeys } from "./key-order.ts";

test("keys compare as their UTF-8 bytes do", () => {
  const key = fc.string({ unit: "grapheme", maxLength: 8 });
  const near = fc.constantFrom(
    "a",
    "a/",
    "a.",
    "\u{1F600}",
    "\uFFFD",
    "\uE000",
    "\uD7FF",
    "\u{10000}",
  );
  const keys = fc.oneof(
    key,
    fc.array(near, { maxLength: 4 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const plain = Buffer.compare(Buffer.from(a), Buffer.from(b));
      assert.equal(Math.sign(compareKeys(a, b)), plain, `${a} against ${b}`);
    }),
    { numRuns: 2000 },
  );
});

test("a character beyond the basic plane sorts after the private use area", () => {
  assert.ok(compareKeys("\u{1F600}", "\uFF21") > 0);
  const own = ["\uFF21", "\u{1F600}"].toSorted();
  assert.deepEqual(own, ["\u{1F600}", "\uFF21"], "which is where JavaScript's own order differs");
});
