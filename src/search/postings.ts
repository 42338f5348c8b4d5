// The postings of one term in one segment: chunk numbers going up, each with its frequency.
//
// A list of at most 128 postings is one block. A longer one starts with a directory, 20 bytes per
// block: last chunk, end of the block's data, and four pairs of frequency and length. Every
// posting of the block is outdone by one of the pairs (frequency not higher, length not lower), so
// the best score in the block is at most the best of the pairs, whatever the average length will
// be by the time of the question. Block data: differences as varints, then one byte of frequency each.
import type { ByteWriter } from "./bytes.ts";
import { type LengthNorm, termScore } from "./scoring.ts";

/** Postings in a block. */
export const blockSize = 128;

/** Bytes of a block in the directory. */
export const entryBytes = 20;

/** Pairs of frequency and length that bound a block. */
export const pairsPerBlock = 4;

/** Postings while they are being collected. */
export type PostingList = {
  readonly chunks: readonly number[];
  readonly frequencies: readonly number[];
};

type Pair = { readonly frequency: number; readonly length: number };

/** Appends the encoded form; `lengths` are those of the chunks of the segment. */
export function encodePostings(
  { chunks, frequencies }: PostingList,
  lengths: Uint16Array,
  out: ByteWriter,
): void {
  const blocks = Math.ceil(chunks.length / blockSize);
  const start = out.length;
  const directory = blocks > 1 ? blocks * entryBytes : 0;
  out.reserve(directory);
  out.length += directory;
  let previous = -1;
  for (let block = 0; block < blocks; block += 1) {
    const from = block * blockSize;
    const to = Math.min(from + blockSize, chunks.length);
    for (let i = from; i < to; i += 1) {
      const chunk = chunks[i] ?? 0;
      out.varint(chunk - previous - 1);
      previous = chunk;
    }
    for (let i = from; i < to; i += 1) out.byte(frequencies[i] ?? 0);
    if (directory === 0) return;
    const end = out.length;
    const pairs = boundingPairs({ chunks, frequencies }, lengths, { from, to });
    out.length = start + block * entryBytes;
    out.u32(previous);
    out.u32(end - start);
    for (let i = 0; i < pairsPerBlock; i += 1) out.byte(pairs[i]?.frequency ?? 0);
    for (let i = 0; i < pairsPerBlock; i += 1) {
      const length = pairs[i]?.length ?? 0;
      out.byte(length & 255);
      out.byte(length >>> 8);
    }
    out.length = end;
  }
}

/** At most four pairs that outdo every posting of the range. */
export function boundingPairs(
  { chunks, frequencies }: PostingList,
  lengths: Uint16Array,
  range: { readonly from: number; readonly to: number },
): readonly Pair[] {
  const all: Pair[] = [];
  for (let i = range.from; i < range.to; i += 1) {
    all.push({ frequency: frequencies[i] ?? 0, length: lengths[chunks[i] ?? 0] ?? 0 });
  }
  all.sort((x, y) => y.frequency - x.frequency || x.length - y.length);
  const best: Pair[] = [];
  for (const pair of all) {
    const shortest = best.at(-1)?.length ?? Infinity;
    if (pair.length < shortest) best.push(pair);
  }
  // Too many: the tail, whose frequencies are low, is bounded by one pair that nothing needs to reach.
  const kept = best.slice(0, pairsPerBlock - 1);
  const tail = best.slice(pairsPerBlock - 1);
  const last = tail.at(-1);
  if (last !== undefined) kept.push({ frequency: tail[0]?.frequency ?? 0, length: last.length });
  return kept;
}

/** The postings of one term, read block by block while the question runs through them. */
export class PostingCursor {
  /** The chunk the cursor stands on; `Infinity` behind the last. */
  chunk = -1;
  /** An upper bound for the scores of the whole list. */
  readonly scoreMax: number;
  readonly weight: number;
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #blocks: number;
  readonly #blockScores: Float64Array;
  readonly #chunks = new Uint32Array(blockSize);
  #frequenciesAt = 0;
  #block = -1;
  #decoded = -1;
  #inBlock = 0;
  #at = 0;

