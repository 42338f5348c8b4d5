// Several segments into one, term by term, without ever holding more than the dictionaries and one
// page per segment in memory. Dead documents are left behind.
import type { LoadedSegment } from "./index-reader.ts";
import { mergeColumns } from "./merge-columns.ts";
import { decodePostings } from "./postings.ts";
import { type PageSource, readPostings, termAt } from "./segment.ts";
import { checked, type CheckedBlob } from "./segment-builder.ts";
import { type SegmentDocuments, SegmentWriter } from "./segment-writer.ts";
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
  const { documents, chunkMaps } = livingPart(segments);
  const inputs = segments.map((segment, i) => {
    const chunkMap = chunkMaps[i] ?? new Uint32Array(0);
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
    documents: documents.keys.length,
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

/**
 * The living documents of segments, one segment behind the other, and where each chunk goes. Nothing
 * of it is an object for each document: a merge may be of a million.
 */
function livingPart(segments: readonly LoadedSegment[]): {
  readonly documents: SegmentDocuments;
  readonly chunkMaps: readonly Uint32Array[];
} {
  const living = segments.map(livingDocuments);
  const count = living.reduce((sum, { length }) => sum + length, 0);
  const chunksMax = segments.reduce((sum, { head }) => sum + head.chunks, 0);
  const keys = new Float64Array(count);
  const versions = new Float64Array(count);
  const aclClasses = new Uint32Array(count);
  const chunkBegins = new Uint32Array(count + 1);
  const lengths = new Uint16Array(chunksMax);
  let at = 0;
  let chunks = 0;
  const chunkMaps = segments.map((segment, i) => {
    const { head } = segment;
    const chunkMap = new Uint32Array(head.chunks).fill(gone);
    for (const document of living[i] ?? []) {
      keys[at] = head.documentKeys[document] ?? 0;
      versions[at] = head.versions[document] ?? 0;
      aclClasses[at] = segment.aclClasses[document] ?? 0;
      const end = head.chunkBegins[document + 1] ?? 0;
      for (let chunk = head.chunkBegins[document] ?? 0; chunk < end; chunk += 1) {
        chunkMap[chunk] = chunks;
        lengths[chunks] = head.lengths[chunk] ?? 0;
        chunks += 1;
      }
      at += 1;
      chunkBegins[at] = chunks;
    }
    return chunkMap;
  });
  const columns = (): Uint8Array =>
    mergeColumns(
      segments.map(({ head }, i) => ({
        columns: head.columns,
        documents: living[i] ?? new Uint32Array(0),
      })),
    );
  const kept = lengths.slice(0, chunks);
  const documents = { keys, versions, aclClasses, chunkBegins, lengths: kept, columns };
  return { documents, chunkMaps };
}

function livingDocuments({ head, alive }: LoadedSegment): Uint32Array {
  const living = new Uint32Array(head.documents);
  let count = 0;
  for (let i = 0; i < head.documents; i += 1) {
    if (alive[i] !== 1) continue;
    living[count] = i;
    count += 1;
  }
  return living.slice(0, count);
}

/** Terms are read in the order their postings lie in, so one page at a time is enough. */
function lastPage(source: PageSource): PageSource {
  let kept: { readonly page: number; readonly data: Uint8Array } | undefined;
  return async (page) => {
    if (kept?.page !== page) kept = { page, data: await source(page) };
    return kept.data;
  };
}
