import { type ContentCipher, type ContentVault, plainCipher } from "../core/content-cipher.ts";
import type { Clock } from "../core/clock.ts";
import type { Chunk, Extractor } from "../documents/documents.ts";
import { type AclContent, type Attribute, canonicalAcl, type Search } from "../search/search.ts";
import {
  aclClasses,
  type Database,
  type Document,
  documents,
  type DocumentScope,
  type WriteTransaction,
} from "../store/store.ts";
import { type Refusals, refusalsOf, type Room } from "./admission.ts";
import { guardOfFailed } from "./access/rules.ts";
import { type Copy, settleCopies, storeCopies } from "./content-store/copy.ts";
import type { ContentStore } from "./content-store/content-store.ts";
import type { Reading } from "./enrich/document.ts";
import type { IndexMetrics } from "./index-metrics.ts";
import { documentPlace } from "./sealed-document.ts";

/** What the steps of the pipeline work with. */
export type Pipeline = {
  readonly db: Database;
  readonly search: Search;
  readonly extractor: Extractor;
  /** Copies of what was ingested. */
  readonly contents: ContentStore;
  /** Keys of what is stored of documents. */
  readonly vault: ContentVault;
  readonly metrics: Pick<IndexMetrics, "note">;
  readonly now: Clock;
};

/** A document with a row and a version, on its way to be published. */
export type PendingDocument = DocumentScope & {
  readonly key: number;
  readonly version: number;
  readonly documentId: string;
  readonly title: string;
  readonly contentType: string;
  readonly attributes: readonly Attribute[];
  /** Undefined where it is not known, because the document's own metadata cannot be read. */
  readonly acl: AclContent | undefined;
  /** Interned with the row; 0 where the list is not known. */
  readonly aclClass: number;
};

/** A document whose content has been read. */
export type ReadDocument = {
  readonly document: PendingDocument;
  readonly chunks: readonly Chunk[];
  readonly textBytes: number;
  /** On the disk, for GetDocumentContent; undefined where the content was dropped. */
  readonly copy?: Copy | undefined;
};

/** A document that cannot be indexed, and why in one sentence. */
export type UnreadDocument = {
  readonly document: PendingDocument;
  readonly errorCode: "InvalidRequest" | "InternalError" | "ResourceNotFound";
  readonly errorMessage: string;
  readonly status: "FAILED" | "DOCUMENT_FAILED_TO_INDEX";
  /** A function that should have enriched it failed. */
  readonly isByEnrichment?: boolean;
};

/** Either, after the content was read. */
export type Outcome = ReadDocument | UnreadDocument;

/** Whether a document's content was read. */
export function isRead(outcome: Outcome): outcome is ReadDocument {
  return "chunks" in outcome;
}

/**
 * What reading made of an accepted document. Unsupported formats fail like damaged files (a
 * sync leaves them out before it comes here); one whose
 * content was dropped is listed and holds nothing to be found.
 */
export function outcomeOf(
  accepted: PendingDocument,
  {
    document: { title, attributes },
    result,
    copy,
  }: Reading<Pick<PendingDocument, "title" | "attributes">>,
): Outcome {
  const document = { ...accepted, title, attributes };
  if (result.outcome === "extracted") {
    return { document, chunks: result.chunks, textBytes: result.textBytes, copy };
  }
  if (result.outcome === "withoutContent") return { document, chunks: [], textBytes: 0 };
  return {
    document,
    errorCode: "InvalidRequest",
    errorMessage: result.reason,
    status: "DOCUMENT_FAILED_TO_INDEX",
    isByEnrichment: result.outcome === "notEnriched",
  };
}

/** What the publishing transaction says of each document, for what hangs on it. */
export type Published = {
  readonly outcome: Outcome;
  /** False where a newer version or a deletion overtook it; then nothing of it was kept. */
  readonly isCurrent: boolean;
  /** Whether it answers questions for the first time. */
  readonly isFirst: boolean;
  /** What this very sync job has counted the document as already, before a crash; else empty. */
  readonly countedAs: string;
};

/** How the documents of a batch are marked. */
export type BatchMark = { readonly syncId: string };

/**
 * Publishes a batch of one index: texts, rows, failures and whatever `also` adds are one
 * transaction, so a reader sees the old version of a document or the new one, and a crash leaves
 * no half. What takes long (postings, compression) happens before, in a thread.
 */
