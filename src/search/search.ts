/**
 * Retrieval: which passages of an index answer a question, of those that a viewer may see.
 *
 * Words: a *chunk* is a stored piece of a document, a *passage* a retrieved one. A *segment* is an
 * immutable part of an index; a *tombstone* marks a document in older segments as dead. An *ACL
 * class* is an access list that many documents share.
 *
 * Not for: reading or cutting documents (`documents`), wording answers (`chat`), or deciding what
 * is published (`ingestion`). No function gives out passages without a viewer.
 */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { type ContentCipher, type ContentVault, openVault } from "../core/content-cipher.ts";
import { type Log, silentLog } from "../core/log.ts";
import type { Viewer } from "../core/viewer.ts";
import {
  aclChanges,
  chunks,
  type Database,
  segments,
  type WriteTransaction,
} from "../store/store.ts";
import { AclDirectory, type Looker } from "./acl-directory.ts";
import type { AttributeFilter } from "./attributes.ts";
import { type ClassSet, hasClass } from "./class-set.ts";
import { Maintenance, type RebuildResult } from "./maintenance.ts";
import { publish, reclassify, remove } from "./publish.ts";
import { questionLimits } from "./question.ts";
import type { FoundPassage } from "./retrieve.ts";
import type { IndexableDocument } from "./segment-builder.ts";
import { ThreadPool } from "./thread-pool.ts";
import type { PreparedDocuments } from "./thread-messages.ts";

export {
  type AccessList,
  type AclCondition,
  type AclContent,
  type AclPrincipal,
  canonicalAcl,
  intersectAcls,
  isNarrower,
  parseAcl,
} from "./access.ts";
export { type Token, tokenize } from "./analyzer.ts";
export type { Attribute, AttributeFilter, AttributeType, AttributeValue } from "./attributes.ts";
export { DamagedIndexError } from "./damaged.ts";
export { checkFilter, type FilterIssue, filterLimits } from "./filter-check.ts";
export type { RebuildResult } from "./maintenance.ts";
export { type AccessEntry, listReaders, type Reader, type Readers } from "./readers.ts";
export type { IndexableDocument } from "./segment-builder.ts";
export { synonymShare, synonymsOf } from "./synonyms.ts";
export { SearchOverloadedError } from "./thread-pool.ts";

/** A retrieved piece of a document, checked to be visible to the viewer who asked. */
export type Passage = FoundPassage;

/** Documents on their way into an index: made by `prepare`, stored by `publish`. */
export type PreparedSegment = PreparedDocuments & {
  readonly indexId: string;
  /** What is sealed when it is stored. */
  readonly cipher: ContentCipher;
};

/** Passages, best first, and how common the words of the question are. */
export type Retrieved = {
  readonly passages: readonly Passage[];
  readonly statistics: {
    /** Chunks in the index; 0 where the viewer may see none. */
    readonly chunks: number;
    /** Chunks that hold a term of the question as `tokenize` gives it; 0 for other terms. */
    readonly chunksWith: (term: string) => number;
  };
};

