/**
 * From a source to documents that answer questions: list -> enqueue -> fetch -> extract -> chunk ->
 * publish -> report. Every step can be run again, and publishing is one transaction.
 *
 * Words: a *sync job* is one run of a data source; a *job* is a piece of durable work in a queue;
 * *staged* content has been acknowledged and is not indexed yet.
 *
 * Not for: comparing a bucket with what is known of it (`connectors`), reading formats
 * (`documents`), or ranking (`search`).
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ContentCipher, type ContentVault, openVault } from "../core/content-cipher.ts";
import type { Ids } from "../core/ids.ts";
import { reasonOf } from "../core/log.ts";
import {
  conversations,
  idempotency,
  type Job,
  jobs,
  principalGroups,
  type Resource,
  type SyncJob,
  syncJobs,
  webSessions,
  type WriteTransaction,
} from "../store/store.ts";
import { type Contents, createContents } from "./content-store/open.ts";
import { openContentStore } from "./content-store/content-store.ts";
import { enqueueGroup, giveUpGroup, groupQueue, type GroupToPut, runGroup } from "./group-job.ts";
import { type JobRunner, type Queue, startJobRunner } from "./job-runner.ts";
import {
  beginPuts,
  type DocumentToPut,
  enqueuePut,
  giveUpPut,
  putQueues,
  runPut,
  stagedNameOf,
} from "./put-job.ts";
import { createReports, type Reports } from "./report/report.ts";
import { openUnchangedFiles } from "./report/file.ts";
import { createIndexMetrics, indexGauges } from "./index-metrics.ts";
import { enqueueRemoval, removalQueue, runRemoval } from "./removal-job.ts";
import { startSchedules } from "./schedules.ts";
import { openStaging, type Staging } from "./staging.ts";
import { runSyncJob } from "./sync/job.ts";
import type { SyncServices } from "./sync/services.ts";

export { aclContentOf } from "./access/list.ts";
export { type Enrichment, enrichmentFaults, reviveEnrichment } from "./enrich/configuration.ts";
export type { EnrichmentFault, FieldTypes } from "./enrich/configuration.ts";
export { typedValue } from "./enrich/value.ts";
export { openDocument, syncPlace } from "./sealed-document.ts";
export type { Contents, OpenedContent } from "./content-store/open.ts";
export type { DocumentToPut, PutSource } from "./put-job.ts";
export { openStaging } from "./staging.ts";
export { refusedStatus, type SyncReportLine } from "./report/line.ts";

/** Work on documents, while it goes on in the background. */
export type Ingestion = AsyncDisposable & {
  readonly staging: Staging;
  /** Copies of what was ingested. */
  readonly contents: Contents;
  /** What syncs did with each document. */
  readonly reports: Pick<Reports, "read">;
  /** What became of documents, for `GET /metrics`. */
  readonly gauges: () => ReturnType<typeof indexGauges>;
  /** Each is called in the transaction that makes the work necessary; then `wake`. */
  readonly enqueueSync: (
    trx: WriteTransaction,
    sync: { readonly executionId: string; readonly dataSourceId: string },
    at: Date,
  ) => Promise<void>;
  readonly enqueuePut: (
    trx: WriteTransaction,
    document: DocumentToPut,
    put: { readonly at: Date; readonly cipher?: ContentCipher },
  ) => Promise<void>;
  readonly enqueueGroup: (trx: WriteTransaction, group: GroupToPut, at: Date) => Promise<void>;
  readonly enqueueRemoval: (
    trx: WriteTransaction,
    resource: Pick<Resource<unknown>, "kind" | "id">,
    at: Date,
  ) => Promise<void>;
  /** A custom connector has sent all it has: its job ends when the last document is indexed. */
  readonly finishCustomSync: (trx: WriteTransaction, job: SyncJob, at: Date) => Promise<void>;
  /** Looks for work now. */
  readonly wake: () => void;
  /** Resolves when nothing is due or running; for tests and tools. */
  readonly idle: () => Promise<void>;
};

