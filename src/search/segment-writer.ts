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

/** The documents of a segment, member by member. */
export type SegmentDocuments = {
  readonly keys: Float64Array;
  readonly versions: Float64Array;
  readonly aclClasses: Uint32Array;
  /** Where the chunks of each begin; one more than documents. */
  readonly chunkBegins: Uint32Array;
  /** Words of each chunk. */
  readonly lengths: Uint16Array;
  /** Their attributes, as `packColumns` writes them. */
  readonly columns: () => Uint8Array;
};

/** Takes apart documents one by one into what a segment holds. */
export function segmentDocuments(documents: readonly SegmentDocument[]): SegmentDocuments {
  const chunkBegins = new Uint32Array(documents.length + 1);
  for (const [i, document] of documents.entries()) {
    chunkBegins[i + 1] = (chunkBegins[i] ?? 0) + document.lengths.length;
  }
  const lengths = new Uint16Array(chunkBegins.at(-1) ?? 0);
  for (const [i, document] of documents.entries()) lengths.set(document.lengths, chunkBegins[i]);
  return {
    keys: Float64Array.from(documents, (document) => document.documentKey),
    versions: Float64Array.from(documents, (document) => document.version),
    aclClasses: Uint32Array.from(documents, (document) => document.aclClass),
    chunkBegins,
    lengths,
    columns: () => packColumns(documents.map((document) => document.attributes)),
  };
}

/** Takes documents first, then terms in byte order. */
export class SegmentWriter {
  readonly chunks: number;
  readonly #documents: SegmentDocuments;
  readonly #lengths: Uint16Array;
  readonly #terms = new StringTableWriter();
  readonly #counts: number[] = [];
  readonly #begins: number[] = [0];
  readonly #pages = new ByteWriter();
  #taken = 0;

  constructor(documents: SegmentDocuments) {
    this.#documents = documents;
    this.#lengths = documents.lengths;
    this.chunks = documents.lengths.length;
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
    const { keys, versions, aclClasses, chunkBegins, columns } = this.#documents;
    const order = Uint32Array.from(keys.keys());
    order.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
    const { begins, bytes } = this.#terms.finish();
    const words = this.#lengths.reduce((sum, length) => sum + length, 0);
    return packSections(segmentKind, [
      Float64Array.of(this.chunks, keys.length, words, this.#taken),
      keys,
      order,
      versions,
      aclClasses,
      chunkBegins,
      this.#lengths,
      begins,
      bytes,
      Uint32Array.from(this.#counts),
      Uint32Array.from(this.#begins),
      columns(),
    ]);
  }
}
