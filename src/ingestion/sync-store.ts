import type { FailItem, PlanItem, PutItem, S3Settings } from "../connectors/connectors.ts";
import type { ObjectStore } from "../objects/objects.ts";
import {
  connectorObjects,
  type ConnectorObject,
  documents,
  type DocumentScope,
  type Resource,
  resources,
  type SyncJob,
  syncJobs,
  type WriteTransaction,
} from "../store/store.ts";
import { aclContentOf } from "./access-list.ts";
import {
  acceptDocument,
  isRead,
  type Outcome,
  outcomeOf,
  publishBatch,
  type Published,
} from "./pipeline.ts";
import type { ReadingRules } from "./enrich-document.ts";
import type { RoleAccess } from "./role-access.ts";
import { type IndexFields, keepsCopies } from "./stored-records.ts";
import type { SyncBatch } from "./sync-batches.ts";
import { SourceFailure, SyncStopped } from "./sync-failure.ts";
import { fetchDocument, type FetchResult } from "./sync-fetch.ts";
import type { SyncServices } from "./sync-services.ts";
import type { SyncLedger } from "./sync-ledger.ts";

/** One run of one data source. */
export type SyncRun = {
  readonly job: SyncJob;
  readonly index: Resource<IndexFields>;
  readonly settings: S3Settings;
  readonly access: RoleAccess;
  readonly rules: ReadingRules;
  /** Refuses what the role may not read. */
  readonly store: ObjectStore;
  readonly ledger: SyncLedger;
  readonly indexArn: string;
  readonly signal: AbortSignal;
};

type End = Extract<PlanItem, { action: "end" | "listingFailed" }>;
type Fetched = { readonly item: PutItem; readonly result: FetchResult };

const fetchesMax = 16;

/**
 * Carries a plan out, batch by batch: while one batch is being published, the next one is being
 * fetched. Gives the plan's last item once everything before it is stored.
 *
 * @throws SyncStopped where the job is asked to stop, SourceFailure where the role may not go on.
 */
export async function storeBatches(
  services: SyncServices,
  run: SyncRun,
  batches: AsyncIterable<SyncBatch>,
): Promise<End> {
  let storing: Promise<void> = Promise.resolve();
  let hasRead = false;
  try {
    for await (const batch of batches) {
      const number = run.ledger.endBatch();
      await checkStop(services, run);
      const fetched = await fetchAll(services, run, batch.puts);
      hasRead = hasRead || readSomething(fetched, batch.fails);
      await storing;
      storing = storeBatch(services, run, { batch, fetched, number });
      // Waited for in the next round, or below; until then a failure must not go unnoticed.
      storing.catch(() => undefined);
      if (batch.deletes.length > 0 || batch.end !== undefined) await storing;
      if (batch.deletes.length > 0) await deleteDocuments(services, run, batch.deletes);
      if (batch.end !== undefined) {
        await noteEnd(services, run, batch.end);
        return batch.end;
      }
    }
  } finally {
    await storing.catch(() => undefined);
  }
  throw new Error("The plan of the sync stopped without an end.");

  function readSomething(results: readonly Fetched[], fails: readonly FailItem[]): boolean {
    const denial = firstDenial(results, fails);
    const isAllDenied = denial.count > 0 && denial.count === results.length + denial.fails;
    // Not one object could be read: that is the role, not the objects.
    if (isAllDenied && !hasRead) throw new SourceFailure("S3-5200", denial.message);
    return results.length > denial.count - denial.fails;
  }
}

const denialWords = "is not authorized to perform";

function firstDenial(
  results: readonly Fetched[],
  fails: readonly FailItem[],
): { readonly count: number; readonly fails: number; readonly message: string } {
  const denied = results.flatMap(({ result }) =>
    result.kind === "failed" && result.failure.kind === "denied" ? [result.failure.message] : [],
  );
  const deniedFails = fails.map((item) => item.message).filter((m) => m.includes(denialWords));
  const message = denied[0] ?? deniedFails[0] ?? "";
  return { count: denied.length + deniedFails.length, fails: deniedFails.length, message };
}

async function checkStop({ db }: SyncServices, { job, signal }: SyncRun): Promise<void> {
  signal.throwIfAborted();
  const current = await syncJobs.find(db.read, job.id);
  if (current === undefined || current.isStopRequested) throw new SyncStopped();
}

async function fetchAll(
  services: SyncServices,
  run: SyncRun,
  puts: readonly PutItem[],
): Promise<readonly Fetched[]> {
  const { settings, store, rules, signal } = run;
  const isCopied = await keepsCopies(services.db, run.job.applicationId);
  const options = {
    store,
    rules,
    bucket: settings.bucket,
    expectedOwner: settings.bucketOwnerAccountId,
    fileSizeBytesMax: settings.fileSizeBytesMax,
    extractor: services.extractor,
    contents: isCopied ? services.contents : undefined,
    temporaryDir: services.temporaryDir,
    signal,
  };
  const fetched: Fetched[] = [];
  const queue = [...puts];
  const work = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      if (await isDoneByThisJob(services, run, item)) continue;
      fetched.push({ item, result: await fetchDocument(item, options) });
    }
  };
  await Promise.all(Array.from({ length: Math.min(fetchesMax, puts.length) }, work));
  return fetched;
}

