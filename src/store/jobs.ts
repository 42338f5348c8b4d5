import { sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";

/** Work to be done at least once, kept until it is done or dead. */
export type Job = {
  readonly id: number;
  readonly queue: string;
  /** Jobs with one key run one after the other, in order. */
  readonly key: string;
  /** JSON that the queue's worker understands. */
  readonly payload: string;
  /** How often it was started, this time included. */
  readonly attempts: number;
};

/** Adds a job, in the transaction that makes it necessary. */
export async function enqueue(
  trx: WriteTransaction,
  job: {
    readonly queue: string;
    readonly key: string;
    readonly payload: string;
    readonly at: Date;
  },
): Promise<void> {
  await trx
    .insertInto("job")
    .values({
      queue: job.queue,
      key: job.key,
      payload: job.payload,
      attempts: 0,
      due_at: job.at.getTime(),
      leased_until: 0,
      is_dead: 0,
      last_error: "",
    })
    .execute();
}

/**
 * Takes due jobs for `leaseMs`; a job that is neither completed, retried nor extended by then is
 * due again. Of jobs with one key only the oldest is handed out.
 */
export async function lease(
  trx: WriteTransaction,
  request: {
    readonly queue: string;
    readonly now: Date;
    readonly leaseMs: number;
    readonly limit: number;
  },
): Promise<readonly Job[]> {
  const now = request.now.getTime();
  const result = await sql<Job>`
    update job set leased_until = ${now + request.leaseMs}, attempts = attempts + 1
    where id in (
      select id from job as candidate
      where queue = ${request.queue} and is_dead = 0 and due_at <= ${now} and leased_until <= ${now}
        and not exists (
          select 1 from job as earlier
          where earlier.queue = candidate.queue and earlier.key = candidate.key
            and earlier.is_dead = 0 and earlier.id < candidate.id
        )
      order by id limit ${request.limit}
    )
    returning id, queue, key, payload, attempts
  `.execute(trx);
  return result.rows.toSorted((a, b) => a.id - b.id);
}

/** The job is done. */
export async function complete(trx: WriteTransaction, id: number): Promise<void> {
  await trx.deleteFrom("job").where("id", "=", id).execute();
}

/** The job failed for now and is due again at `dueAt`. */
export async function retry(
  trx: WriteTransaction,
  id: number,
  { dueAt, error }: { readonly dueAt: Date; readonly error: string },
): Promise<void> {
  await trx
    .updateTable("job")
    .set({ leased_until: 0, due_at: dueAt.getTime(), last_error: error })
    .where("id", "=", id)
    .execute();
}

/** The job could not run for now, which is not its fault: the attempt does not count. */
export async function postpone(
  trx: WriteTransaction,
  id: number,
  { dueAt, reason }: { readonly dueAt: Date; readonly reason: string },
): Promise<void> {
  await trx
    .updateTable("job")
    .set((on) => ({
      leased_until: 0,
      due_at: dueAt.getTime(),
      last_error: reason,
      attempts: on("attempts", "-", 1),
    }))
    .where("id", "=", id)
    .execute();
}

/** The job failed for good; it stays for a person to look at. */
export async function bury(trx: WriteTransaction, id: number, error: string): Promise<void> {
  await trx
    .updateTable("job")
    .set({ is_dead: 1, leased_until: 0, last_error: error })
    .where("id", "=", id)
    .execute();
}

/** Keeps jobs that take long. */
export async function extend(
  trx: WriteTransaction,
  ids: readonly number[],
  until: Date,
): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .updateTable("job")
    .set({ leased_until: until.getTime() })
    .where("id", "in", ids)
    .execute();
}

/** Frees every lease: for a start with sole hold of the database, whose last holder has died. */
export async function releaseAll(trx: WriteTransaction): Promise<void> {
  await trx.updateTable("job").set({ leased_until: 0 }).where("leased_until", ">", 0).execute();
}

/** Whether a job of a queue is due that nobody holds. Found in order, so at the first that waits. */
export async function hasDue(db: Readable, queue: string, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom("job")
    .select("id")
    .where("queue", "=", queue)
    .where("is_dead", "=", 0)
    .where("due_at", "<=", now.getTime())
    .where("leased_until", "<=", now.getTime())
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many jobs wait and how many are dead, by queue; for the metrics. */
export async function counts(
  db: Readable,
): Promise<readonly { queue: string; waiting: number; dead: number }[]> {
  return db
    .selectFrom("job")
    .select([
      "queue",
      sql<number>`sum(1 - is_dead)`.as("waiting"),
      sql<number>`sum(is_dead)`.as("dead"),
    ])
    .groupBy("queue")
    .execute();
}

/** One page of the living jobs of a queue. */
export async function list(
  db: Readable,
  query: { readonly queue: string; readonly after: number; readonly limit: number },
): Promise<readonly Job[]> {
  return db
    .selectFrom("job")
    .select(["id", "queue", "key", "payload", "attempts"])
    .where("queue", "=", query.queue)
    .where("is_dead", "=", 0)
    .where("id", ">", query.after)
    .orderBy("id")
    .limit(query.limit)
    .execute();
}

/** Whether a living job of a queue has a key that begins with `prefix`. */
export async function hasWithPrefix(db: Readable, queue: string, prefix: string): Promise<boolean> {
  const row = await db
    .selectFrom("job")
    .select("id")
    .where("queue", "=", queue)
    .where("key", ">=", prefix)
    .where("key", "<", `${prefix}\u{10ffff}`)
    .where("is_dead", "=", 0)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
