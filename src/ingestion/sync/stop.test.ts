import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Database, openDatabase, syncJobs } from "../../store/store.ts";
import { SyncStopped } from "./failure.ts";
import { watchStop } from "./stop.ts";

let folder: string;
let db: Database;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarry-stop-"));
  db = await openDatabase(join(folder, "quarry.db"));
});
after(async () => {
  await db[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A stop is noticed at once; a test that waits for one that never comes fails. */
const soon = { timeout: 10_000 };

async function startJob(id: string): Promise<void> {
  const names = { id, applicationId: "app", indexId: "index", dataSourceId: id };
  await db.write((trx) => syncJobs.insert(trx, { ...names, startedAt: new Date(0) }));
}

const requestStop = (id: string) =>
  db.write((trx) =>
    trx.updateTable("sync_job").set({ is_stop_requested: 1 }).where("id", "=", id).execute(),
  );

test("a job that is asked to stop is told so, as is one whose record is gone", soon, async () => {
  await startJob("asked");
  for (const [id, change] of [
    ["asked", () => requestStop("asked")],
    ["gone", async () => undefined],
  ] as const) {
    using watch = watchStop(db, id, new AbortController().signal);
    assert.equal(watch.isRequested(), false);
    await change();
    if (!watch.signal.aborted) await once(watch.signal, "abort");
    assert.ok(watch.signal.reason instanceof SyncStopped, id);
    assert.equal(watch.isRequested(), true, id);
  }
});

test("a job goes on while nobody asks it to stop", async () => {
  await startJob("running");
  using watch = watchStop(db, "running", new AbortController().signal);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(watch.signal.aborted, false);
});

test("the end of the server ends the job's work, and is not what the history calls a stop", async () => {
  await startJob("server");
  const server = new AbortController();
  using watch = watchStop(db, "server", server.signal);
  server.abort(new Error("The server ends."));
  assert.equal(watch.signal.aborted, true);
  assert.equal(watch.isRequested(), false);
  // Asked as well: it is run again after the start, and ends then.
  await requestStop("server");
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(watch.isRequested(), false);
});

test("nobody looks for a request once the job is over", async () => {
  await startJob("over");
  const watch = watchStop(db, "over", new AbortController().signal);
  watch[Symbol.dispose]();
  await requestStop("over");
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(watch.signal.aborted, false);
});
