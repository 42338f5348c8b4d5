// Documents to a segment: the part of publishing that costs time, and runs in a worker thread.
import { crc32, constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Chunk } from "../documents/documents.ts";
import { termsOf } from "./analyzer.ts";
import { type Attribute, type PlainValue, plainValue } from "./attributes.ts";
import type { PlainAttributes } from "./columns.ts";
import { fieldWeights, frequencyMax, lengthMax } from "./scoring.ts";
import { type SegmentDocument, segmentDocuments, SegmentWriter } from "./segment-writer.ts";
import { utf8 } from "./string-table.ts";

/** A document as it is handed in for publishing. */
export type IndexableDocument = {
  readonly documentKey: number;
  readonly version: number;
  readonly aclClass: number;
  readonly title: string;
  readonly attributes: readonly Attribute[];
  readonly chunks: readonly Chunk[];
};

/** A blob with its CRC-32. */
export type CheckedBlob = { readonly checksum: number; readonly data: Uint8Array };

/** A segment as blobs: the head first, then pages of postings. */
export type EncodedSegment = {
  readonly chunks: number;
  readonly documents: number;
  readonly blobs: readonly CheckedBlob[];
};

/** Chunks in one compressed page: a question reads few of them, compression wants many. */
export const chunksPerPage = 8;

/** No page unpacks to more; a chunk has 512 tokens at most, so this is far away. */
const pageBytesMax = 64 * 1024 * 1024;

/** Adds the checksum. */
export function checked(data: Uint8Array): CheckedBlob {
  return { data, checksum: crc32(data) };
}

/** Counts the words of documents and encodes them as one segment. */
export function buildSegment(documents: readonly IndexableDocument[]): EncodedSegment {
  const collected = new Map<
    string,
    { readonly chunks: number[]; readonly frequencies: number[] }
  >();
  const entries: SegmentDocument[] = [];
  let chunk = 0;
  for (const document of documents) {
    const title = termsOf(document.title);
    const lengths: number[] = [];
    for (const { text, headingPath } of document.chunks) {
      const words = termsOf(text);
      for (const [term, frequency] of countTerms({ title, headings: headingPath, words })) {
        let postings = collected.get(term);
        if (postings === undefined) {
          postings = { chunks: [], frequencies: [] };
          collected.set(term, postings);
        }
        postings.chunks.push(chunk);
        postings.frequencies.push(Math.min(frequency, frequencyMax));
      }
      lengths.push(Math.min(words.length, lengthMax));
      chunk += 1;
    }
    entries.push({ ...document, attributes: plainAttributes(document.attributes), lengths });
  }
  const writer = new SegmentWriter(segmentDocuments(entries));
  const terms = [...collected].map(([term, postings]) => ({ bytes: utf8(term), postings }));
  terms.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  for (const { bytes, postings } of terms) writer.addTerm(bytes, postings);
  const { head, pages } = writer.finish();
  return {
    chunks: writer.chunks,
    documents: documents.length,
    blobs: [head, ...pages].map(checked),
  };
}

function countTerms(fields: {
  readonly title: readonly string[];
  readonly headings: readonly string[];
  readonly words: readonly string[];
}): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (terms: readonly string[], weight: number): void => {
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + weight);
  };
  add(fields.words, fieldWeights.text);
  add(fields.title, fieldWeights.title);
  for (const heading of fields.headings) add(termsOf(heading), fieldWeights.heading);
  return counts;
}

function plainAttributes(attributes: readonly Attribute[]): PlainAttributes {
  const plain = new Map<string, PlainValue>();
  for (const { name, value } of attributes) {
    const known = plainValue(value);
    if (known !== undefined) plain.set(name, known);
  }
  return plain;
}

/** Attributes as JSON for the document's row; dates as epoch milliseconds. */
export function packAttributes(attributes: readonly Attribute[]): string {
  return JSON.stringify([...plainAttributes(attributes)]);
}

/** Reads what `packAttributes` wrote. */
export function unpackAttributes(json: string): readonly Attribute[] {
  const entries = JSON.parse(json) as readonly (readonly [string, PlainValue])[];
  return entries.map(([name, plain]) => ({ name, value: apiValue(plain) }));
}

function apiValue(plain: PlainValue): Attribute["value"] {
  switch (plain.type) {
    case "STRING":
      return { stringValue: plain.value };
    case "STRING_LIST":
      return { stringListValue: plain.value };
    case "NUMBER":
      return { longValue: plain.value };
    case "DATE":
      return { dateValue: new Date(plain.value) };
  }
}

/** A document's chunks as compressed pages. */
export function packChunks(chunks: readonly Chunk[]): readonly Uint8Array[] {
  const pages: Uint8Array[] = [];
  for (let i = 0; i < chunks.length; i += chunksPerPage) {
    const page = JSON.stringify(chunks.slice(i, i + chunksPerPage));
    const options = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
    pages.push(zstdCompressSync(utf8(page), options));
  }
  return pages;
}

/**
 * Reads one page that `packChunks` wrote.
 *
 * @throws Error if the page is damaged.
 */
export function unpackChunks(page: Uint8Array): readonly Chunk[] {
  const bytes = zstdDecompressSync(page, { maxOutputLength: pageBytesMax });
  return JSON.parse(new TextDecoder().decode(bytes)) as readonly Chunk[];
}