/** A question to an index. */
export type RetrieveQuery = {
  readonly indexId: string;
  readonly viewer: Viewer;
  readonly text: string;
  /** As `checkFilter` lets it pass. Narrows what is found, never widens it. */
  readonly filter?: AttributeFilter | undefined;
  /** 1 to `passagesMax`. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
};

/** How large an index is. */
export type SearchStatistics = {
  readonly documents: number;
  readonly chunks: number;
  readonly segments: number;
  /** Of the segments; the texts of the chunks come on top. */
  readonly sizeBytes: number;
};

/** The most passages that one question can get. */
export const passagesMax = 100;

/** The retrieval port. Another engine can stand behind it. */
export type Search = AsyncDisposable & {
  /** Does the work of publishing that needs no transaction, in a thread. Keys must be distinct. */
  readonly prepare: (
    indexId: string,
    documents: readonly IndexableDocument[],
    options?: { readonly signal?: AbortSignal },
  ) => Promise<PreparedSegment>;
  /** Makes prepared documents answer questions, in place of their older versions, at commit. */
  readonly publish: (
    trx: WriteTransaction,
    indexId: string,
    prepared: PreparedSegment,
  ) => Promise<void>;
  /**
   * Gives published documents another ACL class at commit, without touching their text; keys that
   * are not published are no error. The document table is the caller's part.
   */
  readonly reclassify: (
    trx: WriteTransaction,
    indexId: string,
    change: { readonly documentKeys: readonly number[]; readonly aclClass: number },
  ) => Promise<void>;
  /** Removes documents at commit; unknown keys are no error. */
  readonly remove: (
    trx: WriteTransaction,
    indexId: string,
    documentKeys: readonly number[],
  ) => Promise<void>;
  /** Removes everything of an index at commit. */
  readonly dropIndex: (trx: WriteTransaction, indexId: string) => Promise<void>;
  /**
   * The best passages, best first. Every one of them was checked against the document table after
   * ranking; if that check cannot be made, this rejects.
   *
   * @throws DamagedIndexError if stored bytes are not what was written; `rebuild` mends it.
   * @throws SearchOverloadedError if too many questions wait already.
   * @throws ContentLockedError if the index is sealed with a key that may not be used now.
   */
  readonly retrieve: (query: RetrieveQuery) => Promise<Retrieved>;
  /**
   * Which of the documents a viewer may see, by the same check that passages have to pass: as of
   * now, and each with the version that this is about.
   */
  readonly visible: (query: {
    readonly indexId: string;
    readonly viewer: Viewer;
    readonly documentKeys: readonly number[];
  }) => Promise<ReadonlyMap<number, number>>;
  /** Starts a thread for questions ahead of the first one; need not be waited for. */
  readonly warmUp: () => Promise<void>;
  readonly stats: (indexId: string) => Promise<SearchStatistics>;
  /** Merges all segments of an index into one. Happens by itself, by and by. */
  readonly mergeNow: (indexId: string) => Promise<void>;
  /** Makes all segments of an index anew from the stored chunks. */
  readonly rebuild: (indexId: string) => Promise<RebuildResult>;
};

/** Work that may wait for a thread; more is refused. */
const waitingMax = 1000;

/** Threads that are needed now and then end after this. */
const idleMs = 10_000;

/**
 * How many times a question is asked, where the check after ranking refuses passages: because a
 * document changed while it was answered, or because a failed new version guards the old one.
 */
const attemptsMax = 4;

/**
 * The own engine, on the store's database. Threads start with the first work they get.
 *
 * @param options.threads how many questions, and how many batches of documents, are worked on at
 *   once; one per core unless given.
 * @param options.cacheBytesMax what each thread keeps in memory of indices.
 * @param options.vault keys of sealed indices; each question, batch and merge asks it anew.
 */
export function createSearch(options: {
  readonly db: Database;
  readonly log?: Log;
  readonly threads?: number;
  readonly cacheBytesMax?: number;
  readonly vault?: ContentVault;
}): Search {
  const { db, log = silentLog, threads = availableParallelism() } = options;
  const { cipherOfIndex: cipherOf } = options.vault ?? openVault;
  const shared = { path: db.path, cacheBytesMax: options.cacheBytesMax ?? 128 * 1024 * 1024 };
  const reading = { ...shared, entry: "search-thread" } as const;
  const questions = new ThreadPool({ ...reading, threadsMax: threads, waitingMax });
  const merges = new ThreadPool({ ...reading, threadsMax: 1, waitingMax, idleMs });
  const documents = new ThreadPool({
    ...shared,
    entry: "prepare-thread",
    threadsMax: threads,
    waitingMax,
    idleMs,
  });
  const maintenance = new Maintenance({ db, pool: merges, log, cipherOf });
  const directory = new AclDirectory(log);
  return {
    prepare: async (indexId, batch, { signal } = {}) => {
      const keys = new Set(batch.map((document) => document.documentKey));
      assert.equal(keys.size, batch.length, "a document stands twice in a batch");
      const cipher = await cipherOf(indexId);
      if (batch.length === 0) return { indexId, cipher, documents: [], segment: emptySegment };
      const request = { kind: "prepare", documents: batch } as const;
      return { indexId, cipher, ...(await documents.run(request, { signal })) };
    },
    publish: async (trx, indexId, prepared) => {
      assert.equal(prepared.indexId, indexId, "the batch was prepared for another index");
      await publish(trx, indexId, prepared, prepared.cipher);
      maintenance.noteChange(indexId);
    },
    reclassify,
    remove: async (trx, indexId, documentKeys) => {
      await remove(trx, indexId, documentKeys);
      maintenance.noteChange(indexId);
    },
    warmUp: async () => {
      await Promise.all([questions.run({ kind: "warm up" }), directory.warmUp(db.read)]);
    },
    dropIndex: async (trx, indexId) => {
      await segments.drop(trx, indexId);
      await aclChanges.drop(trx, indexId);
    },
    retrieve: (query) => retrieveChecked({ db, directory, pool: questions, cipherOf }, query),
    visible: async ({ indexId, viewer, documentKeys }) => {
      const standings = await standingOf({ db, directory }, { indexId, viewer }, documentKeys);
      return new Map([...standings].map(([key, { publishedVersion }]) => [key, publishedVersion]));
    },
    stats: async (indexId) => {
      const list = await segments.list(db.read, indexId);
      const sizeBytes = list.reduce((sum, { bytes }) => sum + bytes, 0);
      return { ...(await chunks.count(db.read, indexId)), segments: list.length, sizeBytes };
    },
    mergeNow: (indexId) => maintenance.mergeNow(indexId),
    rebuild: (indexId) => maintenance.rebuild(indexId),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([questions[Symbol.asyncDispose](), documents[Symbol.asyncDispose]()]);
      await Promise.all([merges[Symbol.asyncDispose](), maintenance[Symbol.asyncDispose]()]);
    },
  };
}

