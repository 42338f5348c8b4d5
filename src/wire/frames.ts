import { crc32 } from "node:zlib";
import { cannotParse } from "./errors.ts";
import { decodeHeaders, encodeHeaders } from "./frame-headers.ts";
import type { FrameHeaders } from "./frame-headers.ts";

/** One message of an event stream. */
export type Frame = { readonly headers: FrameHeaders; readonly payload: Buffer };

/** Takes bytes in any portions and gives the messages that they complete. */
export type FrameDecoder = {
  /** The messages that end in this portion. Throws ValidationException for bytes that are none. */
  readonly push: (bytes: Uint8Array) => readonly Frame[];
  /** To be called when the stream ends: throws when it ends inside a message. */
  readonly end: () => void;
};

const preludeSizeBytes = 12;
const overheadBytes = preludeSizeBytes + 4;
const headersSizeBytesMax = 128 * 1024;
/** A payload of 16 MiB with its headers, and the same again for the signed frame around it. */
const frameSizeBytesMax = 16 * 1024 * 1024 + 2 * (headersSizeBytesMax + overheadBytes);

/** The bytes of a message. Source: Amazon event stream specification, "Message encoding". */
export function encodeFrame({ headers, payload }: Frame): Buffer {
  const headerBytes = encodeHeaders(headers);
  const total = overheadBytes + headerBytes.length + payload.length;
  const bytes = Buffer.allocUnsafe(total);
  bytes.writeUInt32BE(total, 0);
  bytes.writeUInt32BE(headerBytes.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  headerBytes.copy(bytes, preludeSizeBytes);
  payload.copy(bytes, preludeSizeBytes + headerBytes.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, total - 4)), total - 4);
  return bytes;
}

/** Reads bytes that hold exactly one message. Throws ValidationException (CANNOT_PARSE). */
export function decodeFrame(bytes: Buffer): Frame {
  if (bytes.length < overheadBytes || readPrelude(bytes, frameSizeBytesMax) !== bytes.length) {
    throw cannotParse("The event stream holds a message of the wrong length.");
  }
  const end = bytes.length - 4;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) throw badChecksum();
  const headersEnd = preludeSizeBytes + bytes.readUInt32BE(4);
  const headers = decodeHeaders(bytes.subarray(preludeSizeBytes, headersEnd));
  if (headers === undefined) throw cannotParse("The event stream holds broken headers.");
  return { headers, payload: bytes.subarray(headersEnd, end) };
}

/**
 * A decoder for one stream. It keeps at most one unfinished message and refuses a message that is
 * too long as soon as its first 12 bytes are there. After an error it takes nothing more.
 */
export function createFrameDecoder(options?: { readonly sizeBytesMax?: number }): FrameDecoder {
  const sizeBytesMax = options?.sizeBytesMax ?? frameSizeBytesMax;
  let store = Buffer.alloc(0);
  let used = 0;
  let isBroken = false;

  /** Room grows by doubling, so that a message in one-byte portions costs no more than its size. */
  function append(bytes: Uint8Array): void {
    if (used + bytes.length > store.length) {
      const grown = Buffer.allocUnsafe(Math.max(store.length * 2, used + bytes.length));
      store.copy(grown, 0, 0, used);
      store = grown;
    }
    store.set(bytes, used);
    used += bytes.length;
  }

  function take(): readonly Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (used - at >= preludeSizeBytes) {
      const total = readPrelude(store.subarray(at, used), sizeBytesMax);
      if (used - at < total) break;
      frames.push(decodeFrame(store.subarray(at, at + total)));
      at += total;
    }
    if (at > 0) {
      // The frames go on using the old room: what is left moves to a new one.
      store = Buffer.from(store.subarray(at, used));
      used = store.length;
    }
    return frames;
  }

  return {
    push: (bytes) => {
      if (isBroken) throw cannotParse("The event stream is broken.");
      isBroken = true;
      append(bytes);
      const frames = take();
      isBroken = false;
      return frames;
    },
    end: () => {
      if (used > 0) throw cannotParse("The event stream ends inside a message.");
    },
  };
}

/** Checks the first 12 bytes of a message and gives its total length. */
function readPrelude(bytes: Buffer, sizeBytesMax: number): number {
  const total = bytes.readUInt32BE(0);
  const headers = bytes.readUInt32BE(4);
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8)) throw badChecksum();
  if (total > sizeBytesMax || headers > headersSizeBytesMax) {
    throw cannotParse(
      `The event stream holds a message of ${total} bytes; the limit is ${sizeBytesMax}.`,
    );
  }
  if (total < overheadBytes + headers) {
    throw cannotParse("The event stream holds a message of the wrong length.");
  }
  return total;
}

function badChecksum(): Error {
  return cannotParse("The event stream holds a message with a wrong checksum.");
}
