// What was seen of a segment is kept for as long as it is true, and no longer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { addClass, type ClassSet, emptyClassSet, hasClass } from "./class-set.ts";
import { decodePostings } from "./postings.ts";
import { findTerm, readPostings } from "./segment.ts";
import { type MemorySegment, memorySegments } from "./testing/memory-segments.ts";
import { randomDocuments, randomNumbers } from "./testing/random-documents.ts";
import { countTerms, visiblePart } from "./visible-part.ts";

const classCount = 6;

function setOf(...classes: number[]): ClassSet {
  const set = emptyClassSet(classCount);
  for (const id of classes) addClass(set, id);
  return set;
}

function segmentsOf(seed: number, parts: number, size = 60): readonly MemorySegment[] {
  const documents = randomDocuments(seed, size).map((one, i) => ({
    ...one,
    aclClass: 1 + (i % classCount),
  }));
  return memorySegments(documents, parts);
}

const indexOf = (segments: readonly MemorySegment[]) => ({ generation: 1, sequence: 1, segments });
const pagesOf = (segments: readonly MemorySegment[]) => (one: { readonly id: number }) =>
  segments.find(({ id }) => id === one.id)?.pages ?? assert.fail();

/** All of it counted anew. */
async function plainCounts(
  segments: readonly MemorySegment[],
  classes: ClassSet,
  terms: readonly string[],
): Promise<unknown> {
  const statistics = { chunks: 0, words: 0 };
  const counts = new Map(terms.map((term) => [term, 0]));
  for (const { head, alive, aclClasses, pages } of segments) {
    const isVisible = (chunk: number): boolean => {
      const document = head.documentOf[chunk] ?? 0;
      return alive[document] === 1 && hasClass(classes, aclClasses[document] ?? 0);
    };
    for (const [chunk, length] of head.lengths.entries()) {
      if (!isVisible(chunk)) continue;
      statistics.chunks += 1;
      statistics.words += length;
    }
    for (const term of terms) {
      const place = findTerm(head, term);
      if (place === undefined) continue;
      decodePostings(await readPostings(pages, place), place.count, (chunk) => {
        if (isVisible(chunk)) counts.set(term, (counts.get(term) ?? 0) + 1);
      });
    }
  }
  return { statistics, counts };
}

test("what is kept comes to the same as counting all anew, whatever changes in between", async () => {
  const random = randomNumbers(5);
  const below = (limit: number): number => Math.floor(random() * limit);
  // Some so large that counts of common words are kept.
  let segments = [
    ...segmentsOf(11, 4),
    ...segmentsOf(13, 1, 800).map((one) => ({ ...one, id: 50 })),
  ];
  let kept = 0;
  const more = segmentsOf(12, 5).map((one, i) => ({ ...one, id: 100 + i }));
  const terms = ["q0", "q1", "q7", "q40", "no such word"];
  for (let step = 0; step < 200; step += 1) {
    const segment = segments[below(segments.length)] ?? assert.fail();
    const document = below(segment.head.documents);
    const what = below(4);
    if (what === 0) segment.alive[document] = 0;
    if (what === 1) segment.aclClasses[document] = 1 + below(classCount);
    if (what < 2) segment.changes += 1;
    if (what === 2 && more.length > 0 && step % 5 === 0)
      segments = [...segments, ...more.splice(0, 1)];
    if (what === 3 && segments.length > 3 && step % 11 === 0)
      segments = segments.filter(({ id }) => id !== below(4));
    const classes = setOf(1 + below(classCount), 1 + below(classCount), 1 + below(classCount));
    const index = indexOf(segments);
    const part = visiblePart(index, classes);
    const counts = await countTerms(index, part, terms, pagesOf(segments));
    const { statistics } = part;
    for (const one of part.segments) kept += one?.counts.size ?? 0;
    assert.deepEqual({ statistics, counts }, await plainCounts(segments, classes, terms));
  }
  assert.ok(kept > 0);
});

test("a publication leaves what was seen of other segments as it was; a change of one does not", () => {
  const [first, second, third] = segmentsOf(3, 3);
  assert.ok(first && second && third);
  const before = visiblePart(indexOf([first, second]), setOf(1, 2)).segments;
  // Another set with the same classes, as it comes with the next question.
  const after = visiblePart(indexOf([first, second, third]), setOf(1, 2)).segments;
  assert.equal(after[0], before[0]);
  assert.equal(after[1], before[1]);
  assert.equal(after.length, 3);
  second.alive[0] = 0;
  second.changes += 1;
  const changed = visiblePart(indexOf([first, second, third]), setOf(1, 2)).segments;
  assert.equal(changed[0], before[0]);
  assert.notEqual(changed[1], before[1]);
  assert.notEqual(visiblePart(indexOf([first]), setOf(1, 3)).segments[0], before[0]);
});

test("of many sets of classes only those that are asked for are kept", () => {
  const [segment] = segmentsOf(4, 1);
  assert.ok(segment);
  const index = indexOf([segment]);
  const sets = Array.from({ length: 40 }, (_, i) => {
    const set = emptyClassSet(100);
    addClass(set, 1);
    addClass(set, 50 + i);
    return set;
  });
  const [often = assert.fail(), ...others] = sets;
  const seen = visiblePart(index, often).segments[0];
  const once = visiblePart(index, others[0] ?? assert.fail()).segments[0];
  for (const set of others.slice(1)) {
    visiblePart(index, set);
    assert.equal(visiblePart(index, often).segments[0], seen);
  }
  assert.notEqual(visiblePart(index, others[0] ?? assert.fail()).segments[0], once);
});