export async function publishBatch(
  pipeline: Pipeline,
  indexId: string,
  outcomes: readonly Outcome[],
  options: {
    readonly mark: BatchMark;
    readonly also?: (trx: WriteTransaction, published: readonly Published[]) => Promise<void>;
    readonly signal?: AbortSignal;
    /** What the index takes; documents that it has no room for fail. Absent: whatever comes. */
    readonly room?: Room | undefined;
  },
): Promise<readonly Published[]> {
  const { db, search } = pipeline;
  const prepare = (batch: readonly ReadDocument[]) =>
    search.prepare(indexId, batch.map(indexable), options.signal ? { signal: options.signal } : {});
  const read = outcomes.filter(isRead);
  const applicationId = outcomes[0]?.document.applicationId;
  const cipher =
    applicationId === undefined ? plainCipher : await pipeline.vault.cipherOf(applicationId);
  let prepared = await prepare(read);
  let preparedKeys = new Set(read.map(({ document }) => document.key));
  for (;;) {
    const result = await db.write(async (trx) => {
      const rows = await rowsOf(trx, outcomes);
      const wanted = read.filter(
        ({ document }) => rows.get(document.key)?.version === document.version,
      );
      // Something overtook a document of the batch: it must not be published with the others.
      if (wanted.length !== preparedKeys.size) return wanted;
      const { room } = options;
      const refusals = room && (await refusalsOf(trx, indexId, wanted, rows, room));
      if (refusals !== undefined && refusals.size > 0) return { refusals };
      const published = await storeOutcomes(trx, outcomes, rows, {
        ...options.mark,
        at: pipeline.now(),
        cipher,
      });
      if (preparedKeys.size > 0) await search.publish(trx, indexId, prepared);
      await options.also?.(trx, published);
      return { published };
    });
    if ("published" in result) {
      await settleCopies(pipeline.contents, result.published.map(copyOf));
      pipeline.metrics.note(result.published);
      return result.published;
    }
    if ("refusals" in result) {
      const left = await turnAway(pipeline, outcomes, result.refusals);
      return publishBatch(pipeline, indexId, left, options);
    }
    prepared = await prepare(result);
    preparedKeys = new Set(result.map(({ document }) => document.key));
  }
}

function copyOf({ outcome, isCurrent }: Published): Parameters<typeof settleCopies>[1][number] {
  return { isCurrent, copy: isRead(outcome) ? outcome.copy : undefined };
}

/** The batch with those failed that the index has no room for, and their copies gone. */
async function turnAway(
  { contents }: Pick<Pipeline, "contents">,
  outcomes: readonly Outcome[],
  refusals: Refusals,
): Promise<readonly Outcome[]> {
  const left: Outcome[] = [];
  for (const outcome of outcomes) {
    const { document } = outcome;
    const errorMessage = refusals.get(document.key);
    if (errorMessage === undefined || !isRead(outcome)) {
      left.push(outcome);
      continue;
    }
    await settleCopies(contents, [{ isCurrent: false, copy: outcome.copy }]);
    const status = "DOCUMENT_FAILED_TO_INDEX";
    left.push({ document, errorCode: "InvalidRequest", errorMessage, status });
  }
  return left;
}

type Rows = ReadonlyMap<number, Document>;

async function rowsOf(trx: WriteTransaction, outcomes: readonly Outcome[]): Promise<Rows> {
  const keys = outcomes.map(({ document }) => document.key);
  return new Map((await documents.findMany(trx, keys)).map((row) => [row.key, row]));
}

type Mark = BatchMark & { readonly at: Date; readonly cipher: ContentCipher };

async function storeOutcomes(
  trx: WriteTransaction,
  outcomes: readonly Outcome[],
  rows: Rows,
  mark: Mark,
): Promise<readonly Published[]> {
  const current = new Set<number>();
  for (const outcome of outcomes) {
    if (isRead(outcome)) continue;
    const { key } = outcome.document;
    if (await storeFailure(trx, outcome, rows.get(key), mark)) current.add(key);
  }
  const read = outcomes.filter(isRead);
  const published = await documents.publishMany(
    trx,
    read.map((outcome) => publishedOf(outcome, rows.get(outcome.document.key), mark)),
  );
  await storeCopies(
    trx,
    read.filter(({ document }) => published.has(document.key)),
  );
  for (const key of published) current.add(key);
  return outcomes.map((outcome) => {
    const { key } = outcome.document;
    const before = rows.get(key);
    const isCounted = mark.syncId !== "" && before?.syncId === mark.syncId;
    return {
      outcome,
      isCurrent: current.has(key),
      isFirst: isFirstVersion(before),
      countedAs: isCounted ? before.syncAction : "",
    };
  });
}

