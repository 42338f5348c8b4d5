import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { ApiError } from "./errors.ts";
import type { FrameHeaders, HeaderValue } from "./frame-headers.ts";
import { createFrameDecoder, decodeFrame, encodeFrame } from "./frames.ts";
import type { Frame } from "./frames.ts";

const header: fc.Arbitrary<HeaderValue> = fc.oneof(
  fc.boolean().map((value) => ({ type: "boolean", value }) as const),
  fc.integer({ min: -128, max: 127 }).map((value) => ({ type: "byte", value }) as const),
  fc.integer({ min: -32768, max: 32767 }).map((value) => ({ type: "short", value }) as const),
  fc.integer().map((value) => ({ type: "integer", value }) as const),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => ({ type: "long", value }) as const),
  fc
    .uint8Array({ maxLength: 40 })
    .map((value) => ({ type: "binary", value: Buffer.from(value) }) as const),
  fc
    .string({ unit: "grapheme", maxLength: 20 })
    .map((value) => ({ type: "string", value }) as const),
  fc.date({ noInvalidDate: true }).map((value) => ({ type: "timestamp", value }) as const),
  fc.uuid().map((value) => ({ type: "uuid", value }) as const),
);
const name = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 30 });
const frame: fc.Arbitrary<Frame> = fc
  .tuple(fc.array(fc.tuple(name, header), { maxLength: 6 }), fc.uint8Array({ maxLength: 200 }))
  .map(([headers, payload]) => ({ headers: new Map(headers), payload: Buffer.from(payload) }));

const text = (value: string): HeaderValue => ({ type: "string", value });
const small: Frame = { headers: new Map([["a", text("b")]]), payload: Buffer.from("xyz") };

function withChecksums(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return bytes;
}

function refuses(run: () => unknown, words: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal((error.members as { reason?: string }).reason, "CANNOT_PARSE");
    assert.match(error.message, words);
    return true;
  });
}

test("the smallest message and one with a header stand on the wire as specified", () => {
  const empty = encodeFrame({ headers: new Map(), payload: Buffer.alloc(0) });
  assert.equal(empty.toString("hex"), "000000100000000005c248eb7d98c8ff");
  const bytes = encodeFrame(small);
  assert.equal(bytes.readUInt32BE(0), bytes.length);
  assert.equal(bytes.subarray(12, 18).toString("hex"), "016107000162");
  assert.equal(bytes.subarray(18, 21).toString(), "xyz");
});

test("decoding undoes encoding, with all ten types of header", () => {
  const types = new Set<string>();
  fc.assert(
    fc.property(frame, (each) => {
      for (const { type, value } of each.headers.values()) types.add(`${type}${value === true}`);
      assert.deepEqual(decodeFrame(encodeFrame(each)), each);
    }),
    { numRuns: 500 },
  );
  assert.equal(types.size, 10);
});

test("any split of the bytes gives the same messages", () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), cuts, (frames, positions) => {
      const bytes = Buffer.concat(frames.map(encodeFrame));
      const decoder = createFrameDecoder();
      const decoded: Frame[] = [];
      let at = 0;
      for (const position of [...positions.sort((a, b) => a - b), bytes.length]) {
        decoded.push(...decoder.push(bytes.subarray(at, position)));
        at = Math.min(position, bytes.length);
      }
      decoder.end();
      assert.deepEqual(decoded, frames);
    }),
    { numRuns: 500 },
  );
});

test("a message in one-byte portions arrives, in linear time", () => {
  const big: Frame = { headers: new Map(), payload: Buffer.alloc(1_000_000, 7) };
  const decoder = createFrameDecoder();
  const frames: Frame[] = [];
  for (const byte of encodeFrame(big)) frames.push(...decoder.push(Uint8Array.of(byte)));
  assert.deepEqual(frames, [big]);
});

test("a frame keeps its payload when more bytes arrive", () => {
  const decoder = createFrameDecoder();
  const bytes = encodeFrame(small);
  const [first] = decoder.push(Buffer.concat([bytes, bytes.subarray(0, 5)]));
  decoder.push(bytes.subarray(5));
  decoder.push(Buffer.from(bytes).fill(bytes));
  assert.equal(first?.payload.toString(), "xyz");
});

