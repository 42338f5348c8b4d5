import assert from "node:assert/strict";
import { test } from "node:test";
import { chunksOf } from "./testing/collection.ts";
import { SearchOverloadedError, ThreadPool } from "./thread-pool.ts";

const prepareOptions = {
  entry: "prepare-thread",
  path: "",
  cacheBytesMax: 0,
  threadsMax: 1,
  waitingMax: 10,
} as const;

const document = {
  documentKey: 1,
  version: 1,
  aclClass: 1,
  title: "",
  attributes: [],
  chunks: chunksOf(["word ".repeat(200_000)]),
};
const quick = { kind: "prepare", documents: [] } as const;
const slow = { kind: "prepare", documents: [document] } as const;

test("jobs are done in order; one too many is refused at once", async () => {
  await using pool = new ThreadPool({ ...prepareOptions, waitingMax: 2 });
  const done: string[] = [];
  const jobs = ["a", "b", "c"].map((name) => pool.run(quick).then(() => done.push(name)));
  await assert.rejects(pool.run(quick), SearchOverloadedError);
  await Promise.all(jobs);
  assert.deepEqual(done, ["a", "b", "c"]);
});

test("an aborted job is rejected with the reason, and its thread goes on with the next", async () => {
  await using pool = new ThreadPool(prepareOptions);
  const running = new AbortController();
  const waiting = new AbortController();
  const first = pool.run(slow, { signal: running.signal });
  const second = pool.run(slow, { signal: waiting.signal });
  const third = pool.run(quick);
  running.abort(new Error("first is not wanted"));
  waiting.abort(new Error("second is not wanted"));
  await assert.rejects(first, /first is not wanted/);
  await assert.rejects(second, /second is not wanted/);
  assert.equal((await third).segment.documents, 0);
});

test("an error in a thread fails its job and no other", async () => {
  await using pool = new ThreadPool(prepareOptions);
  await assert.rejects(
    pool.run({ kind: "merge", indexId: "x", ids: [] }),
    /No merge in this thread/,
  );
  assert.equal((await pool.run(quick)).segment.documents, 0);
});

test("a thread that cannot start or dies fails its job, and the next job gets a new one", async () => {
  await using pool = new ThreadPool({
    ...prepareOptions,
    entry: "search-thread",
    path: "/no/such/folder/quarry.db",
  });
  const job = { kind: "merge", indexId: "x", ids: [] } as const;
  await assert.rejects(pool.run(job), /unable to open database file/);
  await assert.rejects(pool.run(job), /unable to open database file/);
});

test("an idle thread ends, and the next job starts another", async () => {
  await using pool = new ThreadPool({ ...prepareOptions, idleMs: 1 });
  await pool.run(quick);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal((await pool.run(quick)).segment.documents, 0);
});

test("closing rejects what runs and what waits, and takes nothing more", async () => {
  const pool = new ThreadPool(prepareOptions);
  const jobs = [pool.run(slow), pool.run(quick)].map((job) => assert.rejects(job, /closed/));
  await pool[Symbol.asyncDispose]();
  await Promise.all(jobs);
  await assert.rejects(pool.run(quick), /closed/);
});
