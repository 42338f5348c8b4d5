import { type RawBuilder, type Selectable, sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";
import type { Document } from "./documents.ts";
import type { SyncReportTable } from "./sync-report-schema.ts";

/** What a sync job did with one document. */
export type ReportLine = {
  readonly documentId: string;
  readonly objectKey: string;
  readonly action: "added" | "modified" | "deleted" | "failed";
  readonly status: string;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly title: string;
  readonly uri: string;
  /** Snapshots of lists that a reader had to pass, all; empty where no question found the document. */
  readonly aclBefore: readonly number[];
  readonly aclAfter: readonly number[];
  readonly at: Date;
};

/** A metric of a job, which counts each document once. */
export type Metric = "added" | "modified" | "deleted" | "failed";

const bits: Readonly<Record<Metric, number>> = { added: 1, modified: 2, deleted: 4, failed: 8 };

type Of = { readonly syncId: string; readonly at: Date };

/** Notes documents that a job deletes, in the transaction that does. */
export async function noteDeleted(
  trx: WriteTransaction,
  { syncId, at }: Of,
  documents: readonly Document[],
): Promise<void> {
  const classes = documents.flatMap(({ aclClass, guardAclClass }) => [aclClass, guardAclClass]);
  await sql`
    insert or ignore into acl_snapshot (acl_class, canonical)
    select id, canonical from acl_class
    where id in (select value from json_each(${JSON.stringify([...new Set(classes)])}))
  `.execute(trx);
  for (const document of documents) {
    const isKnown = document.publishedVersion > 0;
    const [acl, guard] = isKnown ? [document.aclClass, document.guardAclClass] : [0, 0];
    await sql`
      insert into sync_report (
        job_sequence, document_id, object_key, action, status, error_code, error_message, title,
        uri, acl_before, guard_before, acl_after, guard_after, counted, at
      )
      select
        sequence, ${document.documentId}, ${document.objectKey}, 'deleted', 'DELETED', '', '',
        ${document.title}, ${document.uri}, ${snapshotOf(acl)}, ${snapshotOf(guard)}, 0, 0, 0,
        ${at.getTime()}
      from sync_job where id = ${syncId}
      on conflict (job_sequence, document_id) do update set
        action = 'deleted', status = 'DELETED', error_code = '', error_message = '',
        acl_after = 0, guard_after = 0, at = excluded.at
    `.execute(trx);
  }
}

function snapshotOf(aclClass: number): RawBuilder<number> {
  return sql<number>`coalesce((select s.id from acl_class c join acl_snapshot s
    on s.acl_class = c.id and s.canonical = c.canonical where c.id = ${aclClass}), 0)`;
}

/** Notes what a job could not do with ids that no row stands for, or not for this job. */
export async function noteFailed(
  trx: WriteTransaction,
  { syncId, at }: Of,
  failures: readonly Pick<
    ReportLine,
    "documentId" | "objectKey" | "title" | "status" | "errorCode" | "errorMessage"
  >[],
): Promise<void> {
  for (const failed of failures) {
    await sql`
      insert into sync_report (
        job_sequence, document_id, object_key, action, status, error_code, error_message, title,
        uri, acl_before, guard_before, acl_after, guard_after, counted, at
      )
      select
        sequence, ${failed.documentId}, ${failed.objectKey}, 'failed', ${failed.status},
        ${failed.errorCode}, ${failed.errorMessage}, ${failed.title}, '', 0, 0, 0, 0, 0,
        ${at.getTime()}
      from sync_job where id = ${syncId}
      on conflict (job_sequence, document_id) do update set
        action = 'failed', status = excluded.status, error_code = excluded.error_code,
        error_message = excluded.error_message, at = excluded.at
    `.execute(trx);
  }
}

/**
 * Marks documents that have lines as counted by a metric.
 *
 * @returns how many of them that metric had not counted before
 */
export async function countOnce(
  trx: WriteTransaction,
  syncId: string,
  counted: { readonly metric: Metric; readonly documentIds: readonly string[] },
): Promise<number> {
  const bit = bits[counted.metric];
  let isNew = 0n;
  for (const documentId of counted.documentIds) {
    const result = await sql`
      update sync_report set counted = counted | ${bit}
      where job_sequence = (select sequence from sync_job where id = ${syncId})
        and document_id = ${documentId} and counted & ${bit} = 0
    `.execute(trx);
    isNew += result.numAffectedRows ?? 0n;
  }
  return Number(isNew);
}

/** One page of a job's lines, in order of the document ids. */
export async function list(
  db: Readable,
  query: { readonly jobSequence: number; readonly after: string; readonly limit: number },
): Promise<readonly ReportLine[]> {
  const rows = await db
    .selectFrom("sync_report")
    .selectAll()
    .where("job_sequence", "=", query.jobSequence)
    .where("document_id", ">", query.after)
    .orderBy("document_id")
    .limit(query.limit)
    .execute();
  return rows.map(lineOf);
}

/** What lists said, by the ids of their snapshots. */
export async function snapshots(
  db: Readable,
  ids: readonly number[],
): Promise<ReadonlyMap<number, { readonly aclClass: number; readonly canonical: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("acl_snapshot").selectAll().where("id", "in", ids).execute();
  return new Map(
    rows.map(({ id, acl_class: aclClass, canonical }) => [id, { aclClass, canonical }]),
  );
}

/** Lists that said something else after a job, by their class. */
export async function classChanges(
  db: Readable,
  jobSequence: number,
): Promise<ReadonlyMap<number, { readonly before: string; readonly after: string }>> {
  const rows = await db
    .selectFrom("sync_report_class")
    .selectAll()
    .where("job_sequence", "=", jobSequence)
    .execute();
  return new Map(
    rows.map((row) => [
      row.acl_class,
      { before: row.canonical_before, after: row.canonical_after },
    ]),
  );
}

/** Which of these documents a job has lines for. */
export async function noted(
  db: Readable,
  query: { readonly jobSequence: number; readonly documentIds: readonly string[] },
): Promise<ReadonlySet<string>> {
  if (query.documentIds.length === 0) return new Set();
  const rows = await db
    .selectFrom("sync_report")
    .select("document_id as documentId")
    .where("job_sequence", "=", query.jobSequence)
    .where("document_id", "in", query.documentIds)
    .execute();
  return new Set(rows.map(({ documentId }) => documentId));
}

/** The newest jobs of each data source, whose reports are kept; their execution ids. */
export async function keptJobs(
  db: Readable,
  jobsPerSource: number,
): Promise<readonly { readonly sequence: number; readonly id: string }[]> {
  const { rows } = await sql<{ sequence: number; id: string }>`
    select sequence, id from (
      select sequence, id,
        row_number() over (partition by data_source_id order by sequence desc) as place
      from sync_job
    ) where place <= ${jobsPerSource} order by sequence
  `.execute(db);
  return rows;
}

/** Removes lines of jobs that are not among `kept`, in steps; gives how many went. */
export async function purge(
  trx: WriteTransaction,
  kept: ReadonlySet<number>,
  limit: number,
): Promise<number> {
  // Each number of a job is found by one step in the primary key, however many lines it has.
  for (let after = -1; ;) {
    const row = await trx
      .selectFrom("sync_report")
      .select("job_sequence as sequence")
      .where("job_sequence", ">", after)
      .orderBy("job_sequence")
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) break;
    after = row.sequence;
    if (kept.has(after)) continue;
    const result = await sql`
      delete from sync_report where (job_sequence, document_id) in (
        select job_sequence, document_id from sync_report
        where job_sequence = ${after} limit ${limit}
      )
    `.execute(trx);
    return Number(result.numAffectedRows ?? 0n);
  }
  const rest = [...kept];
  await sql`
    delete from sync_report_class
    where job_sequence not in (select value from json_each(${JSON.stringify(rest)}))
  `.execute(trx);
  return 0;
}