/** A forced sync that goes on after a crash must not do again, and count again, what it has done. */
async function isDoneByThisJob(
  { db }: SyncServices,
  { job, index }: SyncRun,
  { changes, document }: PutItem,
): Promise<boolean> {
  if (changes.length !== 1 || changes[0] !== "forced") return false;
  const { documentId } = document;
  const scope = { indexId: index.id, dataSourceId: job.dataSourceId };
  const row = await documents.findById(db.read, { ...scope, documentId });
  return row?.syncId === job.id && row.syncAction !== "failed";
}

type Batch = {
  readonly batch: SyncBatch;
  readonly fetched: readonly Fetched[];
  readonly number: number;
};

async function storeBatch(services: SyncServices, run: SyncRun, work: Batch): Promise<void> {
  const { db, log } = services;
  const { job, index, ledger, signal, access, indexArn } = run;
  const refusal = await access.refusal({ kind: "put", indexArn });
  if (refusal !== undefined) throw new SourceFailure("", refusal);
  const accepted = await db.write((trx) => acceptBatch(services, run, trx, work));
  ledger.settle(work.number);
  if (accepted.length === 0) return;
  const remembered = new Map(accepted.map(({ outcome, object }) => [outcome, object]));
  const outcomes = accepted.map(({ outcome }) => outcome);
  const published = await publishBatch(services, index.id, outcomes, {
    mark: { syncId: job.id },
    signal,
    also: async (trx, results) => {
      const current = results.filter(({ isCurrent }) => isCurrent);
      const objects = current.flatMap(({ outcome }) => remembered.get(outcome) ?? []);
      await connectorObjects.putMany(trx, objects);
      await syncJobs.count(trx, job.id, countsOf(results));
    },
  });
  for (const { outcome } of published) {
    if (isRead(outcome)) continue;
    log("warn", "document.failed", {
      executionId: job.id,
      document: outcome.document.documentId,
      reason: outcome.errorMessage,
    });
  }
}

function countsOf(results: readonly Published[]): Parameters<typeof syncJobs.count>[2] {
  const counts = { added: 0, modified: 0, failed: 0 };
  for (const { outcome, isCurrent, isFirst, countedAs } of results) {
    if (!isCurrent) continue;
    const action = isRead(outcome) ? (isFirst ? "added" : "modified") : "failed";
    // A document counts once per job, also when a crash made the job meet it twice.
    if (action !== countedAs) counts[action] += 1;
  }
  return counts;
}

type Accepted = { readonly outcome: Outcome; readonly object: ConnectorObject };

async function acceptBatch(
  services: SyncServices,
  run: SyncRun,
  trx: WriteTransaction,
  { batch, fetched, number }: Batch,
): Promise<readonly Accepted[]> {
  const { job, index, ledger } = run;
  for (const { kind, id } of [index, { kind: "dataSource", id: job.dataSourceId } as const]) {
    const resource = await resources.find(trx, kind, id);
    if (resource?.status !== "ACTIVE") throw new SyncStopped();
  }
  await ledger.flush(trx, number);
  await syncJobs.setScanned(trx, job.id, batch.scanned);
  const accepted: Accepted[] = [];
  for (const { item, result } of fetched) {
    const object = objectOf(run, item, result);
    if (result.kind === "untouched") await connectorObjects.put(trx, object);
    else accepted.push({ outcome: await acceptPut(services, run, trx, { item, result }), object });
  }
  for (const item of batch.refreshed) {
    const { key: objectKey, documentId } = item;
    const fingerprint = JSON.stringify(item.fingerprint);
    const { dataSourceId } = job;
    const object = {
      dataSourceId,
      objectKey,
      documentId,
      outcome: "indexed",
      fingerprint,
      ...noOtherIds,
    } as const;
    await connectorObjects.put(trx, object);
  }
  for (const item of batch.fails) {
    const failed = await acceptFail(services, run, trx, item);
    if (failed !== undefined) accepted.push(failed);
  }
  return accepted;
}

function objectOf({ job }: SyncRun, item: PutItem, result: FetchResult): ConnectorObject {
  const isKept = result.kind !== "failed";
  const fingerprint = isKept
    ? { ...item.fingerprint, objectEtag: result.etag, contentHash: result.contentHash }
    : item.fingerprint;
  return {
    dataSourceId: job.dataSourceId,
    objectKey: item.key,
    documentId: item.document.documentId,
    ...noOtherIds,
    outcome: rememberedAs(result),
    fingerprint: JSON.stringify(fingerprint),
  };
}

