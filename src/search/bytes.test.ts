import assert from "node:assert/strict";
import { test } from "node:test";
import { asF64, asU16, asU32, ByteWriter, packSections, unpackSections } from "./bytes.ts";

const kind = { magic: 0x12345678, version: 3 };

test("sections come back as they were packed, whatever lies between them", () => {
  const blob = packSections(kind, [
    Uint8Array.of(1, 2, 3),
    Float64Array.of(1.5, -2),
    Uint16Array.of(65_535),
    new Uint8Array(0),
    Uint32Array.of(4_294_967_295),
  ]);
  // Views need aligned bytes; what the database gives may lie anywhere.
  const moved = new Uint8Array(blob.length + 3);
  moved.set(blob, 3);
  for (const bytes of [blob, moved.subarray(3)]) {
    const [a, b, c, d, e] = unpackSections({ ...kind, count: 5 }, bytes);
    assert.deepEqual([...(a ?? [])], [1, 2, 3]);
    assert.deepEqual([...asF64(b ?? new Uint8Array(0))], [1.5, -2]);
    assert.deepEqual([...asU16(c ?? new Uint8Array(0))], [65_535]);
    assert.equal(d?.length, 0);
    assert.deepEqual([...asU32(e ?? new Uint8Array(0))], [4_294_967_295]);
  }
});

test("a blob of another kind, version, number of sections or length is refused with the reason", () => {
  const blob = packSections(kind, [Uint8Array.of(1, 2, 3)]);
  const refused = (change: Partial<typeof kind & { count: number }>, bytes = blob): void => {
    unpackSections({ ...kind, count: 1, ...change }, bytes);
  };
  assert.doesNotThrow(() => refused({}));
  assert.throws(() => refused({ magic: 1 }), /does not begin as it should/);
  assert.throws(() => refused({ version: 2 }), /format version 3, not 2/);
  assert.throws(() => refused({ count: 0 }), /table of contents/);
  assert.throws(() => refused({}, blob.subarray(0, 20)), /too short/);
  assert.throws(() => refused({}, blob.subarray(0, blob.length - 1)), /outside/);
});

test("a byte writer gives back what was written, and takes from the front", () => {
  const writer = new ByteWriter();
  for (let i = 0; i < 5000; i += 1) writer.byte(i & 255);
  writer.varint(300);
  writer.u32(0xdeadbeef);
  assert.equal(writer.shift(4990).length, 4990);
  assert.deepEqual(
    [...writer.toBytes()],
    [126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 0xac, 2, 0xef, 0xbe, 0xad, 0xde],
  );
});
