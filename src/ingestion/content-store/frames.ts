// Files of sealed content: a row of frames, so that a large file never has to be in memory. Each frame
// is bound to its file, its number and whether it is the last: none can be left out, swapped or added.
import {
  BrokenSealError,
  type ContentCipher,
  sealedOverheadBytes,
} from "../../core/content-cipher.ts";

const frameBytes = 1024 * 1024;
const lengthBytes = 4;

/** Seals a stream of bytes: each frame is its length (4 bytes) and up to a MiB of content, sealed. */
export async function* sealFrames(
  cipher: ContentCipher,
  file: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  let number = 0;
  for await (const bytes of content) {
    for (let from = 0; from < bytes.length;) {
      // A full frame waits for the first byte after it: only then is it known not to be the last.
      if (size === frameBytes) {
        yield* frame(false);
      }
      const piece = bytes.subarray(from, from + frameBytes - size);
      waiting.push(piece);
      size += piece.length;
      from += piece.length;
    }
  }
  yield* frame(true);

  function frame(isLast: boolean): readonly Uint8Array[] {
    const sealed = cipher.seal(placeOf(file, number, isLast), Buffer.concat(waiting));
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32BE(sealed.length);
    waiting = [];
    size = 0;
    number += 1;
    return [length, sealed];
  }
}

/**
 * Opens what `sealFrames` made, frame by frame.
 *
 * @throws BrokenSealError, in the middle of the stream, where it is not what was sealed.
 */
export async function* openFrames(
  cipher: ContentCipher,
  file: string,
  stored: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for await (const bytes of stored) {
    rest = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
    // A frame is given out once there is something behind it: the last one is opened as the last.
    for (let sealed = firstFrame(rest); sealed !== undefined; sealed = firstFrame(rest)) {
      const end = lengthBytes + sealed.length;
      if (rest.length === end) break;
      yield cipher.open(placeOf(file, number, false), sealed);
      number += 1;
      rest = rest.subarray(end);
    }
  }
  const last = firstFrame(rest);
  if (last === undefined) throw new BrokenSealError(`The file ${file} is cut off.`);
  yield cipher.open(placeOf(file, number, true), last);
}

/** The frame that a buffer begins with, if all of it is there. */
function firstFrame(bytes: Buffer): Buffer | undefined {
  if (bytes.length < lengthBytes) return undefined;
  const length = bytes.readUInt32BE(0);
  if (length > frameBytes + sealedOverheadBytes) {
    throw new BrokenSealError("A frame is longer than any that was written.");
  }
  if (bytes.length < lengthBytes + length) return undefined;
  return bytes.subarray(lengthBytes, lengthBytes + length);
}

function placeOf(file: string, number: number, isLast: boolean): string {
  return `content/${file}/${number}${isLast ? "/last" : ""}`;
}
