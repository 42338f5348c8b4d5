import type { FailItem, PutItem } from "../../connectors/connectors.ts";
import {
  connectorObjects,
  type ConnectorObject,
  documents,
  resources,
  syncJobs,
  syncReports,
  type WriteTransaction,
} from "../../store/store.ts";
import { acceptDocument, isRead, type Outcome, publishBatch, type Published } from "../pipeline.ts";
import { changeAccess, classOfAccess } from "./access.ts";
import { documentPlace } from "../sealed-document.ts";
import { type AcceptedPut, acceptPuts } from "./accept-puts.ts";
import type { SyncBatch } from "./batches.ts";
import { SourceFailure, SyncStopped } from "./failure.ts";
import { nextSync } from "./fetch-batch.ts";
import type { FetchResult } from "./fetch.ts";
import { type Fetched, type PlanEnd, scopeOf, type SyncRun } from "./run.ts";
import type { SyncServices } from "./services.ts";
import { isUnsupported, leaveOut } from "./unsupported.ts";

type Batch = {
  readonly batch: SyncBatch;
  readonly fetched: readonly Fetched[];
  readonly number: number;
};

/**
 * Stores a batch: accepts its documents, and publishes them with what is to be remembered. It is not
 * ended by a stop: what was handed over is published.
 */
export async function storeBatch(services: SyncServices, run: SyncRun, work: Batch): Promise<void> {
  const { db, log } = services;
  const { job, index, ledger, access, indexArn } = run;
  const refusal = await access.refusal({ kind: "put", indexArn });
  if (refusal !== undefined) throw new SourceFailure("", refusal);
  const accepted = await db.write((trx) => acceptBatch(services, run, trx, work));
  ledger.settle(work.number);
  if (accepted.length === 0) return;
  const remembered = new Map(accepted.map(({ outcome, object }) => [outcome, object]));
  const outcomes = accepted.map(({ outcome }) => outcome);
  const published = await publishBatch(services, index.id, outcomes, {
    mark: { syncId: job.id },
    room: { limits: run.limits, advice: nextSync },
    also: async (trx, results) => {
      const current = results.filter(({ isCurrent }) => isCurrent);
      // Those that the index had no room for are others by now, and stay unfinished.
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
  const puts: (AcceptedPut & { readonly object: ConnectorObject })[] = [];
  for (const { item, result } of fetched) {
    if (result.kind === "onlyAccess") continue;
    if (isUnsupported(result)) {
      await leaveOut(services, run, trx, { result, object: objectOf(run, item, result) });
      continue;
    }
    const object = objectOf(run, item, result);
    if (result.kind === "untouched") {
      await connectorObjects.put(trx, object);
      const { documentId } = item.document;
      await run.unchanged.note({ key: item.key, documentId, reason: "unmodified" });
    } else puts.push({ item, result, object });
  }
  for (const [at, outcome] of (await acceptPuts(services, run, trx, puts)).entries()) {
    const object = puts[at]?.object;
    if (object !== undefined) accepted.push({ outcome, object });
  }
  await acceptAccess(services, run, trx, fetched);
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
  // From here to the end of publishing a crash may come, and the bucket may change back meanwhile:
  // then the next sync must not take these objects for what they were before.
  const objects = accepted.map(({ object }) => ({ ...object, outcome: "unfinished" as const }));
  await connectorObjects.putMany(trx, objects);
  return accepted;
}

/** Documents that only get other readers are done with here: nothing of them is published again. */
async function acceptAccess(
  services: SyncServices,
  run: SyncRun,
  trx: WriteTransaction,
  fetched: readonly Fetched[],
): Promise<void> {
  const all = fetched.filter(({ result }) => result.kind === "onlyAccess");
  const gone = await changeAccess(
    services,
    run,
    trx,
    all.map(({ item }) => item),
  );
  const objects = all.map(({ item, result }) => objectOf(run, item, result, gone.has(item)));
  await connectorObjects.putMany(trx, objects);
}

function objectOf(
  { job }: SyncRun,
  item: PutItem,
  result: FetchResult,
  isGone = false,
): ConnectorObject {
  const isKept = result.kind === "read" || result.kind === "untouched";
  const fingerprint = isKept
    ? { ...item.fingerprint, objectEtag: result.etag, contentHash: result.contentHash }
    : item.fingerprint;
  return {
    dataSourceId: job.dataSourceId,
    objectKey: item.key,
    documentId: item.document.documentId,
    ...noOtherIds,
    outcome: isGone ? "unfinished" : rememberedAs(result),
    fingerprint: JSON.stringify(fingerprint),
  };
}

/** A function that failed may answer the next time; a file that cannot be read stays what it is. */
function rememberedAs(result: FetchResult): ConnectorObject["outcome"] {
  if (result.kind === "failed") return result.outcome;
  if (result.kind === "refused") return "unfinished";
  if (result.kind === "onlyAccess") return "indexed";
  if (result.kind === "untouched" || !("reason" in result.reading.result)) return "indexed";
  return result.reading.result.outcome === "notEnriched" ? "unfinished" : "failed";
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
  const { documentId, reportedId, wantedId = "", key, access, code, message } = item;
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
    run.unlisted.failures += 1;
    // The id belongs to another object; the report tells of this one under the id of its key.
    const shownAs = { documentId: `s3://${run.settings.bucket}/${key}`, objectKey: key, title: "" };
    const failure = { ...shownAs, status: "FAILED", errorCode: "InvalidRequest" };
    const mark = { syncId: job.id, at: services.now() };
    const place = documentPlace({ ...scope, documentId: failure.documentId }, "error");
    const errorMessage = run.cipher.sealText(place, message);
    await syncReports.noteFailed(trx, mark, [{ ...failure, errorMessage }]);
    services.log("warn", "document.failed", { executionId: job.id, key, reason: message });
    return undefined;
  }
  const failed = {
    ...scope,
    documentId: documentId ?? reportedId,
    title: key.split("/").at(-1) ?? key,
    contentType: "",
    attributes: [],
    // Its class has been found already. Where the list is not known, readers stay who they were.
    acl: undefined,
    aclClass: access === undefined ? 0 : await classOfAccess(trx, run, access),
    objectKey: documentId === undefined ? "" : key,
    status: "PROCESSING" as const,
    at: services.now(),
  };
  const document = await acceptDocument(trx, failed, run.cipher);
  const errorMessage = code === "InvalidRequest" ? message : `${code}: ${message}`;
  const outcome = {
    document,
    errorCode: "InvalidRequest",
    errorMessage,
    status: "FAILED",
  } as const;
  return { outcome, object };
}

/** Deletes documents that the plan lets go of. */
export async function deleteDocuments(
  { db, search, now }: SyncServices,
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
    await syncReports.noteDeleted(trx, { syncId: job.id, at: now() }, gone);
    await documents.remove(trx, gone);
    await syncJobs.count(trx, job.id, { deleted: gone.length });
  });
}

/** Notes how the crawl ended. */
export async function noteEnd({ db }: SyncServices, { job }: SyncRun, end: PlanEnd): Promise<void> {
  if (end.action === "listingFailed") return;
  await db.write(async (trx) => {
    await syncJobs.setScanned(trx, job.id, end.scanned);
    await syncJobs.setIndexing(trx, job.id);
    await syncJobs.setProtected(trx, job.id, end.isDeletionHeld ? end.toDelete : 0);
  });
}
