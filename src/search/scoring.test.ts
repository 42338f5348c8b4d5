import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { idf, lengthNorm, termScore } from "./scoring.ts";

test("BM25 on an example that can be checked by hand", () => {
  // 3 chunks of 10, 20 and 30 words, the term stands in one: ln(1 + 2.5 / 1.5).
  assert.equal(idf(3, 1).toFixed(6), Math.log(8 / 3).toFixed(6));
  const norm = lengthNorm({ chunks: 3, words: 60 });
  // f = 2, length = average: 2 * 1.9 / (2 + 0.9).
  assert.equal(termScore(1, 2, 20, norm).toFixed(9), (3.8 / 2.9).toFixed(9));
});

test("rarer terms weigh more, and even the commonest weighs something", () => {
  for (const chunks of [1, 10, 1_000_000]) {
    for (let df = 1; df < Math.min(chunks, 50); df += 1) {
      assert.ok(idf(chunks, df) > idf(chunks, df + 1));
    }
    assert.ok(idf(chunks, chunks) > 0);
  }
});

test("more of a term never lowers a score, more other words never raise it", () => {
  const frequency = fc.integer({ min: 1, max: 254 });
  const length = fc.integer({ min: 0, max: 65_000 });
  const average = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(frequency, length, average, (f, words, mean) => {
      const norm = lengthNorm({ chunks: 10, words: 10 * mean });
      const score = termScore(2, f, words, norm);
      assert.ok(termScore(2, f + 1, words, norm) >= score);
      assert.ok(termScore(2, f, words + 1, norm) <= score);
      assert.ok(score > 0 && score < 2 * 1.9);
    }),
  );
});

test("an empty collection has a norm", () => {
  const norm = lengthNorm({ chunks: 0, words: 0 });
  assert.ok(Number.isFinite(termScore(1, 1, 1, norm)));
});
