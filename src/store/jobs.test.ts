import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Database, type Job, jobs, openDatabase } from "./store.ts";

const at = new Date("2026-02-03T04:05:06Z");
const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1000);

async function withDatabase(run: (db: Database) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-jobs-"));
  try {
    await using db = await openDatabase(join(folder, "quarry.db"));
    await run(db);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function enqueue(db: Database, ...keys: readonly string[]): Promise<void> {
  return db.write(async (trx) => {
    for (const key of keys) await jobs.enqueue(trx, { queue: "q", key, payload: key, at });
  });
}

function lease(db: Database, now = at, limit = 10): Promise<readonly Job[]> {
  return db.write((trx) => jobs.lease(trx, { queue: "q", now, leaseMs: 60_000, limit }));
}

test("jobs are handed out in order, once, and again when their lease has run out", () =>
  withDatabase(async (db) => {
    await enqueue(db, "a", "b", "c");
    assert.deepEqual(
      (await lease(db, at, 2)).map(({ key, attempts }) => [key, attempts]),
      [
        ["a", 1],
        ["b", 1],
      ],
    );
    assert.deepEqual(
      (await lease(db)).map(({ key }) => key),
      ["c"],
    );
    assert.deepEqual(await lease(db), []);
    assert.equal(await jobs.hasDue(db.read, "q", later(59)), false);
    assert.equal(await jobs.hasDue(db.read, "q", later(61)), true);
    assert.deepEqual(
      (await lease(db, later(61))).map(({ attempts }) => attempts),
      [2, 2, 2],
    );
  }));

test("jobs of one key run one after the other", () =>
  withDatabase(async (db) => {
    await enqueue(db, "a", "a", "b");
    const [first, other] = await lease(db);
    assert.deepEqual([first?.key, other?.key], ["a", "b"]);
    assert.deepEqual(await lease(db), []);
    await db.write((trx) => jobs.complete(trx, first?.id ?? 0));
    assert.equal((await lease(db)).length, 1);
  }));

test("a job that is tried again later holds up its key, and no other", () =>
  withDatabase(async (db) => {
    await enqueue(db, "a", "a", "b");
    const [first] = await lease(db, at, 1);
    const retry = { dueAt: later(30), error: "not now" };
    await db.write((trx) => jobs.retry(trx, first?.id ?? 0, retry));
    assert.deepEqual(
      (await lease(db)).map(({ key }) => key),
      ["b"],
    );
    assert.deepEqual(
      (await lease(db, later(30))).map(({ key, attempts }) => [key, attempts]),
      [["a", 2]],
    );
  }));

test("a buried job is dead, counted as such, and lets the next one of its key go", () =>
  withDatabase(async (db) => {
    await enqueue(db, "a", "a");
    const [first] = await lease(db);
    await db.write((trx) => jobs.bury(trx, first?.id ?? 0, "too often"));
    const [counted] = await jobs.counts(db.read);
    assert.deepEqual([counted?.waiting, counted?.dead], [1, 1]);
    assert.equal((await lease(db)).length, 1);
    assert.equal((await jobs.list(db.read, { queue: "q", after: 0, limit: 10 })).length, 1);
  }));

test("a lease that is extended does not run out, and a start frees all", () =>
  withDatabase(async (db) => {
    await enqueue(db, "a");
    const [job] = await lease(db);
    await db.write((trx) => jobs.extend(trx, [job?.id ?? 0], later(600)));
    assert.deepEqual(await lease(db, later(300)), []);
    await db.write((trx) => jobs.releaseAll(trx));
    assert.equal((await lease(db)).length, 1);
  }));

test("a prefix of keys is matched from the start, as text", () =>
  withDatabase(async (db) => {
    await enqueue(db, "index-1/source/ä");
    const has = (prefix: string) => jobs.hasWithPrefix(db.read, "q", prefix);
    assert.equal(await has("index-1/source/"), true);
    assert.equal(await has("index-1/"), true);
    assert.equal(await has("index_1/"), false);
    assert.equal(await has("source/"), false);
    assert.equal(await has("index-10/"), false);
    const [job] = await lease(db);
    await db.write((trx) => jobs.bury(trx, job?.id ?? 0, ""));
    assert.equal(await has("index-1/"), false, "dead jobs do not count");
  }));

test("a long queue costs no more than a short one", () =>
  withDatabase(async (db) => {
    await enqueue(db, ...Array.from({ length: 4000 }, (_, n) => `key-${n}`));
    const started = performance.now();
    for (let round = 0; round < 20; round += 1) {
      assert.equal(await jobs.hasDue(db.read, "q", at), true);
      const leased = await lease(db, at, 8);
      assert.equal(leased.length, 8);
      if (round % 2 === 0) continue;
      await db.write(async (trx) => {
        for (const { id } of leased) await jobs.complete(trx, id);
      });
    }
    assert.ok(performance.now() - started < 2500, `${performance.now() - started} ms`);
  }));

test("a job that is postponed has not used up an attempt, and holds up its key meanwhile", () =>
  withDatabase(async (db) => {
    await enqueue(db, "a", "a");
    for (let round = 1; round <= 3; round += 1) {
      const [job, ...others] = await lease(db, later(round * 10));
      assert.deepEqual([job?.attempts, others], [1, []]);
      const postponed = { dueAt: later(round * 10 + 10), reason: "locked" };
      await db.write((trx) => jobs.postpone(trx, job?.id ?? 0, postponed));
      assert.equal(await jobs.hasDue(db.read, "q", later(round * 10 + 9)), true, "the second one");
      assert.deepEqual(await lease(db, later(round * 10 + 9)), [], "which waits for the first");
    }
  }));
