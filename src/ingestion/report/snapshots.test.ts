import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  aclClasses,
  aclSnapshots,
  type Database,
  documents,
  openDatabase,
  syncJobs,
  syncReports,
} from "../../store/store.ts";
import { purgeSnapshots } from "./snapshots.ts";

const at = new Date(1_767_312_000_000);
const scope = { applicationId: "app", indexId: "index", dataSourceId: "source" };

async function withDatabase(run: (db: Database) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-snapshots-"));
  const db = await openDatabase(join(folder, "quarry.db"));
  try {
    await run(db);
  } finally {
    await db[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a job that gives a document a list; gives the job's number. */
async function job(db: Database, id: string, acl: string, isEnded = true): Promise<number> {
  await db.write(async (trx) => {
    await syncJobs.insert(trx, { ...scope, id, startedAt: at });
    const document = { ...scope, documentId: "a", title: "A", objectKey: "a.md", at };
    const accepted = await documents.accept(trx, { ...document, status: "PROCESSING" });
    const aclClass = await aclClasses.intern(trx, acl);
    const rest = { title: "A", uri: "", contentType: "MD", attributes: "[]", textBytes: 1 };
    const mark = { syncId: id, syncAction: `modified`, at };
    await documents.publish(trx, { ...accepted, ...rest, ...mark, aclClass });
    if (isEnded) await syncJobs.end(trx, id, { status: "SUCCEEDED", at });
  });
  return (await syncJobs.find(db.read, id))?.sequence ?? assert.fail("no job");
}

async function left(db: Database): Promise<readonly string[]> {
  const found = await syncReports.snapshots(db.read, [1, 2, 3, 4, 5, 6]);
  return [...found.values()].map(({ canonical }) => canonical).toSorted();
}

async function keep(db: Database, ...jobs: readonly number[]): Promise<void> {
  for (let gone = 1; gone > 0;) {
    gone = await db.write((trx) => syncReports.purge(trx, new Set(jobs), 10));
  }
}

test("what no report needs goes, what one needs stays", () =>
  withDatabase(async (db) => {
    await job(db, "one", '"x"');
    const second = await job(db, "two", '"y"');
    const third = await job(db, "three", '"z"');
    const all = await left(db);
    assert.deepEqual(all, ['"x"', '"y"', '"z"']);
    assert.equal(await purgeSnapshots(db), true);
    assert.deepEqual(await left(db), all, "every line is there still");
    await keep(db, second, third);
    assert.equal(await purgeSnapshots(db), true);
    assert.deepEqual(await left(db), all, "the second job says what was before it");
    await keep(db, third);
    assert.equal(await purgeSnapshots(db), true);
    assert.deepEqual(await left(db), ['"y"', '"z"']);
    await keep(db);
    assert.equal(await purgeSnapshots(db), true);
    assert.deepEqual(await left(db), []);
    const fourth = await job(db, "four", '"y"');
    const [line] = await syncReports.list(db.read, { jobSequence: fourth, after: "", limit: 1 });
    const said = await syncReports.snapshots(db.read, [
      ...(line?.aclBefore ?? []),
      ...(line?.aclAfter ?? []),
    ]);
    assert.deepEqual([...said.values()].map(({ canonical }) => canonical).toSorted(), [
      '"y"',
      '"z"',
    ]);
  }));

test("while a sync runs, or once one has begun, nothing goes", () =>
  withDatabase(async (db) => {
    await job(db, "one", '"x"');
    await keep(db);
    const moment = await aclSnapshots.quietMoment(db.read);
    assert.ok(moment !== undefined);
    const running = await job(db, "two", '"y"', false);
    assert.equal(await aclSnapshots.quietMoment(db.read), undefined);
    assert.equal(await purgeSnapshots(db), false);
    const purge = () =>
      db.write((trx) =>
        aclSnapshots.purge(trx, moment, { needed: new Set(), after: 0, limit: 10 }),
      );
    assert.equal(await purge(), undefined);
    await db.write((trx) => syncJobs.end(trx, "two", { status: "SUCCEEDED", at }));
    assert.equal(await purge(), undefined, "the moment is over, whatever runs now");
    assert.deepEqual(await left(db), ['"x"', '"y"']);
    assert.equal(await purgeSnapshots(db), true);
    assert.deepEqual(await left(db), ['"x"', '"y"'], "the second job says what was before it");
    await keep(db, running);
  }));
