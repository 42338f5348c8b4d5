import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Candidate, compareCandidates, TopK } from "./top-k.ts";

const candidates = fc.array(
  fc.record({
    score: fc.integer({ min: 1, max: 5 }),
    documentKey: fc.integer({ min: 1, max: 5 }),
    ordinal: fc.integer({ min: 0, max: 1000 }),
  }),
  { maxLength: 60 },
);

test("the heap keeps what sorting everything would put first, equals included", () => {
  fc.assert(
    fc.property(candidates, fc.integer({ min: 1, max: 20 }), (list, limit) => {
      const distinct = new Map(list.map((c) => [`${c.documentKey}/${c.ordinal}`, c]));
      const offered: Candidate[] = [...distinct.values()].map((c) => ({
        ...c,
        segment: 0,
        chunk: 0,
      }));
      const top = new TopK(limit);
      for (const candidate of offered) top.offer(candidate);
      const expected = offered.toSorted(compareCandidates).slice(0, limit);
      assert.deepEqual(top.sorted(), expected);
      const last = expected.at(-1)?.score ?? 0;
      assert.equal(top.threshold, expected.length < limit ? 0 : last);
    }),
  );
});