  constructor(options: {
    readonly bytes: Uint8Array;
    readonly count: number;
    readonly weight: number;
    readonly norm: LengthNorm;
  }) {
    const { bytes, count, weight, norm } = options;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.count = count;
    this.weight = weight;
    this.#blocks = Math.ceil(count / blockSize);
    this.#blockScores = new Float64Array(this.#blocks);
    // A short list has no directory; a posting can never score more than its weight times k1 + 1.
    if (this.#blocks <= 1)
      this.#blockScores.fill(termScore(weight, 1, 0, { fixed: 0, perWord: 0 }));
    else for (let i = 0; i < this.#blocks; i += 1) this.#blockScores[i] = this.#boundOf(i, norm);
    this.scoreMax = this.#blockScores.reduce((most, score) => Math.max(most, score), 0);
    this.seek(0);
  }

  /** The frequency at the cursor. */
  get frequency(): number {
    this.#decode();
    return this.#bytes[this.#frequenciesAt + this.#at] ?? 0;
  }

  /** Moves to the first posting at or behind `target`. */
  seek(target: number): void {
    if (this.chunk >= target) return;
    this.seekBlock(target);
    if (this.#block >= this.#blocks) {
      this.chunk = Infinity;
      return;
    }
    this.#decode();
    const chunks = this.#chunks;
    let at = this.#at;
    while (at < this.#inBlock && (chunks[at] ?? 0) < target) at += 1;
    this.#at = at;
    if (at < this.#inBlock) this.chunk = chunks[at] ?? 0;
    else {
      this.#block += 1;
      this.chunk = -1;
      this.seek(target);
    }
  }

  /** Chooses the block that would hold `target`, without reading it. */
  seekBlock(target: number): void {
    if (this.#block < 0) this.#block = 0;
    while (this.#block < this.#blocks && this.#lastOf(this.#block) < target) this.#block += 1;
  }

  /** An upper bound for the scores in the block chosen last. */
  get blockScoreMax(): number {
    return this.#blockScores[this.#block] ?? 0;
  }

  /** The last chunk the block chosen last can hold. */
  get blockLast(): number {
    return this.#block < this.#blocks ? this.#lastOf(this.#block) : Infinity;
  }

  #lastOf(block: number): number {
    // The last block bounds nothing: behind it there is no other one to go on with.
    if (this.#blocks === 1)
      return this.#decoded === 0 ? (this.#chunks[this.count - 1] ?? 0) : 2 ** 32;
    return this.#view.getUint32(block * entryBytes, true);
  }

  #boundOf(block: number, norm: LengthNorm): number {
    const entry = block * entryBytes + 8;
    let most = 0;
    for (let i = 0; i < pairsPerBlock; i += 1) {
      const frequency = this.#view.getUint8(entry + i);
      const length = this.#view.getUint16(entry + pairsPerBlock + i * 2, true);
      if (frequency > 0) most = Math.max(most, termScore(this.weight, frequency, length, norm));
    }
    return most;
  }

  #decode(): void {
    const block = this.#block;
    if (this.#decoded === block) return;
    const bytes = this.#bytes;
    const single = this.#blocks === 1;
    const inBlock = Math.min(blockSize, this.count - block * blockSize);
    let at = 0;
    if (!single) {
      at =
        block === 0
          ? this.#blocks * entryBytes
          : this.#view.getUint32((block - 1) * entryBytes + 4, true);
    }
    let chunk = block === 0 ? -1 : this.#lastOf(block - 1);
    for (let i = 0; i < inBlock; i += 1) {
      let byte = bytes[at] ?? 0;
      at += 1;
      let gap = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[at] ?? 0;
        at += 1;
        gap |= (byte & 127) << shift;
      }
      chunk += (gap >>> 0) + 1;
      this.#chunks[i] = chunk;
    }
    this.#frequenciesAt = at;
    this.#inBlock = inBlock;
    this.#decoded = block;
    this.#at = 0;
  }
}

/** The chunks of an encoded list, in order, without their frequencies: for counting. */
export function eachChunk(bytes: Uint8Array, count: number, visit: (chunk: number) => void): void {
  const blocks = Math.ceil(count / blockSize);
  let at = blocks > 1 ? blocks * entryBytes : 0;
  let chunk = -1;
  for (let left = count; left > 0; left -= blockSize) {
    const inBlock = Math.min(blockSize, left);
    for (let i = 0; i < inBlock; i += 1) {
      let byte = bytes[at] ?? 0;
      at += 1;
      let gap = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[at] ?? 0;
        at += 1;
        gap |= (byte & 127) << shift;
      }
      chunk += (gap >>> 0) + 1;
      visit(chunk);
    }
    at += inBlock;
  }
}

/** Every posting of an encoded list, in order: for merges. */
export function decodePostings(
  bytes: Uint8Array,
  count: number,
  visit: (chunk: number, frequency: number) => void,
): void {
  const blocks = Math.ceil(count / blockSize);
  let at = blocks > 1 ? blocks * entryBytes : 0;
  let previous = -1;
  for (let block = 0; block < blocks; block += 1) {
    const inBlock = Math.min(blockSize, count - block * blockSize);
    const chunks = new Uint32Array(inBlock);
    for (let i = 0; i < inBlock; i += 1) {
      let byte = bytes[at] ?? 0;
      at += 1;
      let gap = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[at] ?? 0;
        at += 1;
        gap |= (byte & 127) << shift;
      }
      previous += (gap >>> 0) + 1;
      chunks[i] = previous;
    }
    for (const chunk of chunks) {
      visit(chunk, bytes[at] ?? 0);
      at += 1;
    }
  }
}
