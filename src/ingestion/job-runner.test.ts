import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ContentLockedError } from "../core/content-cipher.ts";
import { silentLog } from "../core/log.ts";
import { type Database, jobs, openDatabase } from "../store/store.ts";
import { type Queue, startJobRunner } from "./job-runner.ts";

const now = (): Date => new Date();

async function withDatabase(run: (db: Database) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-runner-"));
  try {
    await using db = await openDatabase(join(folder, "quarry.db"));
    await run(db);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function queueOf(run: Queue["run"], more: Partial<Queue> = {}): Queue {
  const giveUp: Queue["giveUp"] = async () => undefined;
  return { name: "q", concurrency: 3, attemptsMax: 2, run, giveUp, ...more };
}

function enqueue(db: Database, ...keys: readonly string[]): Promise<void> {
  return db.write(async (trx) => {
    for (const key of keys) {
      await jobs.enqueue(trx, { queue: "q", key, payload: key, at: now() });
    }
  });
}

test("every job runs once, so many at a time, and is gone afterwards", () =>
  withDatabase(async (db) => {
    const done: string[] = [];
    let running = 0;
    let runningMax = 0;
    const queue = queueOf(async ({ payload }) => {
      running += 1;
      runningMax = Math.max(runningMax, running);
      await sleep(2);
      running -= 1;
      done.push(payload);
    });
    const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
    await enqueue(db, ...keys);
    const runner = startJobRunner(db, queue, { now, log: silentLog });
    await runner.idle();
    await runner.close();
    assert.deepEqual(done.toSorted(), keys.toSorted());
    assert.equal(runningMax, 3);
    assert.deepEqual(await jobs.counts(db.read), []);
  }));

test("what is taken up is known before it runs, each time it is taken up", () =>
  withDatabase(async (db) => {
    const seen: string[] = [];
    const taken: Queue["taken"] = async (_trx, all) => {
      for (const { payload } of all) seen.push(`taken ${payload}`);
    };
    const queue = queueOf(
      async ({ payload, attempts }) => {
        seen.push(`run ${payload}`);
        if (attempts === 1) throw new Error("not yet");
      },
      { taken },
    );
    await enqueue(db, "a");
    const runner = startJobRunner(db, queue, { now, log: silentLog });
    while (seen.length < 4) await sleep(20);
    await runner.close();
    assert.deepEqual(seen, ["taken a", "run a", "taken a", "run a"]);
  }));

test("jobs of one key keep their order", () =>
  withDatabase(async (db) => {
    const done: number[] = [];
    const queue = queueOf(async ({ id }) => {
      await sleep(Math.random() * 3);
      done.push(id);
    });
    await enqueue(db, ...Array.from({ length: 8 }, () => "same"));
    const runner = startJobRunner(db, queue, { now, log: silentLog });
    await runner.idle();
    await runner.close();
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
    );
    assert.equal(done.length, 8);
  }));

test("a job that fails is tried again, then given up in one transaction with its burial", () =>
  withDatabase(async (db) => {
    const attempts: number[] = [];
    const givenUp: string[] = [];
    const failing = queueOf(
      async (job) => {
        attempts.push(job.attempts);
        throw new Error("it does not work");
      },
      {
        giveUp: async (_trx, { payload }, reason) => void givenUp.push(`${payload}: ${reason}`),
      },
    );
    await enqueue(db, "bad");
    const runner = startJobRunner(db, failing, { now, log: silentLog });
    for (let waited = 0; waited < 200 && givenUp.length === 0; waited += 1) await sleep(25);
    await runner.close();
    assert.deepEqual(attempts, [1, 2]);
    assert.deepEqual(givenUp, ["bad: Error: it does not work"]);
    const [counted] = await jobs.counts(db.read);
    assert.deepEqual([counted?.waiting, counted?.dead], [0, 1]);
  }));

test("closing aborts what runs, and the next start does it again", () =>
  withDatabase(async (db) => {
    const started = Promise.withResolvers<void>();
    const hanging = queueOf(async (_job, signal) => {
      started.resolve();
      await sleep(60_000, undefined, { signal });
    });
    await enqueue(db, "long");
    const first = startJobRunner(db, hanging, { now, log: silentLog });
    await started.promise;
    await first.close();
    await db.write((trx) => jobs.releaseAll(trx));
    const done: string[] = [];
    const quick = queueOf(async ({ payload }) => void done.push(payload));
    const second = startJobRunner(db, quick, { now, log: silentLog });
    await second.idle();
    await second.close();
    assert.deepEqual(done, ["long"]);
  }));

test("work that comes while it looks is not forgotten", () =>
  withDatabase(async (db) => {
    let done = 0;
    const queue = queueOf(async () => void (done += 1));
    const runner = startJobRunner(db, queue, { now, log: silentLog });
    for (let n = 0; n < 30; n += 1) {
      await enqueue(db, `k${n}`);
      runner.wake();
    }
    await runner.idle();
    await runner.close();
    assert.equal(done, 30);
  }));

test("what a job held on to is put away once it is buried, and not before", () =>
  withDatabase(async (db) => {
    const told: string[] = [];
    const queue = queueOf(
      async ({ attempts }) => {
        told.push(`attempt ${attempts}`);
        throw new Error("never");
      },
      {
        giveUp: async () => void told.push("given up"),
        buried: async ({ payload }) => void told.push(`buried ${payload}`),
      },
    );
    await enqueue(db, "a");
    const runner = startJobRunner(db, queue, { now, log: silentLog });
    while (!told.includes("buried a")) await sleep(20);
    await runner.close();
    assert.deepEqual(told, ["attempt 1", "attempt 2", "given up", "buried a"]);
  }));

test("a job that a key locks waits without using up its attempts, and is done once it may", () =>
  withDatabase(async (db) => {
    let time = Date.now();
    let runs = 0;
    const givenUp: string[] = [];
    const queue = queueOf(
      async () => {
        runs += 1;
        if (runs < 5) throw new ContentLockedError("the key is disabled");
      },
      { giveUp: async (_trx, { payload }) => void givenUp.push(payload) },
    );
    await enqueue(db, "k");
    // Not before the job: it would not be due yet.
    time = Date.now();
    const runner = startJobRunner(db, queue, { now: () => new Date(time), log: silentLog });
    for (let round = 1; round <= 5; round += 1) {
      await runner.idle();
      assert.equal(runs, round);
      time += 5_000;
      runner.wake();
    }
    await runner.close();
    assert.deepEqual(givenUp, []);
    assert.deepEqual(await jobs.counts(db.read), []);
  }));