function isFirstVersion(before: Document | undefined): boolean {
  return before?.publishedVersion === 0;
}

async function storeFailure(
  trx: WriteTransaction,
  { document, errorCode, errorMessage, status }: UnreadDocument,
  before: Document | undefined,
  { syncId, at, cipher }: Mark,
): Promise<boolean> {
  const { key, version } = document;
  const isGuarded = before !== undefined && !isFirstVersion(before);
  return documents.fail(trx, {
    key,
    version,
    status,
    errorCode,
    errorMessage: cipher.sealText(documentPlace(document, "error"), errorMessage),
    // Readers of the old version must also be allowed to see the one that failed.
    guardAclClass: isGuarded ? await guardOfFailed(trx, before, document.aclClass) : 0,
    syncId,
    syncAction: "failed",
    at,
  });
}

function publishedOf(
  { document, textBytes }: ReadDocument,
  before: Document | undefined,
  { syncId, at, cipher }: Mark,
): Parameters<typeof documents.publish>[1] {
  const { key, version, title, contentType, aclClass, attributes } = document;
  const seal = (part: "title" | "uri" | "attributes", text: string): string =>
    cipher.sealText(documentPlace(document, part), text);
  return {
    key,
    version,
    title: seal("title", title),
    uri: seal("uri", textAttribute(attributes, "_source_uri") ?? ""),
    contentType,
    aclClass,
    attributes: seal("attributes", JSON.stringify(attributes)),
    textBytes,
    syncId,
    syncAction: isFirstVersion(before) ? "added" : "modified",
    at,
  };
}

function textAttribute(attributes: readonly Attribute[], name: string): string | undefined {
  return attributes.find((attribute) => attribute.name === name)?.value.stringValue;
}

function indexable({ document, chunks }: ReadDocument): Parameters<Search["prepare"]>[1][number] {
  const { key: documentKey, version, aclClass, title, attributes } = document;
  return { documentKey, version, aclClass, title, attributes, chunks };
}

/** A document that is to get a row. */
export type NewDocument = Omit<PendingDocument, "key" | "version" | "aclClass"> & {
  /** Where the list follows a rule; else the list is interned. */
  readonly aclClass?: number;
  readonly objectKey: string;
  readonly status: "RECEIVED" | "PROCESSING";
  readonly at: Date;
};

/**
 * Gives a document its row, its next version and its ACL class; from here on it shows in listings.
 */
export async function acceptDocument(
  trx: WriteTransaction,
  document: NewDocument,
  cipher: ContentCipher,
): Promise<PendingDocument> {
  const [accepted] = await acceptDocuments(trx, [document], cipher);
  if (accepted === undefined) throw new Error("The document was not accepted.");
  return accepted;
}

/** As `acceptDocument`, for many documents of one data source, each named once; in their order. */
export async function acceptDocuments(
  trx: WriteTransaction,
  accepted: readonly NewDocument[],
  cipher: ContentCipher,
): Promise<readonly PendingDocument[]> {
  const pending: Omit<PendingDocument, "key" | "version">[] = [];
  for (const { objectKey: _key, status: _status, at: _at, ...document } of accepted) {
    const { acl } = document;
    const interned = async (): Promise<number> =>
      acl === undefined ? 0 : aclClasses.intern(trx, canonicalAcl(acl));
    pending.push({ ...document, aclClass: document.aclClass ?? (await interned()) });
  }
  const rows = accepted.map((document) => ({
    ...document,
    title: cipher.sealText(documentPlace(document, "title"), document.title),
  }));
  const versions = await documents.acceptMany(trx, rows);
  return versions.flatMap(({ key, version }, at) => {
    const document = pending[at];
    return document === undefined ? [] : { ...document, key, version };
  });
}
