import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { chooseMerge, type MergeCandidate, mergePolicy, tierOf } from "./merge-policy.ts";

const segment = (id: number, chunks: number, deadMax = 0): MergeCandidate => ({
  id,
  chunks,
  documents: chunks,
  deadMax,
});

test("a tier is eight times as large as the one below", () => {
  assert.deepEqual([0, 1, 512, 513, 4096, 4097, 32_768].map(tierOf), [0, 0, 0, 1, 1, 2, 2]);
});

test("seven segments of a tier are left alone, eight are merged", () => {
  const small = Array.from({ length: 8 }, (_, i) => segment(i, 10));
  assert.equal(chooseMerge(small.slice(1)), undefined);
  assert.deepEqual(chooseMerge([...small, segment(99, 100_000)]), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("a large segment is written anew once a third of it may be dead, a small one is not", () => {
  assert.equal(chooseMerge([segment(1, 10_000, 3000)]), undefined);
  assert.deepEqual(chooseMerge([segment(1, 10_000, 3001)]), [1]);
  assert.equal(chooseMerge([segment(1, 999, 999)]), undefined);
});

test("no merge grows beyond the largest size or number", () => {
  const many = Array.from({ length: 500 }, (_, i) => segment(i, 1));
  assert.equal(chooseMerge(many)?.length, mergePolicy.segmentsMax);
  const huge = Array.from({ length: 20 }, (_, i) => segment(i, 300_000));
  assert.equal(chooseMerge(huge), undefined);
});

test("merging until nothing is left to do ends, with few segments", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 300, size: "max" });
  fc.assert(
    fc.property(sizes, (chunks) => {
      let segments = chunks.map((count, id) => segment(id, count));
      const total = chunks.reduce((sum, count) => sum + count, 0);
      for (let step = 0; ; step += 1) {
        const ids = chooseMerge(segments);
        if (ids === undefined) break;
        assert.ok(step < 400, "still merging");
        const merged = segments.filter(({ id }) => ids.includes(id));
        const sum = merged.reduce((all, { chunks: count }) => all + count, 0);
        segments = [...segments.filter(({ id }) => !ids.includes(id)), segment(10_000 + step, sum)];
      }
      assert.equal(
        segments.reduce((all, { chunks: count }) => all + count, 0),
        total,
      );
      const tiers = 1 + tierOf(mergePolicy.chunksMax);
      assert.ok(segments.length <= tiers * (mergePolicy.segmentsPerTier - 1) + 20);
    }),
    { numRuns: 50 },
  );
});
