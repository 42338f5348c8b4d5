// What access lists said when a sync noted a document, for as long as a report needs it.
import { sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";

/** A moment in which no sync job runs: until one begins, no report comes to need anything new. */
export type QuietMoment = { readonly lastJob: number; readonly lastSnapshot: number };

/** The moment, if it is one. */
export async function quietMoment(db: Readable): Promise<QuietMoment | undefined> {
  const { rows } = await sql<QuietMoment & { isBusy: number }>`
    select
      exists (
        select 1 from sync_job where status in ('SYNCING', 'SYNCING_INDEXING', 'STOPPING')
      ) as isBusy,
      (select coalesce(max(sequence), 0) from sync_job) as lastJob,
      (select coalesce(max(id), 0) from acl_snapshot) as lastSnapshot
  `.execute(db);
  const [row] = rows;
  if (row === undefined || row.isBusy === 1) return undefined;
  return { lastJob: row.lastJob, lastSnapshot: row.lastSnapshot };
}

/** Where a walk over all lines of reports stands. */
export type LinePlace = { readonly jobSequence: number; readonly documentId: string };

/** The snapshots that one page of lines needs, and the last line of it; none at the end. */
export async function needed(
  db: Readable,
  after: LinePlace,
  limit: number,
): Promise<{ readonly ids: readonly number[]; readonly last: LinePlace | undefined }> {
  const { rows } = await sql<{
    jobSequence: number;
    documentId: string;
    a: number;
    b: number;
    c: number;
    d: number;
  }>`
    select job_sequence as jobSequence, document_id as documentId,
      acl_before as a, guard_before as b, acl_after as c, guard_after as d
    from sync_report
    where (job_sequence, document_id) > (${after.jobSequence}, ${after.documentId})
    order by job_sequence, document_id limit ${limit}
  `.execute(db);
  const last = rows.at(-1);
  const place = last && { jobSequence: last.jobSequence, documentId: last.documentId };
  return { ids: rows.flatMap(({ a, b, c, d }) => [a, b, c, d]), last: place };
}

/**
 * Removes snapshots of a quiet moment that nothing needs, in steps.
 *
 * @returns where to go on; undefined at the end, and once the moment is over.
 */
export async function purge(
  trx: WriteTransaction,
  moment: QuietMoment,
  step: { readonly needed: ReadonlySet<number>; readonly after: number; readonly limit: number },
): Promise<number | undefined> {
  const now = await quietMoment(trx);
  if (now?.lastJob !== moment.lastJob) return undefined;
  const rows = await trx
    .selectFrom("acl_snapshot")
    .select("id")
    .where("id", ">", step.after)
    .where("id", "<=", moment.lastSnapshot)
    .orderBy("id")
    .limit(step.limit)
    .execute();
  const gone = rows.map(({ id }) => id).filter((id) => !step.needed.has(id));
  await sql`
    delete from acl_snapshot where id in (select value from json_each(${JSON.stringify(gone)}))
  `.execute(trx);
  return rows.at(-1)?.id;
}
