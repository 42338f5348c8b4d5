import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createFrameReader, encodeFrameHead } from "./frames.ts";
import type { Frame } from "./frames.ts";
import { parseJob, parseReply } from "./messages.ts";

test("frames come out as they went in, however the stream is cut", () => {
  const frame = fc.record({ header: fc.jsonValue(), body: fc.uint8Array({ maxLength: 50 }) });
  fc.assert(
    fc.property(fc.array(frame), fc.integer({ min: 1, max: 40 }), (frames, pieceLength) => {
      const stream = Buffer.concat(
        frames.flatMap(({ header, body }) => [encodeFrameHead(header, body.length), body]),
      );
      const seen: Frame[] = [];
      const read = createFrameReader((one) => seen.push(one), 50);
      for (let at = 0; at < stream.length; at += pieceLength) {
        read(stream.subarray(at, at + pieceLength));
      }
      assert.equal(seen.length, frames.length);
      for (const [index, one] of seen.entries()) {
        assert.deepEqual(one.header, JSON.parse(JSON.stringify(frames[index]?.header)));
        assert.deepEqual([...one.body], [...(frames[index]?.body ?? [])]);
      }
    }),
  );
});

test("lengths above the limit and headers that are no JSON are refused", () => {
  const reader = (): ((piece: Buffer) => void) => createFrameReader(() => assert.fail(), 10);
  assert.throws(() => reader()(encodeFrameHead({}, 11)), RangeError);
  assert.throws(() => reader()(Buffer.alloc(10, 0xff)), RangeError);
  const noJson = encodeFrameHead("x");
  noJson.fill(0x7b, 10);
  assert.throws(() => reader()(noJson), SyntaxError);
});

test("only replies and jobs are taken for such", () => {
  const chunk = {
    ordinal: 0,
    text: "a",
    headingPath: ["b"],
    beginOffset: 0,
    endOffset: 1,
    tokens: 1,
  };
  assert.deepEqual(parseReply({ kind: "chunks", chunks: [chunk] }), {
    kind: "chunks",
    chunks: [chunk],
  });
  const result = { outcome: "failed", code: "corrupt", reason: "r" };
  assert.deepEqual(parseReply({ kind: "done", result, rssMb: 1 }), {
    kind: "done",
    result,
    rssMb: 1,
  });
  const wrong: readonly unknown[] = [
    null,
    [],
    "done",
    { kind: "other" },
    { kind: "reading" },
    { kind: "chunks", chunks: [{ ...chunk, text: 1 }] },
    { kind: "chunks", chunks: [{ ...chunk, headingPath: [1] }] },
    { kind: "chunks", chunks: [{ ...chunk, page: "1" }] },
    { kind: "done", result },
    { kind: "done", result: { outcome: "extracted", chunks: [] }, rssMb: 1 },
    { kind: "done", result: { outcome: "failed", reason: "r" }, rssMb: 1 },
  ];
  for (const value of wrong) assert.throws(() => parseReply(value), TypeError);

  const job = { fileName: "a", isFallback: false, openDocumentFormats: "read", memoryMb: 5 };
  assert.deepEqual(parseJob({ ...job, contentType: "MD" }), { ...job, contentType: "MD" });
  for (const openDocumentFormats of ["skip", "all", undefined, true]) {
    // Reading more than was asked for is what an odd job must not lead to.
    const read = parseJob({ ...job, openDocumentFormats });
    assert.deepEqual(read, { ...job, openDocumentFormats: "skip" });
  }
  for (const value of [null, {}, { ...job, memoryMb: "5" }, { ...job, fileName: 1 }]) {
    assert.throws(() => parseJob(value), TypeError);
  }
});