test("a flipped bit anywhere is noticed", () => {
  const bytes = encodeFrame(small);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const broken = Buffer.from(bytes);
    broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.throws(() => decodeFrame(broken), ApiError, `bit ${bit}`);
  }
});

test("lengths that lie are refused as soon as the prelude is there", () => {
  const prelude = (total: number, headers: number): Buffer => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32BE(total, 0);
    bytes.writeUInt32BE(headers, 4);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
    return bytes;
  };
  refuses(() => createFrameDecoder().push(prelude(0xffffffff, 0)), /limit is/);
  refuses(() => createFrameDecoder().push(prelude(300_000, 128 * 1024 + 1)), /limit is/);
  refuses(() => createFrameDecoder({ sizeBytesMax: 100 }).push(prelude(101, 0)), /limit is 100/);
  refuses(() => createFrameDecoder().push(prelude(15, 0)), /wrong length/);
  refuses(() => createFrameDecoder().push(prelude(20, 5)), /wrong length/);
  refuses(() => decodeFrame(Buffer.concat([encodeFrame(small), Buffer.from("x")])), /wrong length/);
  refuses(() => decodeFrame(Buffer.alloc(3)), /wrong length/);
});

test("broken headers are refused", () => {
  const raw = (...bytes: readonly number[]): Buffer => {
    const whole = Buffer.concat([Buffer.alloc(12), Buffer.from(bytes), Buffer.alloc(4)]);
    whole.writeUInt32BE(whole.length, 0);
    whole.writeUInt32BE(bytes.length, 4);
    return withChecksums(whole);
  };
  const broken: readonly (readonly number[])[] = [
    [0],
    [0, 0],
    [1],
    [1, 97],
    [1, 97, 10],
    [1, 97, 4, 0, 0, 0],
    [1, 97, 7],
    [1, 97, 7, 0],
    [1, 97, 7, 0, 5, 98],
    [200, 97],
    [1, 97, 0, 1, 97, 0],
    [1, 97, 8, 0x7f, 255, 255, 255, 255, 255, 255, 255],
    [1, 0xff, 0],
    [1, 97, 7, 0, 1, 0xff],
  ];
  for (const bytes of broken) refuses(() => decodeFrame(raw(...bytes)), /broken headers/);
  const good: FrameHeaders = decodeFrame(raw(1, 97, 0)).headers;
  assert.deepEqual(good.get("a"), { type: "boolean", value: true });
});

test("a stream that ends inside a message, or goes on after an error, is refused", () => {
  const decoder = createFrameDecoder();
  decoder.push(encodeFrame(small).subarray(0, 20));
  refuses(() => decoder.end(), /ends inside/);
  const broken = createFrameDecoder();
  refuses(() => broken.push(Buffer.alloc(12)), /checksum/);
  refuses(() => broken.push(encodeFrame(small)), /is broken/);
});

test("random bytes, with right checksums or without, give frames or ApiError", () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 120 });
  fc.assert(
    fc.property(bytes, fc.boolean(), fc.nat({ max: 40 }), (values, isSealed, headersLength) => {
      const raw = Buffer.from(values);
      if (isSealed) {
        raw.writeUInt32BE(raw.length, 0);
        raw.writeUInt32BE(headersLength, 4);
        withChecksums(raw);
      }
      try {
        createFrameDecoder().push(raw);
        decodeFrame(raw);
      } catch (error) {
        assert.ok(error instanceof ApiError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test("header names and UUIDs that cannot be written are bugs", () => {
  const write = (headers: FrameHeaders): Buffer =>
    encodeFrame({ headers, payload: Buffer.alloc(0) });
  assert.throws(() => write(new Map([["", text("x")]])), { code: "ERR_ASSERTION" });
  assert.throws(() => write(new Map([["n".repeat(256), text("x")]])), { code: "ERR_ASSERTION" });
  assert.throws(() => write(new Map([["n", { type: "uuid", value: "12" }]])), {
    code: "ERR_ASSERTION",
  });
});