function lineOf(row: Selectable<SyncReportTable>): ReportLine {
  const classes = (acl: number, guard: number): readonly number[] =>
    acl === 0 ? [] : guard === 0 ? [acl] : [acl, guard];
  return {
    documentId: row.document_id,
    objectKey: row.object_key,
    action: row.action as ReportLine["action"],
    status: row.status,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    title: row.title,
    uri: row.uri,
    aclBefore: classes(row.acl_before, row.guard_before),
    aclAfter: classes(row.acl_after, row.guard_after),
    at: new Date(row.at),
  };
}

/** Why objects failed that a sync did not try again, by key; those with a document that says so. */
export async function failuresByKey(
  db: Readable,
  query: { readonly dataSourceId: string; readonly objectKeys: readonly string[] },
): Promise<ReadonlyMap<string, Pick<ReportLine, "documentId" | "title" | "status"> & Reason>> {
  if (query.objectKeys.length === 0) return new Map();
  const rows = await db
    .selectFrom("connector_object as o")
    .innerJoin("document as d", (join) =>
      join
        .onRef("d.data_source_id", "=", "o.data_source_id")
        .on(sql<boolean>`d.document_id = iif(o.document_id = '', o.reported_id, o.document_id)`),
    )
    .select([
      "o.object_key as objectKey",
      "d.document_id as documentId",
      "d.title as title",
      "d.status as status",
      "d.error_code as errorCode",
      "d.error_message as errorMessage",
    ])
    .where("o.data_source_id", "=", query.dataSourceId)
    .where("o.object_key", "in", query.objectKeys)
    .execute();
  return new Map(rows.map(({ objectKey, ...failure }) => [objectKey, failure]));
}

type Reason = Pick<ReportLine, "errorCode" | "errorMessage">;

/** Classes of documents that no question was closed to, by id. */
export async function classesOf(
  db: Readable,
  query: {
    readonly indexId: string;
    readonly dataSourceId: string;
    readonly ids: readonly string[];
  },
): Promise<
  ReadonlyMap<string, { readonly title: string; readonly aclClasses: readonly number[] }>
> {
  if (query.ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("document")
    .select(["document_id", "title", "acl_class", "guard_acl_class"])
    .where("index_id", "=", query.indexId)
    .where("data_source_id", "=", query.dataSourceId)
    .where("document_id", "in", query.ids)
    .where("published_version", ">", 0)
    .execute();
  return new Map(
    rows.map((row) => [
      row.document_id,
      {
        title: row.title,
        aclClasses:
          row.guard_acl_class === 0 ? [row.acl_class] : [row.acl_class, row.guard_acl_class],
      },
    ]),
  );
}

/** Attributes of documents as the job left them, by id; not of those that changed since. */
export async function attributesOf(
  db: Readable,
  query: {
    readonly syncId: string;
    readonly dataSourceId: string;
    readonly ids: readonly string[];
  },
): Promise<ReadonlyMap<string, string>> {
  if (query.ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("document")
    .select(["document_id as documentId", "attributes"])
    .where("data_source_id", "=", query.dataSourceId)
    .where("document_id", "in", query.ids)
    .where("sync_id", "=", query.syncId)
    .execute();
  return new Map(rows.map(({ documentId, attributes }) => [documentId, attributes]));
}
