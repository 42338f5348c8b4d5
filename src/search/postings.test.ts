import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ByteWriter } from "./bytes.ts";
import {
  boundingPairs,
  decodePostings,
  encodePostings,
  pairsPerBlock,
  PostingCursor,
  type PostingList,
} from "./postings.ts";
import { termScore } from "./scoring.ts";

const norm = { fixed: 0.54, perWord: 0.004 };

/** Lists of up to some blocks, with gaps of all sizes. */
const lists: fc.Arbitrary<PostingList> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 700,
    size: "max",
  })
  .map((steps) => {
    let chunk = -1;
    const chunks = steps.map(([gap]) => (chunk += gap));
    return { chunks, frequencies: steps.map(([, frequency]) => frequency) };
  });

function lengthsFor({ chunks }: PostingList, seed: number): Uint16Array {
  const count = (chunks.at(-1) ?? 0) + 1;
  return Uint16Array.from({ length: count }, (_, i) => 1 + ((i * 7919 + seed) % 900));
}

function encode(list: PostingList, lengths: Uint16Array): Uint8Array {
  const writer = new ByteWriter();
  // Something before it: offsets in the directory count from the list's own begin.
  writer.u32(1);
  encodePostings(list, lengths, writer);
  return writer.toBytes().slice(4);
}

function cursorOf(list: PostingList, lengths: Uint16Array): PostingCursor {
  const bytes = encode(list, lengths);
  return new PostingCursor({ bytes, count: list.chunks.length, weight: 2.5, norm });
}

test("encoded postings decode to themselves", () => {
  fc.assert(
    fc.property(lists, (list) => {
      const bytes = encode(list, lengthsFor(list, 1));
      const chunks: number[] = [];
      const frequencies: number[] = [];
      decodePostings(bytes, list.chunks.length, (chunk, frequency) => {
        chunks.push(chunk);
        frequencies.push(frequency);
      });
      assert.deepEqual({ chunks, frequencies }, list);
    }),
    { numRuns: 50 },
  );
});

test("a cursor finds the first posting at or behind any target, in rising order", () => {
  fc.assert(
    fc.property(lists, fc.array(fc.integer({ min: 0, max: 2000 })), (list, steps) => {
      const cursor = cursorOf(list, lengthsFor(list, 2));
      let target = 0;
      for (const step of steps) {
        target += step;
        // Choosing a block without reading it must not disturb what follows.
        if (step % 3 === 0) cursor.seekBlock(target);
        cursor.seek(target);
        const place = list.chunks.findIndex((chunk) => chunk >= target);
        assert.equal(cursor.chunk, place === -1 ? Infinity : list.chunks[place]);
        if (place !== -1) assert.equal(cursor.frequency, list.frequencies[place]);
      }
    }),
    { numRuns: 100 },
  );
});

test("no posting scores more than its block's bound, or its list's", () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 0, max: 10_000 }), (list, seed) => {
      const lengths = lengthsFor(list, seed);
      const cursor = cursorOf(list, lengths);
      for (; cursor.chunk !== Infinity; cursor.seek(cursor.chunk + 1)) {
        const score = termScore(2.5, cursor.frequency, lengths[cursor.chunk] ?? 0, norm);
        assert.ok(score <= cursor.blockScoreMax * (1 + 1e-12));
        assert.ok(cursor.blockScoreMax <= cursor.scoreMax);
        assert.ok(cursor.chunk <= cursor.blockLast);
      }
    }),
    { numRuns: 50 },
  );
});

test("every posting is outdone by one of at most four pairs", () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 0, max: 10_000 }), (list, seed) => {
      const lengths = lengthsFor(list, seed);
      const to = Math.min(128, list.chunks.length);
      const pairs = boundingPairs(list, lengths, { from: 0, to });
      assert.ok(pairs.length >= 1 && pairs.length <= pairsPerBlock);
      for (let i = 0; i < to; i += 1) {
        const frequency = list.frequencies[i] ?? 0;
        const length = lengths[list.chunks[i] ?? 0] ?? 0;
        assert.ok(pairs.some((pair) => pair.frequency >= frequency && pair.length <= length));
      }
    }),
    { numRuns: 50 },
  );
});
