import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { mergeSegments } from "./merge.ts";
import { buildSegment, type CheckedBlob } from "./segment-builder.ts";
import { postingPageBytes } from "./segment-writer.ts";
import { type MemorySegment, memorySegments } from "./testing/memory-segments.ts";
import { randomDocuments, randomNumbers, seeds } from "./testing/random-documents.ts";

async function merge(segments: readonly MemorySegment[]): Promise<readonly CheckedBlob[]> {
  const pages: CheckedBlob[] = [];
  const byId = new Map(segments.map((segment) => [segment.id, segment.pages]));
  const result = await mergeSegments(
    { segments, pagesOf: ({ id }) => byId.get(id) ?? (() => new Uint8Array(0)) },
    async (batch) => {
      assert.ok(batch.every(({ data }) => data.length <= postingPageBytes));
      pages.push(...batch);
    },
  );
  const all = [result.head, ...pages];
  assert.equal(
    result.bytes,
    all.reduce((sum, { data }) => sum + data.length, 0),
  );
  return all;
}

test("merging segments gives byte for byte the segment of all their living documents", async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.integer({ min: 1, max: 6 }), async (seed, parts) => {
      const documents = randomDocuments(seed, 60);
      const segments = memorySegments(documents, parts);
      const random = randomNumbers(seed);
      const dead = new Set(documents.map((d) => d.documentKey).filter(() => random() < 0.3));
      for (const { head, alive } of segments) {
        for (let i = 0; i < head.documents; i += 1) {
          if (dead.has(head.documentKeys[i] ?? 0)) alive[i] = 0;
        }
      }
      const living = documents.filter(({ documentKey }) => !dead.has(documentKey));
      assert.deepEqual(await merge(segments), buildSegment(living).blobs);
    }),
    { numRuns: 25 },
  );
});

test("a merge of many pages gives them out in order, none larger than the others", async () => {
  const documents = Array.from({ length: 8 }, (_, i) => randomDocuments(i, 1500)).flatMap(
    (batch, i) => batch.map((d) => ({ ...d, documentKey: d.documentKey + i * 10_000 })),
  );
  const expected = buildSegment(documents).blobs;
  assert.ok(expected.length > 6, `${expected.length - 1} pages`);
  assert.deepEqual(await merge(memorySegments(documents, 3)), expected);
});

test("nothing left gives an empty segment", async () => {
  const segments = memorySegments(randomDocuments(1, 10), 2);
  for (const { alive } of segments) alive.fill(0);
  assert.deepEqual(await merge(segments), buildSegment([]).blobs);
});
