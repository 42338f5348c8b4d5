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
  readonly statistics: CollectionStatistics;
  /** In how many visible chunks common terms stand, as far as that has been counted. */
  readonly counts: Map<string, number>;
};

/** What a viewer may see of an index. */
export type VisiblePart = {
  /** In the order of the index's segments; undefined where nothing is visible. */
  readonly segments: readonly (VisibleSegment | undefined)[];
  readonly statistics: CollectionStatistics;
};

const partsMax = 16;
const partsBytesMax = 16 * 1024 * 1024;

/** Shorter lists of postings are read again each time: that is as fast as remembering them. */
const countedMin = 512;

type Seen = {
  readonly classes: ClassSet;
  /** Of the segment when it was looked at. */
  readonly changes: number;
  readonly visible: VisibleSegment | undefined;
};

/**
 * What was seen of each segment. A publication makes a new one and leaves the others as they were,
 * so that questions during a sync need not look at the whole index again.
 */
const seen = new WeakMap<LoadedSegment, Seen[]>();

/** Sets that were asked for lately, the last one at the end. */
const recent: ClassSet[] = [];
const recentMax = 64;

/** The part of an index whose documents have one of the classes. */
export function visiblePart({ segments }: LoadedIndex, classes: ClassSet): VisiblePart {
  const documents = segments.reduce((sum, { head }) => sum + head.documents, 1);
  const keptMax = Math.min(partsMax, Math.max(1, Math.floor(partsBytesMax / documents)));
  const known = theOne(classes);
  const statistics = { chunks: 0, words: 0 };
  const visible = segments.map((segment) => {
    const part = see(segment, known, keptMax);
    statistics.chunks += part?.statistics.chunks ?? 0;
    statistics.words += part?.statistics.words ?? 0;
    return part;
  });
  return { segments: visible, statistics };
}

/** The same object for equal sets, as long as they are asked for. */
function theOne(classes: ClassSet): ClassSet {
  const at = recent.findLastIndex((one) => Buffer.compare(bytesOf(one), bytesOf(classes)) === 0);
  const known = recent[at] ?? classes;
  if (at !== -1) recent.splice(at, 1);
  recent.push(known);
  if (recent.length > recentMax) recent.shift();
  return known;
}

function bytesOf({ buffer, byteOffset, byteLength }: ClassSet): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function see(
  segment: LoadedSegment,
  classes: ClassSet,
  keptMax: number,
): VisibleSegment | undefined {
  const { changes } = segment;
  const before = seen.get(segment) ?? [];
  const found = before.find((one) => one.classes === classes && one.changes === changes);
  const one = found ?? { classes, changes, visible: look(segment, classes) };
  // What was seen before the last change has been overtaken; the last one was asked for last.
  const others = before.filter((other) => other !== one && other.changes === changes);
  seen.set(segment, [...others, one].slice(-keptMax));
  return one.visible;
}

function look(segment: LoadedSegment, classes: ClassSet): VisibleSegment | undefined {
  const { head, alive, aclClasses } = segment;
  const mask = new Uint8Array(head.documents);
  let documents = 0;
  for (let i = 0; i < mask.length; i += 1) {
    if (alive[i] !== 1 || !hasClass(classes, aclClasses[i] ?? 0)) continue;
    mask[i] = 1;
    documents += 1;
  }
  if (documents === 0) return undefined;
  const isWhole = documents === head.documents;
  const statistics = isWhole
    ? { chunks: head.chunks, words: head.words }
    : statisticsOf(segment, mask);
  return { mask, isWhole, statistics, counts: new Map() };
}

function statisticsOf({ head }: LoadedSegment, mask: Uint8Array): CollectionStatistics {
  let chunks = 0;
  let words = 0;
  for (let i = 0; i < mask.length; i += 1) {
    if (mask[i] === 0) continue;
    const begin = head.chunkBegins[i] ?? 0;
    const end = head.chunkBegins[i + 1] ?? 0;
    chunks += end - begin;
    for (let chunk = begin; chunk < end; chunk += 1) words += head.lengths[chunk] ?? 0;
  }
  return { chunks, words };
}

/** In how many visible chunks each term stands. */
export async function countTerms(
  { segments }: LoadedIndex,
  part: VisiblePart,
  terms: readonly string[],
  pagesOf: (segment: LoadedSegment) => PageSource,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map(terms.map((term) => [term, 0]));
  for (const [i, visible] of part.segments.entries()) {
    const segment = segments[i];
    if (visible === undefined || segment === undefined) continue;
    for (const [term, before] of counts) {
      const place = findTerm(segment.head, term);
      if (place === undefined) continue;
      const known = visible.isWhole ? place.count : visible.counts.get(term);
      const count = known ?? (await countIn(segment, visible, { place, pages: pagesOf(segment) }));
      if (known === undefined && place.count >= countedMin) visible.counts.set(term, count);
      counts.set(term, before + count);
    }
  }
  return counts;
}

async function countIn(
  { head: { documentOf } }: LoadedSegment,
  { mask }: VisibleSegment,
  postings: {
    readonly place: NonNullable<ReturnType<typeof findTerm>>;
    readonly pages: PageSource;
  },
): Promise<number> {
  const { place, pages } = postings;
  const bytes = await readPostings(pages, place);
  let count = 0;
  eachChunk(bytes, place.count, (chunk) => {
    count += mask[documentOf[chunk] ?? 0] ?? 0;
  });
  return count;
}
