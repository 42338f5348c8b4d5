// An index as a worker thread sees it: heads of its segments in memory, pages of postings as they
// are needed, and which documents are still alive. Brought up to date by a point read per question.
import { crc32 } from "node:zlib";
import { BrokenSealError, type ContentCipher, plainCipher } from "../core/content-cipher.ts";
import type { Chunk } from "../documents/documents.ts";
import { aclChanges, chunks, type Readable, segments } from "../store/store.ts";
import { ByteCache } from "./byte-cache.ts";
import { DamagedIndexError } from "./damaged.ts";
import { unpackChunks } from "./segment-builder.ts";
import { sealedPlace } from "./sealing.ts";
import { findDocument, type PageSource, readSegmentHead, type SegmentHead } from "./segment.ts";

/** A segment in memory. */
export type LoadedSegment = {
  readonly id: number;
  readonly sequence: number;
  readonly head: SegmentHead;
  /** One byte per document: 0 once it was deleted or replaced. */
  readonly alive: Uint8Array;
  /** The class of each document as it is now: what the head says may have been overtaken. */
  readonly aclClasses: Uint32Array;
  /** Grows with each change of these two. */
  changes: number;
};

/** An index at one generation. */
export type LoadedIndex = {
  readonly generation: number;
  readonly sequence: number;
  readonly segments: readonly LoadedSegment[];
};

/** Keeps indices of one thread in memory, up to a number of bytes. */
export class IndexReader {
  readonly #indices: ByteCache<string, LoadedIndex>;
  readonly #pages: ByteCache<string, Uint8Array>;
  readonly #texts: ByteCache<string, readonly Chunk[]>;

  constructor(cacheBytesMax: number) {
    this.#indices = new ByteCache(cacheBytesMax / 2);
    this.#pages = new ByteCache((cacheBytesMax * 3) / 8);
    this.#texts = new ByteCache(cacheBytesMax / 8);
  }

  /**
   * The index as `db` sees it. The result serves until the next call.
   *
   * @throws DamagedIndexError if a segment is not what was written.
   */
  async open(db: Readable, indexId: string, cipher = plainCipher): Promise<LoadedIndex> {
    const known = this.#indices.get(indexId);
    const state = await segments.state(db, indexId);
    if (known?.generation === state.generation) return known;
    const loaded = new Map(known?.segments.map((segment) => [segment.id, segment]));
    const list: LoadedSegment[] = [];
    for (const { id, sequence } of await segments.list(db, indexId)) {
      list.push(loaded.get(id) ?? (await loadSegment(db, { indexId, id, sequence }, cipher)));
    }
    await applyChanges(db, indexId, { list, loaded, since: known?.sequence ?? 0 });
    const index: LoadedIndex = { ...state, segments: list };
    this.#indices.set(indexId, index, bytesOf(list));
    return index;
  }

  /**
   * One page of a document's chunks, through memory.
   *
   * @throws DamagedIndexError if it is not what was written.
   */
  async chunks(db: Readable, key: ChunkPageKey, cipher = plainCipher): Promise<readonly Chunk[]> {
    const name = `${key.indexId}/${key.documentKey}/${key.version}/${key.page}`;
    const cached = this.#texts.get(name);
    if (cached !== undefined) return cached;
    const where = `The text of document ${key.documentKey} of index ${key.indexId}`;
    const data = await chunks.page(db, key);
    if (data === undefined) throw DamagedIndexError.of(`${where} is missing, so it`);
    let read: readonly Chunk[];
    try {
      read = unpackChunks(cipher.open(sealedPlace.page(key, key.page), data));
    } catch (error) {
      throw DamagedIndexError.of(where, { cause: error });
    }
    const characters = read.reduce((sum, chunk) => sum + chunk.text.length, 0);
    this.#texts.set(name, read, 2 * characters + 500 * read.length);
    return read;
  }

  /** The postings of a segment, through memory; for as long as `db` is open. */
  pages(
    db: Readable,
    key: { readonly indexId: string; readonly id: number },
    cipher = plainCipher,
  ): PageSource {
    return (page) => {
      const name = `${key.id}/${page}`;
      const cached = this.#pages.get(name);
      if (cached !== undefined) return cached;
      const part = { indexId: key.indexId, segmentId: key.id, part: page + 1 };
      return readPart(db, part, cipher).then((data) => {
        this.#pages.set(name, data, data.length);
        return data;
      });
    };
  }
}

