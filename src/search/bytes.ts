// Growing byte buffers and the container of a segment's head: sections one after the other, each
// aligned so that a typed array can look straight into the blob. Numbers are little-endian, as on
// every machine that Node runs on.

/** Bytes that grow; doubling keeps appending linear. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  length = 0;

  /** Room for `count` more bytes; gives the buffer to write into at `length`. */
  reserve(count: number): Uint8Array {
    if (this.length + count > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    return this.#bytes;
  }

  byte(value: number): void {
    this.reserve(1)[this.length] = value;
    this.length += 1;
  }

  /** Seven bits a byte, lowest first; `value` below 2^32. */
  varint(value: number): void {
    const bytes = this.reserve(5);
    let rest = value;
    while (rest > 127) {
      bytes[this.length] = (rest & 127) | 128;
      this.length += 1;
      rest >>>= 7;
    }
    bytes[this.length] = rest;
    this.length += 1;
  }

  u32(value: number): void {
    const bytes = this.reserve(4);
    for (let shift = 0; shift < 32; shift += 8) {
      bytes[this.length] = (value >>> shift) & 255;
      this.length += 1;
    }
  }

  append(data: Uint8Array): void {
    this.reserve(data.length).set(data, this.length);
    this.length += data.length;
  }

  /** Takes out the first `count` bytes. */
  shift(count: number): Uint8Array {
    const taken = this.#bytes.slice(0, count);
    this.#bytes.copyWithin(0, count, this.length);
    this.length -= count;
    return taken;
  }

  /** A copy of everything written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }
}

const alignment = 8;

/** Typed arrays that can be sections. */
export type Section = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/**
 * Sections into one blob: `[magic, version, count, 0]` as 32-bit words, then begin and length in
 * bytes of each section, then the sections.
 */
export function packSections(
  kind: { readonly magic: number; readonly version: number },
  sections: readonly Section[],
): Uint8Array {
  const head = 16 + sections.length * 8;
  let end = head;
  const begins = sections.map((section) => {
    const begin = Math.ceil(end / alignment) * alignment;
    end = begin + section.byteLength;
    return begin;
  });
  const blob = new Uint8Array(end);
  const words = new Uint32Array(blob.buffer, 0, head / 4);
  words.set([kind.magic, kind.version, sections.length, 0]);
  for (const [i, section] of sections.entries()) {
    const begin = begins[i] ?? 0;
    words.set([begin, section.byteLength], 4 + i * 2);
    blob.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), begin);
  }
  return blob;
}

/**
 * The sections of a blob, in order, as views into it.
 *
 * @throws Error saying what is wrong where the blob is of another kind, version or length.
 */
export function unpackSections(
  kind: { readonly magic: number; readonly version: number; readonly count: number },
  blob: Uint8Array,
): readonly Uint8Array[] {
  const bytes = blob.byteOffset % alignment === 0 ? blob : blob.slice();
  const head = 16 + kind.count * 8;
  if (bytes.length < head) throw new Error("it is too short");
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, head / 4);
  if (words[0] !== kind.magic) throw new Error("it does not begin as it should");
  if (words[1] !== kind.version) {
    throw new Error(`it has format version ${words[1]}, not ${kind.version}`);
  }
  if (words[2] !== kind.count) throw new Error("its table of contents is wrong");
  return Array.from({ length: kind.count }, (_, i) => {
    const begin = words[4 + i * 2] ?? 0;
    const length = words[5 + i * 2] ?? 0;
    if (begin < head || begin % alignment !== 0 || begin + length > bytes.length) {
      throw new Error("a section lies outside of it");
    }
    return bytes.subarray(begin, begin + length);
  });
}

/** A section as 32-bit numbers. */
export function asU32(section: Uint8Array): Uint32Array {
  return new Uint32Array(section.buffer, section.byteOffset, section.byteLength >>> 2);
}

/** A section as 16-bit numbers. */
export function asU16(section: Uint8Array): Uint16Array {
  return new Uint16Array(section.buffer, section.byteOffset, section.byteLength >>> 1);
}

/** A section as floating-point numbers. */
export function asF64(section: Uint8Array): Float64Array {
  return new Float64Array(section.buffer, section.byteOffset, section.byteLength >>> 3);
}
