import assert from "node:assert/strict";
import { test } from "node:test";
import { readPostings, readSegmentHead, termAt } from "./segment.ts";
import { buildSegment } from "./segment-builder.ts";
import { postingPageBytes } from "./segment-writer.ts";
import { memorySegment } from "./testing/memory-segments.ts";
import { randomDocuments } from "./testing/random-documents.ts";
import { tableSize } from "./string-table.ts";

const documents = Array.from({ length: 4 }, (_, i) => randomDocuments(i, 1500)).flatMap(
  (batch, i) => batch.map((d) => ({ ...d, documentKey: d.documentKey + i * 10_000 })),
);

test("postings are read whole wherever they lie: in one page, over a border, over several", async () => {
  const { head, pages } = memorySegment(1, buildSegment(documents));
  const asked: number[] = [];
  let spanning = 0;
  const all: number[] = [];
  for (let place = 0; place < tableSize(head.terms); place += 1) {
    const range = termAt(head, place);
    asked.length = 0;
    const bytes = await readPostings((page) => {
      asked.push(page);
      return pages(page);
    }, range);
    assert.equal(bytes.length, range.end - range.begin);
    if (asked.length > 1) spanning += 1;
    all.push(...bytes);
  }
  assert.ok(spanning > 0, "no list lay over a border");
  const whole: number[] = [];
  for (let page = 0; page * postingPageBytes < all.length; page += 1) {
    whole.push(...(await pages(page)));
  }
  assert.deepEqual(all, whole);
});

test("a range over three pages is put together in order", async () => {
  const page = (i: number): Uint8Array => new Uint8Array(postingPageBytes).fill(i + 1);
  const begin = postingPageBytes - 2;
  const bytes = await readPostings(page, { begin, end: 2 * postingPageBytes + 3 });
  assert.deepEqual([...bytes.subarray(0, 3)], [1, 1, 2]);
  assert.deepEqual([...bytes.subarray(-4)], [2, 3, 3, 3]);
  assert.equal(bytes.length, postingPageBytes + 5);
});

test("a head whose parts do not fit together is refused", () => {
  const [head] = buildSegment(documents.slice(0, 5)).blobs;
  assert.ok(head !== undefined);
  assert.equal(readSegmentHead(head.data).documents, 5);
  const refused = (change: (bytes: Uint8Array) => Uint8Array, reason: RegExp): void => {
    assert.throws(() => readSegmentHead(change(head.data.slice())), reason);
  };
  refused((bytes) => bytes.subarray(0, 8), /too short/);
  refused((bytes) => bytes.fill(0, 0, 4), /does not begin as it should/);
  refused((bytes) => bytes.fill(9, 4, 5), /format version 9, not 1/);
  refused((bytes) => bytes.subarray(0, bytes.length - 1), /outside/);
  // One document more than there are keys.
  refused((bytes) => {
    const [begin = 0] = new Uint32Array(bytes.buffer, 16, 1);
    new Float64Array(bytes.buffer, begin, 2)[1] = 6;
    return bytes;
  }, /do not fit together/);
});

test("an empty segment can be read", () => {
  const { head } = memorySegment(1, buildSegment([]));
  assert.deepEqual([head.chunks, head.documents, head.words], [0, 0, 0]);
});
