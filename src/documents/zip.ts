import { inflateRawSync } from "node:zlib";
import { DocumentFailure } from "./failure.ts";
import { documentLimits } from "./limits.ts";

/** One file in a zip container, as its central directory describes it. */
export type ZipEntry = {
  readonly name: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  /** 0 is stored, 8 is deflated. */
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly localOffset: number;
};

// Source of the layouts: PKWARE's APPNOTE, "Central directory structure".
const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
const centralLength = 46;
const localLength = 30;
const commentMax = 65_535;
const zip64Mark = 0xffffffff;

/**
 * Reads the central directory without unpacking anything; `undefined` when there is none that
 * makes sense (the file is cut off or no zip). Stops at the limit on entries.
 */
export function readZipDirectory(bytes: Buffer): readonly ZipEntry[] | undefined {
  const end = findEnd(bytes);
  if (end === undefined) return undefined;
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  // With ZIP64 the count may be a marker, so the signatures decide where the directory ends.
  const isMarker = count === 0xffff;
  const most = Math.min(isMarker ? Infinity : count, documentLimits.zipEntriesMax + 1);
  while (entries.length < most) {
    const entry = readEntry(bytes, at, end);
    if (entry === undefined) {
      if (isMarker) break;
      return undefined;
    }
    entries.push(entry.entry);
    at = entry.next;
  }
  return entries;
}

function findEnd(bytes: Buffer): number | undefined {
  const lowest = Math.max(0, bytes.length - endLength - commentMax);
  for (let at = bytes.length - endLength; at >= lowest; at -= 1) {
    if (bytes[at] === 0x50 && bytes.readUInt32LE(at) === endSignature) return at;
  }
  return undefined;
}

function readEntry(
  bytes: Buffer,
  at: number,
  end: number,
): { readonly entry: ZipEntry; readonly next: number } | undefined {
  if (at + centralLength > end || bytes.readUInt32LE(at) !== centralSignature) return undefined;
  const nameLength = bytes.readUInt16LE(at + 28);
  const extraBegin = at + centralLength + nameLength;
  const extraLength = bytes.readUInt16LE(at + 30);
  const next = extraBegin + extraLength + bytes.readUInt16LE(at + 32);
  if (next > end) return undefined;
  const sizes = {
    unpackedBytes: bytes.readUInt32LE(at + 24),
    packedBytes: bytes.readUInt32LE(at + 20),
    localOffset: bytes.readUInt32LE(at + 42),
  };
  const entry: ZipEntry = {
    name: bytes.toString("utf8", at + centralLength, extraBegin),
    method: bytes.readUInt16LE(at + 10),
    isEncrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
    ...sizes,
    ...zip64Sizes(bytes.subarray(extraBegin, extraBegin + extraLength), sizes),
  };
  return { entry, next };
}

/** The 64-bit values that stand in the extra field for the members that hold only the marker. */
function zip64Sizes<T extends Readonly<Record<string, number>>>(
  extra: Buffer,
  sizes: T,
): Partial<Record<keyof T, number>> {
  const found: Partial<Record<keyof T, number>> = {};
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let value = at + 4;
    for (const member of Object.keys(sizes) as (keyof T)[]) {
      if (sizes[member] !== zip64Mark || value + 8 > extra.length) continue;
      found[member] = Number(extra.readBigUInt64LE(value));
      value += 8;
    }
  }
  return found;
}

/** Refuses containers that would unpack to too much, judged before anything is unpacked. */
export function checkZip(entries: readonly ZipEntry[], packedBytes: number): void {
  const { zipEntriesMax, unpackedBytesMax, unpackedRatioMax, unpackedFreeBytes } = documentLimits;
  if (entries.length > zipEntriesMax) {
    throw new DocumentFailure(
      "unsafe",
      `The file holds more than ${zipEntriesMax} parts. Save it again with the program that made it.`,
    );
  }
  const total = entries.reduce((sum, entry) => sum + entry.unpackedBytes, 0);
  const isOutOfProportion = total > unpackedFreeBytes && total > packedBytes * unpackedRatioMax;
  if (total > unpackedBytesMax || isOutOfProportion) {
    throw new DocumentFailure(
      "unsafe",
      `The file unpacks from ${megabytes(packedBytes)} to ${megabytes(total)}, which looks like a ` +
        `decompression bomb (limit ${megabytes(unpackedBytesMax)}). Split it or save it as PDF.`,
    );
  }
  if (entries.some((entry) => entry.isEncrypted)) {
    throw new DocumentFailure("encrypted", "The file is encrypted. Save it without a password.");
  }
}

/** The unpacked bytes of one entry. Never unpacks more than the directory promised. */
export function readZipEntry(bytes: Buffer, entry: ZipEntry): Buffer {
  const at = entry.localOffset;
  if (at + localLength > bytes.length || bytes.readUInt32LE(at) !== localSignature) throw broken();
  const begin = at + localLength + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  const packed = bytes.subarray(begin, begin + entry.packedBytes);
  if (packed.length !== entry.packedBytes) throw broken();
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw broken();
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.unpackedBytes) });
  } catch (error) {
    // Both a broken stream and one that is longer than promised.
    throw broken(error);
  }
}

function broken(cause?: unknown): DocumentFailure {
  const reason =
    "A part of the file is damaged. Open it in the program that made it and save it again.";
  const failure = new DocumentFailure("corrupt", reason);
  if (cause !== undefined) failure.cause = cause;
  return failure;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
