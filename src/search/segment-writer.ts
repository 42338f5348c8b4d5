// Writes a segment: the head with everything but postings, and the postings in pages of equal
// size, so that a question reads only the pages that its words are on.
import { ByteWriter, packSections } from "./bytes.ts";
import { type PlainAttributes, packColumns } from "./columns.ts";
import { encodePostings, type PostingList } from "./postings.ts";
import { StringTableWriter } from "./string-table.ts";

/** First word of a segment's head: "QSEG". */
export const segmentKind = { magic: 0x47455351, version: 1, count: 12 } as const;

/** Size of a page of postings. */
export const postingPageBytes = 65_536;

/** One document of a segment. */
export type SegmentDocument = {
  readonly documentKey: number;
  readonly version: number;
  readonly aclClass: number;
  readonly attributes: PlainAttributes;
  /** Words of each of its chunks. */
  readonly lengths: ArrayLike<number>;
};

/** Takes documents first, then terms in byte order. */
export class SegmentWriter {
  readonly chunks: number;
  readonly #documents: readonly SegmentDocument[];
  readonly #chunkBegins: Uint32Array;
  readonly #lengths: Uint16Array;
  readonly #terms = new StringTableWriter();
  readonly #counts: number[] = [];
  readonly #begins: number[] = [0];
  readonly #pages = new ByteWriter();
  #taken = 0;

  constructor(documents: readonly SegmentDocument[]) {
    this.#documents = documents;
    this.#chunkBegins = new Uint32Array(documents.length + 1);
    for (const [i, document] of documents.entries()) {
      this.#chunkBegins[i + 1] = (this.#chunkBegins[i] ?? 0) + document.lengths.length;
    }
    this.chunks = this.#chunkBegins.at(-1) ?? 0;
    this.#lengths = new Uint16Array(this.chunks);
    for (const [i, document] of documents.entries()) {
      this.#lengths.set(document.lengths, this.#chunkBegins[i]);
    }
  }

  /** Adds a term that comes behind all earlier ones in byte order. */
  addTerm(term: Uint8Array, postings: PostingList): void {
    encodePostings(postings, this.#lengths, this.#pages);
    this.#terms.push(term);
    this.#counts.push(postings.chunks.length);
    this.#begins.push(this.#taken + this.#pages.length);
  }

  /** Full pages of postings that have not been taken yet. */
  takePages(): readonly Uint8Array[] {
    const full = Math.floor(this.#pages.length / postingPageBytes);
    if (full === 0) return [];
    const bytes = this.#pages.shift(full * postingPageBytes);
    this.#taken += bytes.length;
    return Array.from({ length: full }, (_, i) =>
      bytes.slice(i * postingPageBytes, (i + 1) * postingPageBytes),
    );
  }

  /** The last pages and the head. */
  finish(): { readonly pages: readonly Uint8Array[]; readonly head: Uint8Array } {
    const pages = [...this.takePages()];
    if (this.#pages.length > 0) {
      this.#taken += this.#pages.length;
      pages.push(this.#pages.shift(this.#pages.length));
    }
    return { pages, head: this.#head() };
  }

  #head(): Uint8Array {
    const documents = this.#documents;
    const keys = Float64Array.from(documents, (document) => document.documentKey);
    const order = Uint32Array.from(documents.keys());
    order.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
    const { begins, bytes } = this.#terms.finish();
    const words = this.#lengths.reduce((sum, length) => sum + length, 0);
    return packSections(segmentKind, [
      Float64Array.of(this.chunks, documents.length, words, this.#taken),
      keys,
      order,
      Float64Array.from(documents, (document) => document.version),
      Uint32Array.from(documents, (document) => document.aclClass),
      this.#chunkBegins,
      this.#lengths,
      begins,
      bytes,
      Uint32Array.from(this.#counts),
      Uint32Array.from(this.#begins),
      packColumns(documents.map((document) => document.attributes)),
    ]);
  }
}
