import { ContentLockedError } from "../core/content-cipher.ts";
import type { Clock } from "../core/clock.ts";
import { type Log, reasonOf } from "../core/log.ts";
import { type Database, type Job, jobs, type WriteTransaction } from "../store/store.ts";

/** One queue: how its jobs run, and what becomes of a job that keeps failing. */
export type Queue = {
  readonly name: string;
  /** Jobs at once. */
  readonly concurrency: number;
  readonly attemptsMax: number;
  /** Called in the transaction that takes jobs up. */
  readonly taken?: (trx: WriteTransaction, jobs: readonly Job[]) => Promise<void>;
  /** Runs one job; throwing means "try again later". `signal` is aborted when the server stops; the job is then due again. */
  readonly run: (job: Job, signal: AbortSignal) => Promise<void>;
  /** Called, in the transaction that buries the job, after its last attempt. */
  readonly giveUp: (trx: WriteTransaction, job: Job, reason: string) => Promise<void>;
  /** Called once a job is buried, to put away what it held on to; lost in a crash. */
  readonly buried?: (job: Job) => Promise<void>;
};

/** A running queue. */
export type JobRunner = {
  /** Looks for work now instead of at the next tick. */
  readonly wake: () => void;
  /** Resolves when no job is due or running. */
  readonly idle: () => Promise<void>;
  /** Takes no more jobs, aborts the running ones and waits for them. */
  readonly close: () => Promise<void>;
};

const leaseMs = 60_000;
const heartbeatMs = 20_000;
const pollMs = 1_000;
const backoffMsMin = 500;
const backoffMsMax = 60_000;
/** When a job that a key locks is tried again. */
const lockedMs = 5_000;

/**
 * Runs the jobs of a queue, each at least once. Leases outlive neither the process (they are
 * released at the next start) nor a hang (they run out), so no job is lost or stuck.
 */
export function startJobRunner(
  db: Database,
  queue: Queue,
  { now, log }: { readonly now: Clock; readonly log: Log },
): JobRunner {
  const running = new Map<number, Promise<void>>();
  const stop = new AbortController();
  const idleWaiters: (() => void)[] = [];
  // Set anew before each look for work, so that a wake-up during the look is not lost.
  let alarm = Promise.withResolvers<void>();

  const runOne = async (job: Job): Promise<void> => {
    try {
      await queue.run(job, stop.signal);
      await db.write((trx) => jobs.complete(trx, job.id));
    } catch (error) {
      if (stop.signal.aborted) return;
      if (error instanceof ContentLockedError) await postpone(job, error);
      else await fail(job, error);
    }
  };

  const fail = async (job: Job, error: unknown): Promise<void> => {
    const reason = reasonOf(error);
    const isLast = job.attempts >= queue.attemptsMax;
    log(isLast ? "error" : "warn", isLast ? "job.dead" : "job.retry", {
      queue: queue.name,
      job: job.id,
      attempt: job.attempts,
      reason,
    });
    await db.write(async (trx) => {
      if (!isLast) {
        const dueAt = new Date(now().getTime() + backoffOf(job.attempts));
        return jobs.retry(trx, job.id, { dueAt, error: reason });
      }
      await queue.giveUp(trx, job, reason);
      return jobs.bury(trx, job.id, reason);
    });
    if (isLast) await queue.buried?.(job);
  };

  /** What a key locks is done once it may be used again, however long that takes. */
  const postpone = async (job: Job, { message: reason }: Error): Promise<void> => {
    log("info", "job.locked", { queue: queue.name, job: job.id, reason });
    const dueAt = new Date(now().getTime() + lockedMs);
    await db.write((trx) => jobs.postpone(trx, job.id, { dueAt, reason }));
  };

  const takeJobs = async (): Promise<number> => {
    const limit = queue.concurrency - running.size;
    if (limit <= 0) return 0;
    // Looking first is a read; taking a lease is a write that waits for the disk.
    if (!(await jobs.hasDue(db.read, queue.name, now()))) return 0;
    const request = { queue: queue.name, now: now(), leaseMs, limit };
    const leased = await db.write(async (trx) => {
      const taken = await jobs.lease(trx, request);
      await queue.taken?.(trx, taken);
      return taken;
    });
    for (const job of leased) {
      const run = runOne(job)
        .catch((error: unknown) => {
          log("error", "job.lost", { queue: queue.name, job: job.id, reason: reasonOf(error) });
        })
        .finally(() => {
          running.delete(job.id);
          alarm.resolve();
        });
      running.set(job.id, run);
    }
    return leased.length;
  };

  const heartbeat = setInterval(() => {
    const until = new Date(now().getTime() + leaseMs);
    const ids = [...running.keys()];
    if (ids.length > 0) void db.write((trx) => jobs.extend(trx, ids, until)).catch(() => undefined);
  }, heartbeatMs);
  heartbeat.unref();

  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      alarm = Promise.withResolvers();
      const asking = idleWaiters.length;
      const taken = await takeJobs().catch((error: unknown) => {
        log("error", "queue.failed", { queue: queue.name, reason: reasonOf(error) });
        return 0;
      });
      if (taken > 0) continue;
      if (running.size === 0) for (const resolve of idleWaiters.splice(0, asking)) resolve();
      await Promise.race([alarm.promise, sleep(pollMs)]);
    }
  };
  const ended = loop();

  return {
    wake: () => alarm.resolve(),
    idle: () =>
      new Promise((resolve) => {
        idleWaiters.push(resolve);
        alarm.resolve();
      }),
    close: async () => {
      clearInterval(heartbeat);
      stop.abort();
      alarm.resolve();
      await ended;
      await Promise.all(running.values());
    },
  };
}

function backoffOf(attempts: number): number {
  return Math.min(backoffMsMax, backoffMsMin * 2 ** attempts);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
