import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { findDocument, findTerm, readPostings } from "./segment.ts";
import {
  buildSegment,
  chunksPerPage,
  type IndexableDocument,
  packAttributes,
  packChunks,
  unpackAttributes,
  unpackChunks,
} from "./segment-builder.ts";
import { decodePostings } from "./postings.ts";
import { chunksOf } from "./testing/collection.ts";
import { memorySegment } from "./testing/memory-segments.ts";

const document = (documentKey: number, more: Partial<IndexableDocument>): IndexableDocument => ({
  documentKey,
  version: documentKey * 2,
  aclClass: documentKey * 3,
  title: "",
  attributes: [],
  chunks: [],
  ...more,
});

async function postingsOf(
  documents: readonly IndexableDocument[],
  term: string,
): Promise<readonly (readonly [number, number])[]> {
  const { head, pages } = memorySegment(1, buildSegment(documents));
  const place = findTerm(head, term);
  if (place === undefined) return [];
  const found: [number, number][] = [];
  decodePostings(await readPostings(pages, place), place.count, (chunk, frequency) => {
    found.push([chunk, frequency]);
  });
  return found;
}

test("a word counts by its field: text once, heading once, title twice", async () => {
  const documents = [
    document(1, { title: "Tea time", chunks: chunksOf(["tea, tea!", "milk"], ["On tea", "Teas"]) }),
    document(2, { title: "Milk", chunks: chunksOf(["no"]) }),
  ];
  assert.deepEqual(await postingsOf(documents, "tea"), [
    [0, 6],
    [1, 4],
  ]);
  assert.deepEqual(await postingsOf(documents, "milk"), [
    [1, 1],
    [2, 2],
  ]);
  assert.deepEqual(await postingsOf(documents, "coffee"), []);
});

test("frequencies and lengths stop at what fits, nothing overflows", async () => {
  const long = document(1, { chunks: chunksOf(["tea ".repeat(70_000)]) });
  assert.deepEqual(await postingsOf([long], "tea"), [[0, 255]]);
  const { head } = memorySegment(1, buildSegment([long]));
  assert.deepEqual([...head.lengths], [65_535]);
});

test("documents are found by key, with what was said of them", () => {
  const documents = [7, 3, 2 ** 40, 5].map((key) =>
    document(key, { chunks: chunksOf(Array.from({ length: key % 4 }, () => "x")) }),
  );
  const { head } = memorySegment(1, buildSegment(documents));
  for (const [i, { documentKey, version }] of documents.entries()) {
    assert.equal(findDocument(head, documentKey), i);
    assert.equal(head.versions[i], version);
  }
  assert.equal(findDocument(head, 4), -1);
  assert.deepEqual([...head.chunkBegins], [0, 3, 6, 6, 7]);
  assert.deepEqual([...head.documentOf], [0, 0, 0, 1, 1, 1, 3]);
});

test("chunks come back from their pages as they were", () => {
  const texts = fc.array(fc.string({ unit: "grapheme" }), { maxLength: 40 });
  fc.assert(
    fc.property(texts, (list) => {
      const chunks = chunksOf(list, ["A", "B"]).map((chunk, i) => ({ ...chunk, page: i }));
      const pages = packChunks(chunks);
      assert.equal(pages.length, Math.ceil(chunks.length / chunksPerPage));
      assert.deepEqual(pages.flatMap(unpackChunks), chunks);
    }),
    { numRuns: 50 },
  );
});

test("a damaged page of chunks is an error, never other text", () => {
  const [page] = packChunks(chunksOf(["some words ".repeat(50)]));
  assert.ok(page !== undefined);
  for (let i = 0; i < page.length; i += 1) {
    const damaged = page.slice();
    damaged[i] = (damaged[i] ?? 0) ^ 0x10;
    let read: unknown;
    try {
      read = unpackChunks(damaged);
    } catch {
      continue;
    }
    // Bits that mean nothing (of the frame's header) may change without harm.
    assert.deepEqual(read, unpackChunks(page), `byte ${i}`);
  }
  assert.throws(() => unpackChunks(page.subarray(0, page.length - 1)));
});

test("attributes survive being stored; what is no value is left out", () => {
  const attributes = [
    { name: "a", value: { stringValue: "x" } },
    { name: "b", value: { stringListValue: ["x", "y"] } },
    { name: "c", value: { longValue: -5 } },
    { name: "d", value: { dateValue: new Date(1234) } },
  ];
  assert.deepEqual(unpackAttributes(packAttributes(attributes)), attributes);
  const none = [
    { name: "e", value: {} },
    { name: "f", value: { dateValue: new Date(NaN) } },
  ];
  assert.deepEqual(unpackAttributes(packAttributes(none)), []);
});
