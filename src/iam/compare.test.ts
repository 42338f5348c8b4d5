import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRandom } from "./testing/compare.ts";

test("engine and plain evaluator agree on 20,000 random requests", (t) => {
  const { counts, difference } = compareRandom(20_000, 20_261_121);
  t.diagnostic(JSON.stringify(counts));
  assert.equal(difference, undefined);
  // A comparison in which one answer hardly occurs proves little about it.
  for (const [answer, count] of Object.entries(counts)) assert.ok(count > 1_000, answer);
});