const syncQueue = "sync";
const customQueue = "custom-sync";
const cleanUpMs = 10 * 60_000;
/** How long the copy of a document that is gone may stay on the disk. */
const collectMs = 30_000;
const idempotencyHours = 24;
const conversationsPerStep = 1000;
const deletedGroupHours = 24;

/** Starts the background work; what was interrupted before goes on. */
export async function startIngestion(
  services: Omit<SyncServices, "temporaryDir" | "contents" | "metrics" | "reports" | "vault"> & {
    /** Keys of applications; without one nothing is sealed. */
    readonly vault?: ContentVault;
    readonly ids: Ids;
    readonly dataDir: string;
    readonly conversationIdleMinutes: number;
  },
): Promise<Ingestion> {
  const { db, now, log, ids } = services;
  const staging = await openStaging(join(services.dataDir, "staging"), ids);
  const temporaryDir = join(services.dataDir, "temporary");
  // What a killed process was reading has no owner any more.
  await rm(temporaryDir, { recursive: true, force: true });
  await mkdir(temporaryDir, { recursive: true, mode: 0o700 });
  const contents = await openContentStore(db, join(services.dataDir, "content"), ids);
  const unchanged = await openUnchangedFiles(join(services.dataDir, "reports"));
  const metrics = createIndexMetrics();
  const reports = createReports(db, unchanged, services.vault);
  const all = { vault: openVault, ...services, staging, temporaryDir, contents, metrics, reports };
  await recover(all);
  await all.network.releaseLeft();
  const runners: readonly JobRunner[] = queuesOf(all).map((queue) =>
    startJobRunner(db, queue, { now, log }),
  );
  const wake = (): void => {
    for (const runner of runners) runner.wake();
  };
  const enqueueSync: Ingestion["enqueueSync"] = (trx, { executionId, dataSourceId }, at) =>
    jobs.enqueue(trx, { queue: syncQueue, key: dataSourceId, payload: executionId, at });
  const schedules = startSchedules({
    db,
    ids,
    now,
    log,
    accountId: services.identity.accountId,
    start: async (trx, source, id) => {
      const { applicationId, indexId, id: dataSourceId } = source;
      await syncJobs.insert(trx, { id, applicationId, indexId, dataSourceId, startedAt: now() });
      await enqueueSync(trx, { executionId: id, dataSourceId }, now());
    },
  });
  const cleanUp = setInterval(() => void cleanUpOld(all).catch(() => undefined), cleanUpMs);
  let collecting = collectGarbage(all);
  const collect = setInterval(() => {
    collecting = collecting.then(() => collectGarbage(all));
  }, collectMs);
  for (const timer of [cleanUp, collect]) timer.unref();
  return {
    staging,
    contents: createContents(all),
    reports,
    gauges: () => indexGauges(metrics),
    enqueueSync,
    enqueuePut,
    enqueueGroup,
    enqueueRemoval,
    finishCustomSync: async (trx, job, at) => {
      await syncJobs.setIndexing(trx, job.id);
      await jobs.enqueue(trx, { queue: customQueue, key: job.id, payload: job.id, at });
    },
    wake,
    idle: async () => {
      for (const runner of runners) await runner.idle();
    },
    [Symbol.asyncDispose]: async () => {
      schedules.close();
      clearInterval(cleanUp);
      clearInterval(collect);
      await collecting;
      await Promise.all(runners.map((runner) => runner.close()));
    },
  };
}

type AllServices = SyncServices & {
  readonly staging: Staging;
  readonly reports: Reports;
  readonly conversationIdleMinutes: number;
};

