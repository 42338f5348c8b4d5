// Reads a segment. The head stays in memory as it lies in the database, as views into one blob;
// pages of postings come on demand.
import { asF64, asU16, asU32, unpackSections } from "./bytes.ts";
import { type Columns, unpackColumns } from "./columns.ts";
import { postingPageBytes, segmentKind } from "./segment-writer.ts";
import { findString, readStringTable, type StringTable, tableSize } from "./string-table.ts";

/** The head of a segment, unpacked. */
export type SegmentHead = {
  readonly chunks: number;
  readonly documents: number;
  readonly words: number;
  readonly documentKeys: Float64Array;
  /** Documents in order of their keys. */
  readonly keyOrder: Uint32Array;
  readonly versions: Float64Array;
  readonly aclClasses: Uint32Array;
  /** First chunk of each document, and the number of chunks at the end. */
  readonly chunkBegins: Uint32Array;
  /** The document of each chunk. */
  readonly documentOf: Uint32Array;
  readonly lengths: Uint16Array;
  readonly terms: StringTable;
  /** Chunks that hold each term. */
  readonly counts: Uint32Array;
  /** Where the postings of each term begin, over all pages, and where the last end. */
  readonly postingBegins: Uint32Array;
  readonly columns: Columns;
  readonly bytes: number;
};

/**
 * Unpacks the head of a segment.
 *
 * @throws Error saying what is wrong with the bytes.
 */
export function readSegmentHead(blob: Uint8Array): SegmentHead {
  const sections = unpackSections(segmentKind, blob);
  const section = (i: number): Uint8Array => sections[i] ?? new Uint8Array(0);
  const [chunks = 0, documents = 0, words = 0] = asF64(section(0));
  const terms = readStringTable(section(7), section(8));
  const head = {
    chunks,
    documents,
    words,
    documentKeys: asF64(section(1)),
    keyOrder: asU32(section(2)),
    versions: asF64(section(3)),
    aclClasses: asU32(section(4)),
    chunkBegins: asU32(section(5)),
    lengths: asU16(section(6)),
    terms,
    counts: asU32(section(9)),
    postingBegins: asU32(section(10)),
    columns: unpackColumns(section(11)),
    bytes: blob.length,
  };
  const size = tableSize(terms);
  const fits =
    head.documentKeys.length === documents &&
    head.chunkBegins.length === documents + 1 &&
    head.lengths.length === chunks &&
    head.counts.length === size &&
    head.postingBegins.length === size + 1;
  if (!fits) throw new Error("its sections do not fit together");
  const documentOf = new Uint32Array(chunks);
  for (let i = 0; i < documents; i += 1) {
    documentOf.fill(i, head.chunkBegins[i], head.chunkBegins[i + 1]);
  }
  return { ...head, documentOf };
}

/** The number of a document in the segment, or -1. */
export function findDocument(head: SegmentHead, documentKey: number): number {
  let low = 0;
  let high = head.documents - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const document = head.keyOrder[middle] ?? 0;
    const key = head.documentKeys[document] ?? 0;
    if (key === documentKey) return document;
    if (key < documentKey) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Where a term's postings lie, or undefined where the segment does not have it. */
export function findTerm(
  head: SegmentHead,
  term: string,
): { readonly count: number; readonly begin: number; readonly end: number } | undefined {
  const place = findString(head.terms, term);
  return place === -1 ? undefined : termAt(head, place);
}

/** Where the postings of the term with this place in the dictionary lie. */
export function termAt(
  head: SegmentHead,
  place: number,
): { readonly count: number; readonly begin: number; readonly end: number } {
  return {
    count: head.counts[place] ?? 0,
    begin: head.postingBegins[place] ?? 0,
    end: head.postingBegins[place + 1] ?? 0,
  };
}

/** Gives page `page` of a segment's postings, counted from 0. */
export type PageSource = (page: number) => Uint8Array | Promise<Uint8Array>;

/** The bytes from `begin` to `end` of a segment's postings. */
export async function readPostings(
  pages: PageSource,
  range: { readonly begin: number; readonly end: number },
): Promise<Uint8Array> {
  const first = Math.floor(range.begin / postingPageBytes);
  const last = Math.floor((range.end - 1) / postingPageBytes);
  const offset = range.begin - first * postingPageBytes;
  if (first === last)
    return (await pages(first)).subarray(offset, offset + range.end - range.begin);
  const bytes = new Uint8Array(range.end - range.begin);
  let at = 0;
  for (let page = first; page <= last; page += 1) {
    const data = await pages(page);
    const piece = data.subarray(page === first ? offset : 0).subarray(0, bytes.length - at);
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
