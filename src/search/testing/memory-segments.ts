// Segments that live in memory only, to test searching and merging without a database.
import type { LoadedSegment } from "../index-reader.ts";
import { type PageSource, readSegmentHead } from "../segment.ts";
import { buildSegment, type EncodedSegment, type IndexableDocument } from "../segment-builder.ts";

/** A segment with its pages. */
export type MemorySegment = LoadedSegment & { readonly pages: PageSource };

/** Reads back what was encoded. */
export function memorySegment(id: number, { blobs }: EncodedSegment): MemorySegment {
  const [head, ...pages] = blobs.map(({ data }) => data);
  const read = readSegmentHead(head ?? new Uint8Array(0));
  return {
    id,
    sequence: id,
    head: read,
    alive: new Uint8Array(read.documents).fill(1),
    aclClasses: read.aclClasses.slice(),
    changes: 0,
    pages: (page) => pages[page] ?? new Uint8Array(0),
  };
}

/** Documents as `parts` segments, one after the other. */
export function memorySegments(
  documents: readonly IndexableDocument[],
  parts: number,
): readonly MemorySegment[] {
  const size = Math.max(1, Math.ceil(documents.length / parts));
  return Array.from({ length: parts }, (_, i) =>
    memorySegment(i, buildSegment(documents.slice(i * size, (i + 1) * size))),
  );
}
