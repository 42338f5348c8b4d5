// The part of an index that a viewer may see. Ranking works on it as if there were nothing else:
// weights, lengths and counts come from visible chunks alone, so that no score, order or count
// tells of a document that is hidden, or was deleted.
import { type ClassSet, hasClass } from "./class-set.ts";
import type { LoadedIndex, LoadedSegment } from "./index-reader.ts";
import { eachChunk } from "./postings.ts";
import type { CollectionStatistics } from "./scoring.ts";
import { findTerm, type PageSource, readPostings } from "./segment.ts";

/** What a viewer may see of one segment. */
export type VisibleSegment = {
  /** One byte per document: 1 where it is alive and visible. */
  readonly mask: Uint8Array;
  /** Nothing is hidden: what is counted for the segment as a whole is right. */
  readonly isWhole: boolean;
};

/** What a viewer may see of an index. */
export type VisiblePart = {
  /** In the order of the index's segments; undefined where nothing is visible. */
  readonly segments: readonly (VisibleSegment | undefined)[];
  readonly statistics: CollectionStatistics;
  /** In how many visible chunks terms stand, as far as that has been counted. */
  readonly counts: Map<string, number>;
};

const partsMax = 16;
const partsBytesMax = 16 * 1024 * 1024;
const countsMax = 20_000;

type Kept = { readonly classes: ClassSet; readonly part: VisiblePart };

/** Parts of an index as it is: a change of it makes another `LoadedIndex`. */
const kept = new WeakMap<LoadedIndex, Kept[]>();

/** The part of an index whose documents have one of the classes. */
export function visiblePart(index: LoadedIndex, classes: ClassSet): VisiblePart {
  const all = kept.get(index) ?? [];
  kept.set(index, all);
  const at = all.findIndex((one) => Buffer.compare(bytesOf(one.classes), bytesOf(classes)) === 0);
  const found = all[at] ?? { classes, part: look(index, classes) };
  if (at !== -1) all.splice(at, 1);
  // The last one was asked for last.
  all.push(found);
  const documents = index.segments.reduce((sum, { head }) => sum + head.documents, 1);
  if (all.length > Math.min(partsMax, Math.max(1, partsBytesMax / documents))) all.shift();
  return found.part;
}

function bytesOf({ buffer, byteOffset, byteLength }: ClassSet): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function look({ segments }: LoadedIndex, classes: ClassSet): VisiblePart {
  const statistics = { chunks: 0, words: 0 };
  const visible = segments.map((segment): VisibleSegment | undefined => {
    const { mask, documents } = maskOf(segment, classes);
    if (documents === 0) return undefined;
    const { head } = segment;
    const isWhole = documents === head.documents;
    if (isWhole) {
      statistics.chunks += head.chunks;
      statistics.words += head.words;
    } else addVisible(statistics, segment, mask);
    return { mask, isWhole };
  });
  return { segments: visible, statistics, counts: new Map() };
}

function maskOf(
  { head, alive, aclClasses }: LoadedSegment,
  classes: ClassSet,
): { readonly mask: Uint8Array; readonly documents: number } {
  const mask = new Uint8Array(head.documents);
  let documents = 0;
  for (let i = 0; i < mask.length; i += 1) {
    if (alive[i] !== 1 || !hasClass(classes, aclClasses[i] ?? 0)) continue;
    mask[i] = 1;
    documents += 1;
  }
  return { mask, documents };
}

function addVisible(
  statistics: { chunks: number; words: number },
  { head }: LoadedSegment,
  mask: Uint8Array,
): void {
  for (let i = 0; i < mask.length; i += 1) {
    if (mask[i] === 0) continue;
    const begin = head.chunkBegins[i] ?? 0;
    const end = head.chunkBegins[i + 1] ?? 0;
    statistics.chunks += end - begin;
    for (let chunk = begin; chunk < end; chunk += 1) statistics.words += head.lengths[chunk] ?? 0;
  }
}

/** In how many visible chunks each term stands. */
export async function countTerms(
  { segments }: LoadedIndex,
  part: VisiblePart,
  terms: readonly string[],
  pagesOf: (segment: LoadedSegment) => PageSource,
): Promise<ReadonlyMap<string, number>> {
  const { counts } = part;
  if (counts.size + terms.length > countsMax) counts.clear();
  for (const term of terms) {
    if (counts.has(term)) continue;
    let count = 0;
    for (const [i, visible] of part.segments.entries()) {
      const segment = segments[i];
      if (visible === undefined || segment === undefined) continue;
      count += await countIn(segment, visible, term, pagesOf);
    }
    counts.set(term, count);
  }
  return new Map(terms.map((term) => [term, counts.get(term) ?? 0]));
}

async function countIn(
  segment: LoadedSegment,
  { mask, isWhole }: VisibleSegment,
  term: string,
  pagesOf: (segment: LoadedSegment) => PageSource,
): Promise<number> {
  const { head } = segment;
  const place = findTerm(head, term);
  if (place === undefined) return 0;
  if (isWhole) return place.count;
  const { documentOf } = head;
  let count = 0;
  const bytes = await readPostings(pagesOf(segment), place);
  eachChunk(bytes, place.count, (chunk) => {
    count += mask[documentOf[chunk] ?? 0] ?? 0;
  });
  return count;
}