/** A function that failed may answer the next time; a file that cannot be read stays what it is. */
function rememberedAs(result: FetchResult): ConnectorObject["outcome"] {
  if (result.kind === "failed") return result.outcome;
  if (result.kind === "untouched" || !("reason" in result.reading.result)) return "indexed";
  return result.reading.result.outcome === "notEnriched" ? "unfinished" : "failed";
}

async function acceptPut(
  services: SyncServices,
  run: SyncRun,
  trx: WriteTransaction,
  { item, result }: { item: PutItem; result: Exclude<FetchResult, { kind: "untouched" }> },
): Promise<Outcome> {
  const { job } = run;
  const { document, access, key } = item;
  const configuration = access.kind === "public" ? undefined : access.accessConfiguration;
  const pending = await acceptDocument(trx, {
    ...scopeOf(run),
    documentId: document.documentId,
    title: document.title,
    contentType: document.contentType ?? "",
    attributes: document.attributes,
    acl: aclContentOf(configuration, job.dataSourceId),
    objectKey: key,
    status: "PROCESSING",
    at: services.now(),
  });
  if (result.kind === "read") return outcomeOf(pending, result.reading);
  const { code, failure } = result;
  return {
    document: pending,
    errorCode: failure.kind === "noSuchKey" ? "ResourceNotFound" : "InvalidRequest",
    errorMessage: `${code}: ${failure.message}`,
    status: "FAILED",
  };
}

function scopeOf({ job, index }: SyncRun): DocumentScope {
  const { applicationId, dataSourceId } = job;
  return { applicationId, indexId: index.id, dataSourceId };
}

const noOtherIds = { wantedId: "", reportedId: "" } as const;

/**
 * A document that the plan itself found to be wrong. One that holds no id is shown under the id it
 * would have, unless another object holds that one.
 */
async function acceptFail(
  services: SyncServices,
  run: SyncRun,
  trx: WriteTransaction,
  item: FailItem,
): Promise<Accepted | undefined> {
  const { job } = run;
  const { documentId, reportedId, wantedId = "", key, code, message } = item;
  const scope = scopeOf(run);
  const shown = await documents.findById(trx, { ...scope, documentId: reportedId });
  const isShowable = documentId !== undefined || shown === undefined || shown.objectKey === "";
  const object: ConnectorObject = {
    dataSourceId: job.dataSourceId,
    objectKey: key,
    documentId: documentId ?? "",
    wantedId,
    reportedId: documentId === undefined && isShowable ? reportedId : "",
    outcome: item.outcome,
    fingerprint: JSON.stringify(item.fingerprint),
  };
  if (!isShowable) {
    await connectorObjects.put(trx, object);
    await syncJobs.count(trx, job.id, { failed: 1 });
    services.log("warn", "document.failed", { executionId: job.id, key, reason: message });
    return undefined;
  }
  const document = await acceptDocument(trx, {
    ...scope,
    documentId: documentId ?? reportedId,
    title: key.split("/").at(-1) ?? key,
    contentType: "",
    attributes: [],
    acl: undefined,
    objectKey: documentId === undefined ? "" : key,
    status: "PROCESSING",
    at: services.now(),
  });
  const errorMessage = code === "InvalidRequest" ? message : `${code}: ${message}`;
  const outcome = {
    document,
    errorCode: "InvalidRequest",
    errorMessage,
    status: "FAILED",
  } as const;
  return { outcome, object };
}

async function deleteDocuments(
  { db, search }: SyncServices,
  { job, index, access, indexArn }: SyncRun,
  deletes: SyncBatch["deletes"],
): Promise<void> {
  const refusal = await access.refusal({ kind: "delete", indexArn });
  if (refusal !== undefined) throw new SourceFailure("", refusal);
  await db.write(async (trx) => {
    const scope = { indexId: index.id, dataSourceId: job.dataSourceId };
    const rows = await Promise.all(
      deletes.map(({ documentId }) => documents.findById(trx, { ...scope, documentId })),
    );
    const gone = rows.filter((row) => row?.isReleased === true) as NonNullable<
      (typeof rows)[number]
    >[];
    await search.remove(
      trx,
      index.id,
      gone.map((row) => row.key),
    );
    await documents.remove(trx, gone);
    await syncJobs.count(trx, job.id, { deleted: gone.length });
  });
}

async function noteEnd({ db }: SyncServices, { job }: SyncRun, end: End): Promise<void> {
  if (end.action === "listingFailed") return;
  await db.write(async (trx) => {
    await syncJobs.setScanned(trx, job.id, end.scanned);
    await syncJobs.setIndexing(trx, job.id);
    await syncJobs.setProtected(trx, job.id, end.isDeletionHeld ? end.toDelete : 0);
  });
}