function queuesOf(services: AllServices): readonly Queue[] {
  const { now } = services;
  return [
    {
      name: syncQueue,
      concurrency: 2,
      attemptsMax: 10,
      run: (job, signal) => runSyncJob(services, job.payload, signal),
      giveUp: (trx, job, reason) =>
        syncJobs.end(trx, job.payload, {
          status: "FAILED",
          errorCode: "InternalError",
          errorMessage: `The sync was interrupted too often; the last reason: ${reason}`,
          at: now(),
        }),
    },
    ...Object.values(putQueues).map((name) => putQueueOf(services, name)),
    {
      name: groupQueue,
      concurrency: 2,
      attemptsMax: 5,
      run: (job, signal) => runGroup(services, job, signal),
      giveUp: (trx, job, reason) => giveUpGroup(trx, job, { reason, at: now() }),
    },
    {
      name: removalQueue,
      concurrency: 1,
      attemptsMax: 20,
      run: (job, signal) => runRemoval(services, job, signal),
      giveUp: async () => undefined,
    },
    {
      name: customQueue,
      concurrency: 8,
      attemptsMax: 20,
      run: (job, signal) => endCustomSync(services, job, signal),
      giveUp: (trx, job) => syncJobs.end(trx, job.payload, { status: "INCOMPLETE", at: now() }),
    },
  ];
}

function putQueueOf(services: AllServices, name: string): Queue {
  const { now } = services;
  return {
    name,
    concurrency: 8,
    attemptsMax: 5,
    taken: (trx, taken) => beginPuts(trx, taken, now()),
    run: (job, signal) => runPut(services, job, signal),
    giveUp: (trx, job) => giveUpPut(trx, job, now()),
    buried: (job) => dropStaged(services, job),
  };
}

const customPollMs = 100;

/** Waits until the documents of a custom connector's job have been indexed. */
async function endCustomSync(
  { db, now }: SyncServices,
  job: Job,
  signal: AbortSignal,
): Promise<void> {
  const sync = await syncJobs.find(db.read, job.payload);
  if (sync === undefined) return;
  const prefix = `${sync.indexId}/${sync.dataSourceId}/`;
  for (const queue of Object.values(putQueues)) {
    while (await jobs.hasWithPrefix(db.read, queue, prefix)) {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, customPollMs));
    }
  }
  const failed = (await syncJobs.find(db.read, sync.id))?.failed ?? 0;
  const status = failed > 0 ? "INCOMPLETE" : "SUCCEEDED";
  await db.write((trx) => syncJobs.end(trx, sync.id, { status, at: now() }));
}

/** Content of a document that was given up; should a crash come first, the next start removes it. */
async function dropStaged({ staging }: AllServices, { payload }: Job): Promise<void> {
  const name = stagedNameOf(payload);
  if (name !== undefined) await staging.remove(name);
}

/** After a start: nobody holds a lease, and content that no job names was never acknowledged. */
async function recover({ db, staging }: AllServices): Promise<void> {
  await db.write((trx) => jobs.releaseAll(trx));
  const wanted = new Set<string | undefined>();
  for (const queue of Object.values(putQueues)) {
    for (let after = 0; ;) {
      const page = await jobs.list(db.read, { queue, after, limit: 1000 });
      for (const { payload } of page) wanted.add(stagedNameOf(payload));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
  }
  for (const name of await staging.list()) if (!wanted.has(name)) await staging.remove(name);
}

/** Removes copies of documents that are gone; what cannot be removed now is tried again. */
async function collectGarbage({ contents, log }: AllServices): Promise<void> {
  try {
    await contents.collect();
  } catch (error) {
    log("warn", "content.garbage", { reason: reasonOf(error) });
  }
}

/** Forgets what nobody may use any more. */
async function cleanUpOld(services: AllServices): Promise<void> {
  const { db, now, conversationIdleMinutes, reports } = services;
  const ago = (ms: number): Date => new Date(now().getTime() - ms);
  await db.write(async (trx) => {
    await idempotency.purge(trx, ago(idempotencyHours * 3_600_000));
    await principalGroups.purgeDeleted(trx, ago(deletedGroupHours * 3_600_000), 100);
    await webSessions.purge(trx, ago(60 * 60_000));
  });
  await reports.sweep();
  const idleSince = ago(conversationIdleMinutes * 60_000);
  for (let gone = conversationsPerStep; gone === conversationsPerStep;) {
    gone = await db.write((trx) => conversations.purge(trx, idleSince, conversationsPerStep));
  }
}
