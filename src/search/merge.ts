// Several segments into one, term by term, without ever holding more than the dictionaries and one
// page per segment in memory. Dead documents are left behind.
import type { LoadedSegment } from "./index-reader.ts";
import { attributesAt } from "./columns.ts";
import { decodePostings } from "./postings.ts";
import { type PageSource, readPostings, termAt } from "./segment.ts";
import { checked, type CheckedBlob } from "./segment-builder.ts";
import { type SegmentDocument, SegmentWriter } from "./segment-writer.ts";
import { bytesAt, tableSize } from "./string-table.ts";

/** Segments of an index at one moment. */
export type MergeInput = {
  readonly segments: readonly LoadedSegment[];
  readonly pagesOf: (segment: LoadedSegment) => PageSource;
};

/** What is left to store when all pages have been given out. */
export type MergeResult = {
  readonly head: CheckedBlob;
  readonly chunks: number;
  readonly documents: number;
  readonly bytes: number;
};

const gone = 0xffffffff;

/** Pages that are handed out together: one transaction each. */
const pagesPerBatch = 16;

/**
 * Merges segments; full pages go to `emit` as they are made, in order.
 */
export async function mergeSegments(
  { segments, pagesOf }: MergeInput,
  emit: (pages: readonly CheckedBlob[]) => Promise<void>,
): Promise<MergeResult> {
  const documents: SegmentDocument[] = [];
  let chunks = 0;
  const inputs = segments.map((segment) => {
    const chunkMap = new Uint32Array(segment.head.chunks).fill(gone);
    for (const document of livingDocuments(segment)) {
      const entry = documentAt(segment, document);
      documents.push(entry);
      const from = segment.head.chunkBegins[document] ?? 0;
      for (let i = 0; i < entry.lengths.length; i += 1) {
        chunkMap[from + i] = chunks;
        chunks += 1;
      }
    }
    return { head: segment.head, pages: lastPage(pagesOf(segment)), chunkMap, place: 0 };
  });
  const writer = new SegmentWriter(documents);
  let bytes = 0;
  let waiting: CheckedBlob[] = [];
  const flush = async (pages: readonly Uint8Array[], isLast: boolean): Promise<void> => {
    for (const page of pages) {
      bytes += page.length;
      waiting.push(checked(page));
    }
    if (waiting.length < pagesPerBatch && !(isLast && waiting.length > 0)) return;
    const batch = waiting;
    waiting = [];
    await emit(batch);
  };
  for (let term = leastTerm(inputs); term !== undefined; term = leastTerm(inputs)) {
    const postings = { chunks: [] as number[], frequencies: [] as number[] };
    for (const input of inputs) {
      if (!isAt(input, term)) continue;
      const place = termAt(input.head, input.place);
      const encoded = await readPostings(input.pages, place);
      decodePostings(encoded, place.count, (chunk, frequency) => {
        const moved = input.chunkMap[chunk] ?? gone;
        if (moved === gone) return;
        postings.chunks.push(moved);
        postings.frequencies.push(frequency);
      });
      input.place += 1;
    }
    if (postings.chunks.length > 0) writer.addTerm(term, postings);
    const pages = writer.takePages();
    if (pages.length > 0) await flush(pages, false);
  }
  const { head, pages } = writer.finish();
  await flush(pages, true);
  return {
    head: checked(head),
    chunks: writer.chunks,
    documents: documents.length,
    bytes: bytes + head.length,
  };
}

type Input = {
  readonly head: LoadedSegment["head"];
  readonly pages: PageSource;
  readonly chunkMap: Uint32Array;
  place: number;
};

function leastTerm(inputs: readonly Input[]): Uint8Array | undefined {
  let least: Uint8Array | undefined;
  for (const { head, place } of inputs) {
    if (place >= tableSize(head.terms)) continue;
    const term = bytesAt(head.terms, place);
    if (least === undefined || Buffer.compare(term, least) < 0) least = term;
  }
  return least;
}

function isAt({ head, place }: Input, term: Uint8Array): boolean {
  return place < tableSize(head.terms) && Buffer.compare(bytesAt(head.terms, place), term) === 0;
}

function* livingDocuments({ head, alive }: LoadedSegment): Generator<number> {
  for (let i = 0; i < head.documents; i += 1) if (alive[i] === 1) yield i;
}

function documentAt({ head, aclClasses }: LoadedSegment, document: number): SegmentDocument {
  return {
    documentKey: head.documentKeys[document] ?? 0,
    version: head.versions[document] ?? 0,
    aclClass: aclClasses[document] ?? 0,
    attributes: attributesAt(head.columns, document),
    lengths: head.lengths.subarray(head.chunkBegins[document], head.chunkBegins[document + 1]),
  };
}

/** Terms are read in the order their postings lie in, so one page at a time is enough. */
function lastPage(source: PageSource): PageSource {
  let kept: { readonly page: number; readonly data: Uint8Array } | undefined;
  return async (page) => {
    if (kept?.page !== page) kept = { page, data: await source(page) };
    return kept.data;
  };
}