async function loadSegment(
  db: Readable,
  key: { readonly indexId: string; readonly id: number; readonly sequence: number },
  cipher: ContentCipher,
): Promise<LoadedSegment> {
  const blob = await readPart(db, { indexId: key.indexId, segmentId: key.id, part: 0 }, cipher);
  const head = unpack(blob, key);
  return {
    id: key.id,
    sequence: key.sequence,
    head,
    alive: new Uint8Array(head.documents).fill(1),
    aclClasses: head.aclClasses.slice(),
    changes: 0,
  };
}

/**
 * Some segments of an index as `db` sees them, for a merge: read anew and kept by nobody, for after
 * the merge nobody will ask for them again.
 *
 * @throws DamagedIndexError if a segment is not what was written.
 */
export async function openApart(
  db: Readable,
  request: {
    readonly indexId: string;
    readonly ids: readonly number[];
    readonly cipher: ContentCipher;
  },
): Promise<{ readonly segments: readonly LoadedSegment[]; readonly sequence: number }> {
  const { indexId, cipher } = request;
  const wanted = new Set(request.ids);
  const { sequence } = await segments.state(db, indexId);
  const list: LoadedSegment[] = [];
  for (const one of await segments.list(db, indexId)) {
    if (wanted.has(one.id)) list.push(await loadSegment(db, { ...one, indexId }, cipher));
  }
  await applyChanges(db, indexId, { list, loaded: new Map(), since: 0 });
  return { segments: list, sequence };
}

/** The postings of a segment, read anew each time; for as long as `db` is open. */
export function pagesApart(
  db: Readable,
  { indexId, id }: { readonly indexId: string; readonly id: number },
  cipher: ContentCipher,
): PageSource {
  return (page) => readPart(db, { indexId, segmentId: id, part: page + 1 }, cipher);
}

/** Where a page of a document's chunks is. */
export type ChunkPageKey = {
  readonly indexId: string;
  readonly documentKey: number;
  /** Of the document as `db` sees it; a version's chunks never change. */
  readonly version: number;
  readonly page: number;
};

/** Takes over which documents died, and which got another access list, since segments were made. */
async function applyChanges(
  db: Readable,
  indexId: string,
  state: {
    readonly list: readonly LoadedSegment[];
    readonly loaded: ReadonlyMap<number, LoadedSegment>;
    /** Segments that were in memory have seen the changes up to here. */
    readonly since: number;
  },
): Promise<void> {
  const after = state.list.reduce(
    (least, { id, sequence }) => Math.min(least, state.loaded.has(id) ? state.since : sequence),
    Infinity,
  );
  if (after === Infinity) return;
  for (const change of await segments.tombstones(db, indexId, after)) {
    inOlder(state.list, change, (segment, document) => {
      if (segment.alive[document] === 0) return;
      segment.alive[document] = 0;
      segment.changes += 1;
    });
  }
  for (const change of await aclChanges.listAfter(db, indexId, after)) {
    inOlder(state.list, change, (segment, document) => {
      if (segment.aclClasses[document] === change.aclClass) return;
      segment.aclClasses[document] = change.aclClass;
      segment.changes += 1;
    });
  }
}

/** Where a document stands in segments that are older than a change of it. */
function inOlder(
  list: readonly LoadedSegment[],
  { documentKey, sequence }: { readonly documentKey: number; readonly sequence: number },
  visit: (segment: LoadedSegment, document: number) => void,
): void {
  for (const segment of list) {
    if (segment.sequence >= sequence) continue;
    const document = findDocument(segment.head, documentKey);
    if (document !== -1) visit(segment, document);
  }
}

function bytesOf(list: readonly LoadedSegment[]): number {
  return list.reduce(
    (sum, { head }) => sum + head.bytes + head.chunks * 4 + head.documents * 5,
    1024,
  );
}

function unpack(
  blob: Uint8Array,
  key: { readonly indexId: string; readonly id: number },
): SegmentHead {
  try {
    return readSegmentHead(blob);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const where = `Segment ${key.id} of index ${key.indexId} (${reason})`;
    throw DamagedIndexError.of(where, { cause: error });
  }
}

async function readPart(
  db: Readable,
  key: { readonly indexId: string; readonly segmentId: number; readonly part: number },
  cipher: ContentCipher,
): Promise<Uint8Array> {
  const where = `Part ${key.part} of segment ${key.segmentId} of index ${key.indexId}`;
  const part = await segments.part(db, key);
  if (part === undefined) throw DamagedIndexError.of(`${where} is missing, so it`);
  if (crc32(part.data) !== part.checksum) throw DamagedIndexError.of(where);
  try {
    return cipher.open(sealedPlace.part(key), part.data);
  } catch (error) {
    if (error instanceof BrokenSealError) throw DamagedIndexError.of(where, { cause: error });
    throw error;
  }
}