const emptySegment = { chunks: 0, documents: 0, blobs: [] } as const;

type Standing = Awaited<ReturnType<typeof chunks.standings>>[number];

type Parts = {
  readonly db: Database;
  readonly directory: AclDirectory;
  readonly pool: ThreadPool;
  readonly cipherOf: (indexId: string) => Promise<ContentCipher>;
};

async function retrieveChecked(parts: Parts, query: RetrieveQuery): Promise<Retrieved> {
  const { indexId, viewer, text, filter, limit, signal } = query;
  assert.ok(Number.isInteger(limit) && limit >= 1 && limit <= passagesMax, `limit is ${limit}`);
  const excluded = new Set<number>();
  for (let attempt = 1; ; attempt += 1) {
    const visibleClasses = await parts.directory.visibleTo(parts.db.read, { indexId, viewer });
    const retrieve = {
      indexId,
      // The rest is not looked at; it need not travel to the thread.
      text: text.slice(0, questionLimits.charactersMax),
      visibleClasses,
      limit: Math.min(passagesMax, limit * 2 ** (attempt - 1)),
      excluded: [...excluded],
      ...(filter && { filter }),
    };
    const { keys } = await parts.cipherOf(indexId);
    const result = await parts.pool.run({ kind: "retrieve", retrieve, keys }, { signal });
    // What a thread has in memory is nobody's once the key may not be used any more.
    if (keys !== undefined) await parts.cipherOf(indexId);
    const found = result.passages;
    const passages = await checkStanding(parts, { indexId, viewer }, found);
    const isEnough = passages.length >= limit || passages.length === found.length;
    if (isEnough || attempt === attemptsMax) {
      const { chunks, chunksWith } = result;
      return {
        passages: passages.slice(0, limit),
        statistics: { chunks, chunksWith: (term) => chunksWith.get(term) ?? 0 },
      };
    }
    // First simply again, so that a version that was published in between can be found; then
    // without the refused, so that others take their place.
    const kept = new Set(passages);
    if (attempt > 1) {
      for (const passage of found) if (!kept.has(passage)) excluded.add(passage.documentKey);
    }
  }
}

/** Those passages whose document is there, in that version, and visible, as of now. */
async function checkStanding(
  parts: Pick<Parts, "db" | "directory">,
  looker: Looker,
  found: readonly FoundPassage[],
): Promise<readonly Passage[]> {
  const keys = [...new Set(found.map((passage) => passage.documentKey))];
  const standings = await standingOf(parts, looker, keys);
  return found.filter(
    ({ documentKey, version }) => standings.get(documentKey)?.publishedVersion === version,
  );
}

/**
 * How those of the documents stand that are there and visible. Both are looked up as of one moment:
 * a document that changes its list, and a list that changes, must not be seen one without the other.
 */
function standingOf(
  { db, directory }: Pick<Parts, "db" | "directory">,
  looker: Looker,
  documentKeys: readonly number[],
): Promise<ReadonlyMap<number, Standing>> {
  return db.snapshot(async (inner) => {
    const classes = await directory.visibleAt(inner, looker);
    const all = await chunks.standings(inner, looker.indexId, documentKeys);
    const seen = all.filter((document) => stands(document, classes));
    return new Map(seen.map((document) => [document.documentKey, document]));
  });
}

/** Whether a document is there, and open to whoever sees these classes. */
function stands(
  { publishedVersion, status, aclClass, guardAclClass }: Standing,
  visibleClasses: ClassSet,
): boolean {
  if (publishedVersion === 0 || status === "DELETING" || status === "DELETED") return false;
  return (
    hasClass(visibleClasses, aclClass) &&
    (guardAclClass === 0 || hasClass(visibleClasses, guardAclClass))
  );
}
