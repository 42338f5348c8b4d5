import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { searchSegment } from "./max-score.ts";
import { PostingCursor } from "./postings.ts";
import { idf, lengthNorm } from "./scoring.ts";
import { findTerm, readPostings } from "./segment.ts";
import type { IndexableDocument } from "./segment-builder.ts";
import { type MemorySegment, memorySegments } from "./testing/memory-segments.ts";
import { type PlainHit, plainSearch } from "./testing/plain-search.ts";
import { randomDocuments, randomNumbers, randomWord, seeds } from "./testing/random-documents.ts";
import { TopK } from "./top-k.ts";

type Visible = (document: IndexableDocument) => boolean;

/** The engine's search over segments in memory; also counts the chunks it scored. */
async function search(
  segments: readonly MemorySegment[],
  question: readonly string[],
  options: { readonly isVisible: (documentKey: number) => boolean; readonly limit: number },
): Promise<{ readonly hits: readonly PlainHit[]; readonly offered: number }> {
  const chunks = segments.reduce((sum, { head }) => sum + head.chunks, 0);
  const words = segments.reduce((sum, { head }) => sum + head.words, 0);
  const norm = lengthNorm({ chunks, words });
  const top = new TopK(options.limit);
  let offered = 0;
  for (const [segment, { head, pages }] of segments.entries()) {
    const cursors: PostingCursor[] = [];
    for (const term of new Set(question)) {
      const df = segments.reduce((sum, s) => sum + (findTerm(s.head, term)?.count ?? 0), 0);
      const place = findTerm(head, term);
      if (place === undefined) continue;
      const weight = idf(chunks, df) * question.filter((other) => other === term).length;
      const bytes = await readPostings(pages, place);
      cursors.push(new PostingCursor({ bytes, count: place.count, weight, norm }));
    }
    const keyOf = (chunk: number): number => head.documentKeys[head.documentOf[chunk] ?? 0] ?? 0;
    searchSegment(
      {
        cursors,
        lengths: head.lengths,
        norm,
        isVisible: (chunk) => options.isVisible(keyOf(chunk)),
        offer: (chunk, score) => {
          offered += 1;
          const ordinal = chunk - (head.chunkBegins[head.documentOf[chunk] ?? 0] ?? 0);
          top.offer({ score, documentKey: keyOf(chunk), ordinal, segment, chunk });
        },
        isCancelled: () => false,
      },
      top,
    );
  }
  const hits = top
    .sorted()
    .map(({ documentKey, ordinal, score }) => ({ documentKey, ordinal, score }));
  return { hits, offered };
}

async function compare(
  documents: readonly IndexableDocument[],
  segments: readonly MemorySegment[],
  question: readonly string[],
  options: { readonly isVisible: Visible; readonly limit: number },
): Promise<void> {
  const byKey = new Map(documents.map((document) => [document.documentKey, document]));
  const isVisible = (key: number): boolean => {
    const document = byKey.get(key);
    return document !== undefined && options.isVisible(document);
  };
  const { hits } = await search(segments, question, { ...options, isVisible });
  // As a filter does: what is passed over counts.
  const plain = { isVisible: () => true, isChosen: options.isVisible, limit: options.limit };
  const expected = plainSearch(documents, question, plain);
  const round = ({ score, ...hit }: PlainHit): PlainHit => ({ ...hit, score: +score.toFixed(9) });
  assert.deepEqual(hits.map(round), expected.map(round));
}

test("the best passages are exactly those of scoring everything, filters and segments aside", async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.integer({ min: 1, max: 5 }), async (seed, parts) => {
      const documents = randomDocuments(seed, 120);
      const segments = memorySegments(documents, parts);
      const random = randomNumbers(seed + 1);
      for (let i = 0; i < 4; i += 1) {
        const length = 1 + Math.floor(random() * 6);
        const question = Array.from({ length }, () => randomWord(random));
        const classes = new Set([1, 2, 3, 4].filter(() => random() < 0.6));
        await compare(documents, segments, question, {
          isVisible: ({ aclClass }) => classes.has(aclClass),
          limit: 1 + Math.floor(random() * 15),
        });
      }
    }),
    { numRuns: 25 },
  );
});

test("it is also exact where lists have many blocks, and scores few chunks then", async () => {
  const documents = randomDocuments(42, 2500);
  const segments = memorySegments(documents, 1);
  const options = { isVisible: () => true, limit: 10 };
  const chunks = segments[0]?.head.chunks ?? 0;
  assert.ok(chunks > 4000, `${chunks} chunks`);
  for (const question of [["q0", "q1", "q180"], ["q0"], ["q2", "q5", "q9", "q150", "q3"]]) {
    await compare(documents, segments, question, options);
    const { offered } = await search(segments, question, options);
    assert.ok(offered < chunks / 5, `${offered} of ${chunks} chunks were offered`);
  }
});

test("a search that is cancelled stops", async () => {
  const [segment] = memorySegments(randomDocuments(7, 3000), 1);
  assert.ok(segment !== undefined);
  const place = findTerm(segment.head, "q0");
  assert.ok(place !== undefined && place.count > 4096 / 2);
  let asked = 0;
  const norm = lengthNorm({ chunks: 1, words: 1 });
  const bytes = await readPostings(segment.pages, place);
  const offered: number[] = [];
  searchSegment(
    {
      cursors: [new PostingCursor({ bytes, count: place.count, weight: 1, norm })],
      lengths: segment.head.lengths,
      norm,
      isVisible: () => true,
      offer: (chunk) => offered.push(chunk),
      isCancelled: () => (asked += 1) > 0,
    },
    { threshold: 0 },
  );
  assert.equal(offered.length, Math.min(4095, place.count));
});
