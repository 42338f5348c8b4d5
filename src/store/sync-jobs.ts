import { type Selectable, sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";
import type { SyncJobTable } from "./schema.ts";

/** States a job goes through; the last four are final. */
export type SyncJobStatus =
  | "SYNCING"
  | "SYNCING_INDEXING"
  | "STOPPING"
  | "SUCCEEDED"
  | "INCOMPLETE"
  | "FAILED"
  | "ABORTED";

/** What a job has counted so far. */
export type SyncCounters = {
  readonly scanned: number;
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
  readonly failed: number;
  /** Deletions that the safeguard held back. */
  readonly protected: number;
};

/** One run of a data source. */
export type SyncJob = SyncCounters & {
  readonly sequence: number;
  readonly id: string;
  readonly applicationId: string;
  readonly indexId: string;
  readonly dataSourceId: string;
  readonly status: SyncJobStatus;
  readonly errorCode: string;
  readonly errorMessage: string;
  /** The connector's own code, such as `S3-5102`. */
  readonly connectorErrorCode: string;
  readonly isStopRequested: boolean;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
};

const running: readonly SyncJobStatus[] = ["SYNCING", "SYNCING_INDEXING", "STOPPING"];

type Row = Selectable<SyncJobTable>;

function fromRow(row: Row): SyncJob {
  return {
    sequence: row.sequence,
    id: row.id,
    applicationId: row.application_id,
    indexId: row.index_id,
    dataSourceId: row.data_source_id,
    status: row.status as SyncJobStatus,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    connectorErrorCode: row.connector_error_code,
    isStopRequested: row.is_stop_requested === 1,
    scanned: row.scanned,
    added: row.added,
    modified: row.modified,
    deleted: row.deleted,
    failed: row.failed,
    protected: row.protected,
    startedAt: new Date(row.started_at),
    endedAt: row.ended_at === null ? undefined : new Date(row.ended_at),
  };
}

/** Starts a job's record. */
export async function insert(
  trx: WriteTransaction,
  job: Pick<SyncJob, "id" | "applicationId" | "indexId" | "dataSourceId" | "startedAt">,
): Promise<void> {
  await trx
    .insertInto("sync_job")
    .values({
      id: job.id,
      application_id: job.applicationId,
      index_id: job.indexId,
      data_source_id: job.dataSourceId,
      status: "SYNCING",
      error_code: "",
      error_message: "",
      connector_error_code: "",
      is_stop_requested: 0,
      scanned: 0,
      added: 0,
      modified: 0,
      deleted: 0,
      failed: 0,
      protected: 0,
      started_at: job.startedAt.getTime(),
      ended_at: null,
    })
    .execute();
}

/** A job by its execution id. */
export async function find(db: Readable, id: string): Promise<SyncJob | undefined> {
  const row = await db.selectFrom("sync_job").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** The job of a data source that has not ended, of which there is at most one. */
export async function findRunning(
  db: Readable,
  dataSourceId: string,
): Promise<SyncJob | undefined> {
  const row = await db
    .selectFrom("sync_job")
    .selectAll()
    .where("data_source_id", "=", dataSourceId)
    .where("status", "in", running)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** One page of a data source's jobs, newest first. */
export async function list(
  db: Readable,
  query: {
    readonly dataSourceId: string;
    readonly status?: string;
    readonly startedFrom?: Date;
    readonly startedTo?: Date;
    /** The last sequence of the page before. */
    readonly before?: number;
    readonly limit: number;
  },
): Promise<readonly SyncJob[]> {
  let select = db
    .selectFrom("sync_job")
    .selectAll()
    .where("data_source_id", "=", query.dataSourceId);
  if (query.before !== undefined) select = select.where("sequence", "<", query.before);
  if (query.status !== undefined) select = select.where("status", "=", query.status);
  if (query.startedFrom !== undefined) {
    select = select.where("started_at", ">=", query.startedFrom.getTime());
  }
  if (query.startedTo !== undefined) {
    select = select.where("started_at", "<=", query.startedTo.getTime());
  }
  const rows = await select.orderBy("sequence", "desc").limit(query.limit).execute();
  return rows.map(fromRow);
}

/** Adds to the counters, in the transaction that did what is counted. */
export async function count(
  trx: WriteTransaction,
  id: string,
  counted: Partial<Omit<SyncCounters, "scanned" | "protected">>,
): Promise<void> {
  await sql`
    update sync_job set
      added = added + ${counted.added ?? 0},
      modified = modified + ${counted.modified ?? 0},
      deleted = deleted + ${counted.deleted ?? 0},
      failed = failed + ${counted.failed ?? 0}
    where id = ${id}
  `.execute(trx);
}

/** Sets what has been scanned; a job that was interrupted lists again from the start. */
export async function setScanned(
  trx: WriteTransaction,
  id: string,
  scanned: number,
): Promise<void> {
  await trx.updateTable("sync_job").set({ scanned }).where("id", "=", id).execute();
}

/** Sets how many deletions the safeguard held back; a job that was interrupted counts them again. */
export async function setProtected(
  trx: WriteTransaction,
  id: string,
  count: number,
): Promise<void> {
  await trx.updateTable("sync_job").set({ protected: count }).where("id", "=", id).execute();
}

/** Asks a running job to stop. */
export async function requestStop(trx: WriteTransaction, id: string): Promise<void> {
  await trx
    .updateTable("sync_job")
    .set({ is_stop_requested: 1, status: "STOPPING" })
    .where("id", "=", id)
    .where("status", "in", running)
    .execute();
}

/** The crawl is done and documents are still being indexed. A job asked to stop stays STOPPING. */
export async function setIndexing(trx: WriteTransaction, id: string): Promise<void> {
  await trx
    .updateTable("sync_job")
    .set({ status: "SYNCING_INDEXING" })
    .where("id", "=", id)
    .where("status", "=", "SYNCING")
    .execute();
}

/** Ends a job; ending it twice changes nothing. */
export async function end(
  trx: WriteTransaction,
  id: string,
  result: {
    readonly status: "SUCCEEDED" | "INCOMPLETE" | "FAILED" | "ABORTED";
    readonly errorCode?: string;
    readonly errorMessage?: string;
    readonly connectorErrorCode?: string;
    readonly at: Date;
  },
): Promise<void> {
  await trx
    .updateTable("sync_job")
    .set({
      status: result.status,
      error_code: result.errorCode ?? "",
      error_message: result.errorMessage ?? "",
      connector_error_code: result.connectorErrorCode ?? "",
      ended_at: result.at.getTime(),
    })
    .where("id", "=", id)
    .where("status", "in", running)
    .execute();
}

/** Forgets the jobs of a data source. */
export async function removeOfDataSource(
  trx: WriteTransaction,
  dataSourceId: string,
): Promise<void> {
  await trx.deleteFrom("sync_job").where("data_source_id", "=", dataSourceId).execute();
}
