import { setTimeout as sleep } from "node:timers/promises";
import type { DataSourceSyncJob } from "../../contract/contract.ts";
import { type Client, ServiceError } from "../client/client.ts";
import { type ParsedArguments, shown } from "../arguments.ts";
import { CliError, usageError } from "../context.ts";
import type { InDataSource } from "../listings.ts";
import { plainLine } from "../table.ts";
import type { ProgressView } from "../progress.ts";

/** Counters of a sync job as numbers. */
export type SyncCounters = {
  readonly scanned: number;
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
  readonly failed: number;
};

const pollMs = 250;

/**
 * The sync job that `--job` names, where it is given.
 *
 * @throws CliError with exit code 2 for what cannot be the id of one.
 */
export function jobIn({ flags }: Pick<ParsedArguments, "flags">): string | undefined {
  const id = flags.get("--job")?.[0];
  if (id === undefined || /^[\da-z-]{36}$/i.test(id)) return id;
  throw usageError(
    `--job is ${shown(id)}, which is no sync job; "aws qbusiness list-data-source-sync-jobs" lists their ids.`,
  );
}

/** The newest sync job of a data source. */
export async function newestJob(
  client: Client,
  source: InDataSource,
): Promise<DataSourceSyncJob | undefined> {
  const { history } = await client.call("ListDataSourceSyncJobs", { ...source, maxResults: 1 });
  return history?.[0];
}

/** Whether a sync job has not come to its end. */
export function isRunning({ status }: DataSourceSyncJob): boolean {
  return status === "SYNCING" || status === "SYNCING_INDEXING" || status === "STOPPING";
}

/**
 * Starts a sync. Where one is running already, that one is followed instead.
 *
 * @returns the execution id, and whether the job had been running before.
 */
export async function startSync(
  client: Client,
  source: InDataSource,
): Promise<{ readonly executionId: string; readonly wasRunning: boolean }> {
  try {
    const { executionId } = await client.call("StartDataSourceSyncJob", source);
    if (executionId !== undefined) return { executionId, wasRunning: false };
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "ConflictException") throw error;
    const running = await newestJob(client, source);
    if (running?.executionId === undefined || !isRunning(running)) throw error;
    return { executionId: running.executionId, wasRunning: true };
  }
  throw new CliError(`${client.endpoint} started a sync without an execution id.`);
}

/**
 * Polls a sync job to its end, showing its counters.
 */
export async function followSync(
  client: Client,
  source: InDataSource & { readonly executionId: string },
  options: {
    readonly view: ProgressView;
    readonly label: string;
    readonly stopping?: AbortSignal;
  },
): Promise<DataSourceSyncJob> {
  const { executionId, ...place } = source;
  try {
    for (;;) {
      const job = await findJob(client, place, executionId);
      if (!isRunning(job)) return job;
      options.view.show(progressOf(options.label, job));
      await sleep(pollMs, undefined, options.stopping ? { signal: options.stopping } : {});
    }
  } finally {
    options.view.end();
  }
}

async function findJob(
  client: Client,
  source: InDataSource,
  executionId: string,
): Promise<DataSourceSyncJob> {
  const { history = [] } = await client.call("ListDataSourceSyncJobs", source);
  const job = history.find((each) => each.executionId === executionId);
  if (job === undefined) throw new CliError(`The sync job ${executionId} is no longer listed.`);
  return job;
}

function progressOf(label: string, job: DataSourceSyncJob): Parameters<ProgressView["show"]>[0] {
  const { scanned, added, modified, deleted, failed } = countersOf(job);
  const done = added + modified + deleted + failed;
  const text =
    scanned === 0
      ? "looking for documents"
      : `${done} of ${scanned} documents${failed === 0 ? "" : `, ${failed} failed`}`;
  return { label, done, ...(scanned === 0 ? {} : { total: scanned }), text };
}

/** The counters of a job; the service sends them as decimal text. */
export function countersOf({ metrics = {} }: DataSourceSyncJob): SyncCounters {
  return {
    scanned: Number(metrics.documentsScanned ?? 0),
    added: Number(metrics.documentsAdded ?? 0),
    modified: Number(metrics.documentsModified ?? 0),
    deleted: Number(metrics.documentsDeleted ?? 0),
    failed: Number(metrics.documentsFailed ?? 0),
  };
}

/** One line on how a job ended: `Sync succeeded: 31 scanned, 31 added, …`. */
export function summarise(job: DataSourceSyncJob): string {
  const { scanned, added, modified, deleted, failed } = countersOf(job);
  const counts = `${scanned} scanned, ${added} added, ${modified} modified, ${deleted} deleted, ${failed} failed`;
  const status = (job.status ?? "ended").toLowerCase().replaceAll("_", " ");
  const reason = job.error?.errorMessage ?? "";
  return plainLine(`Sync ${status}: ${counts}.${reason === "" ? "" : ` ${reason}`}`);
}
