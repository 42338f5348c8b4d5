import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { BrokenSealError, contentCipher } from "../../core/content-cipher.ts";
import { openFrames, sealFrames } from "./frames.ts";

const keys = [{ id: 1, bytes: randomBytes(32) }];
const cipher = contentCipher({ applicationId: "a1", keys });
const mib = 1024 * 1024;

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A stream of pieces of a size of their own. */
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const sealed = (content: Buffer, pieces = 65_536, file = "f"): Promise<Buffer> =>
  collect(sealFrames(cipher, file, inPieces(content, pieces)));
const opened = (stored: Buffer, pieces = 65_536, file = "f"): Promise<Buffer> =>
  collect(openFrames(cipher, file, inPieces(stored, pieces)));

/** The frames of a file, lengths included. */
function framesOf(stored: Buffer): readonly Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < stored.length;) {
    const end = at + 4 + stored.readUInt32BE(at);
    frames.push(stored.subarray(at, end));
    at = end;
  }
  return frames;
}

test("a file comes back whole, whatever the pieces that it travels in", async () => {
  const law = fc.asyncProperty(
    fc.constantFrom(0, 1, 4, mib - 1, mib, mib + 1, 2 * mib, 2 * mib + 5),
    fc.constantFrom(3000, 65_536, mib, mib + 7, 3 * mib),
    fc.constantFrom(4097, 65_536, mib + 90, 4 * mib),
    async (size, written, read) => {
      const content = randomBytes(size);
      assert.ok((await opened(await sealed(content, written), read)).equals(content));
    },
  );
  await fc.assert(law, { numRuns: 25 });
  const tiny = await sealed(Buffer.from("one byte at a time"), 1);
  assert.equal((await opened(tiny, 1)).toString(), "one byte at a time");
});

test("frames hold a MiB each, and the content in none of them", async () => {
  const content = Buffer.from("canary ".repeat(400_000));
  const stored = await sealed(content);
  assert.equal(framesOf(stored).length, Math.ceil(content.length / mib));
  assert.ok(!stored.includes("canary"));
});

test("what is cut off, left out, swapped, repeated or of another file is refused", async () => {
  const stored = await sealed(randomBytes(3 * mib));
  const [a = stored, b = stored, c = stored] = framesOf(stored);
  const broken: readonly (readonly [string, Buffer])[] = [
    ["nothing at all", Buffer.alloc(0)],
    ["a part of a length", stored.subarray(0, 3)],
    ["the last byte gone", stored.subarray(0, -1)],
    ["the last frame gone", Buffer.concat([a, b])],
    ["the first frame gone", Buffer.concat([b, c])],
    ["one in the middle gone", Buffer.concat([a, c])],
    ["two swapped", Buffer.concat([b, a, c])],
    ["one twice", Buffer.concat([a, a, b, c])],
    ["another one behind the last", Buffer.concat([a, b, c, c])],
    ["a length beyond all frames", Buffer.from("ffffffff00", "hex")],
  ];
  for (const [what, bytes] of broken) {
    await assert.rejects(opened(bytes), BrokenSealError, what);
  }
  await assert.rejects(opened(stored, 65_536, "other"), BrokenSealError);
  const flipped = Buffer.from(stored);
  flipped[mib + 500] = (flipped[mib + 500] ?? 0) ^ 1;
  await assert.rejects(opened(flipped), BrokenSealError);
});
