import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as aclClasses from "./acl-classes.ts";
import { type Database, openDatabase } from "./database.ts";
import * as documents from "./documents.ts";
import * as syncJobs from "./sync-jobs.ts";
import * as reports from "./sync-reports.ts";

const at = new Date(1_767_312_000_000);
const open = JSON.stringify("public");
const scope = { applicationId: "app", indexId: "index", dataSourceId: "source" };

async function withDatabase(run: (db: Database) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-report-"));
  const db = await openDatabase(join(folder, "quarry.db"));
  try {
    await run(db);
  } finally {
    await db[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startJob(db: Database, id: string, dataSourceId = "source"): Promise<number> {
  await db.write((trx) => syncJobs.insert(trx, { ...scope, id, dataSourceId, startedAt: at }));
  return (await syncJobs.find(db.read, id))?.sequence ?? assert.fail("no job");
}

/** Puts a document as a sync does, or lets it fail. */
async function put(
  db: Database,
  how: { readonly syncId: string; readonly acl: string; readonly fails?: boolean },
  documentId = "a",
): Promise<void> {
  const { syncId, acl, fails = false } = how;
  await db.write(async (trx) => {
    const aclClass = await aclClasses.intern(trx, acl);
    const document = { ...scope, documentId, title: "old", objectKey: `${documentId}.md`, at };
    const accepted = await documents.accept(trx, { ...document, status: "PROCESSING" });
    const before = await documents.findByKey(trx, accepted.key);
    if (fails) {
      const error = { errorCode: "InvalidRequest", errorMessage: "damaged", status: "FAILED" };
      const mark = { guardAclClass: aclClass, syncId, syncAction: "failed", at };
      await documents.fail(trx, { ...accepted, ...error, ...mark, status: "FAILED" });
      return;
    }
    await documents.publish(trx, {
      ...accepted,
      title: "A",
      uri: "https://x/a",
      contentType: "MD",
      attributes: "[]",
      textBytes: 1,
      aclClass,
      syncId,
      syncAction: before?.publishedVersion === 0 ? "added" : "modified",
      at,
    });
  });
}

/** What a line says of access: the lists before and after. */
async function access(
  db: Database,
  line: reports.ReportLine | undefined,
): Promise<readonly (readonly (string | undefined)[])[]> {
  assert.ok(line);
  const { aclBefore, aclAfter } = line;
  const found = await reports.snapshots(db.read, [...aclBefore, ...aclAfter]);
  return [aclBefore, aclAfter].map((ids) => ids.map((id) => found.get(id)?.canonical));
}

const lines = (db: Database, jobSequence: number, after = "", limit = 10) =>
  reports.list(db.read, { jobSequence, after, limit });

test("each document has one line per job, with who could read it before and after", () =>
  withDatabase(async (db) => {
    const first = await startJob(db, "job-1");
    await put(db, { syncId: "job-1", acl: "hr" });
    const second = await startJob(db, "job-2");
    await put(db, { syncId: "job-2", acl: open });
    const third = await startJob(db, "job-3");
    await put(db, { syncId: "job-3", acl: "eng", fails: true });
    const [added] = await lines(db, first);
    assert.deepEqual(added, {
      documentId: "a",
      objectKey: "a.md",
      action: "added",
      status: "INDEXED",
      errorCode: "",
      errorMessage: "",
      title: "A",
      uri: "https://x/a",
      aclBefore: [],
      aclAfter: added?.aclAfter,
      at,
    });
    assert.deepEqual(await access(db, added), [[], ["hr"]]);
    const [modified] = await lines(db, second);
    assert.equal(modified?.action, "modified");
    assert.deepEqual(await access(db, modified), [["hr"], [open]]);
    const [failed] = await lines(db, third);
    assert.deepEqual([failed?.action, failed?.errorMessage], ["failed", "damaged"]);
    assert.deepEqual(await access(db, failed), [[open], [open, "eng"]]);
  }));

test("a document that a job meets twice keeps its first state and its last end", () =>
  withDatabase(async (db) => {
    const job = await startJob(db, "job-1");
    await put(db, { syncId: "job-1", acl: "hr", fails: true });
    await put(db, { syncId: "job-1", acl: "hr" });
    await put(db, { syncId: "job-1", acl: open });
    const [line] = await lines(db, job);
    assert.deepEqual([line?.action, line?.status, line?.errorMessage], ["added", "UPDATED", ""]);
    assert.deepEqual(await access(db, line), [[], [open]]);
  }));

test("a direct put has no job and leaves no line; neither does a job that is gone", () =>
  withDatabase(async (db) => {
    const job = await startJob(db, "job-1");
    await put(db, { syncId: "", acl: open });
    await put(db, { syncId: "gone", acl: open });
    assert.deepEqual(await lines(db, job), []);
  }));

test("another list without another text is a line of the job that runs", () =>
  withDatabase(async (db) => {
    await startJob(db, "job-1");
    await put(db, { syncId: "job-1", acl: "hr" });
    const reclassify = (acl: string) =>
      db.write(async (trx) => {
        const id = await aclClasses.intern(trx, acl);
        await trx.updateTable("document").set({ acl_class: id }).execute();
      });
    await db.write((trx) => syncJobs.end(trx, "job-1", { status: "SUCCEEDED", at }));
    await reclassify("eng");
    const job = await startJob(db, "job-2");
    assert.deepEqual(await lines(db, job), [], "nothing was changed by a job");
    await reclassify(open);
    const [line] = await lines(db, job);
    assert.equal(line?.action, "modified");
    assert.deepEqual(await access(db, line), [["eng"], [open]]);
    await reclassify(open);
    await reclassify("hr");
    const [twice] = await lines(db, job);
    assert.deepEqual(await access(db, twice), [["eng"], ["hr"]]);
  }));

test("a list that says something else later is reported as it was", () =>
  withDatabase(async (db) => {
    const job = await startJob(db, "job-1");
    await put(db, { syncId: "job-1", acl: "hr" });
    await db.write((trx) => trx.updateTable("acl_class").set({ canonical: "all" }).execute());
    const [line] = await lines(db, job);
    assert.deepEqual(await access(db, line), [[], ["hr"]]);
    assert.equal((await reports.classChanges(db.read, job)).size, 0, "no rule has this class");
  }));

test("a deletion keeps what was there, and one that is put again was modified", () =>
  withDatabase(async (db) => {
    await startJob(db, "job-1");
    await put(db, { syncId: "job-1", acl: "hr" });
    const job = await startJob(db, "job-2");
    const row = await documents.findById(db.read, { ...scope, documentId: "a" });
    assert.ok(row);
    await db.write(async (trx) => {
      await reports.noteDeleted(trx, { syncId: "job-2", at }, [row]);
      await documents.remove(trx, [row]);
    });
    const [deleted] = await lines(db, job);
    assert.deepEqual([deleted?.action, deleted?.title], ["deleted", "A"]);
    assert.deepEqual(await access(db, deleted), [["hr"], []]);
    await put(db, { syncId: "job-2", acl: open });
    const [again] = await lines(db, job);
    assert.equal(again?.action, "modified");
    assert.deepEqual(await access(db, again), [["hr"], [open]]);
  }));

test("a metric counts a document once per job", () =>
  withDatabase(async (db) => {
    await startJob(db, "job-1");
    const count = (metric: reports.Metric, ...documentIds: readonly string[]) =>
      db.write((trx) => reports.countOnce(trx, "job-1", { metric, documentIds }));
    assert.equal(await count("added", "a"), 0, "nothing is counted that has no line");
    await put(db, { syncId: "job-1", acl: open });
    await put(db, { syncId: "job-1", acl: open }, "b");
    assert.equal(await count("added", "a", "b"), 2);
    assert.equal(await count("added", "a", "b"), 0);
    assert.equal(await count("modified", "a"), 1);
    await put(db, { syncId: "job-1", acl: "hr" });
    assert.equal(await count("modified", "a", "b"), 1);
  }));

test("failures without a row have lines, in pages with the others", () =>
  withDatabase(async (db) => {
    const job = await startJob(db, "job-1");
    await put(db, { syncId: "job-1", acl: open }, "b");
    const failure = { objectKey: "", title: "", status: "FAILED", errorCode: "InvalidRequest" };
    const failed = ["c", "a"].map((documentId) => ({
      ...failure,
      documentId,
      errorMessage: `no ${documentId}`,
    }));
    await db.write((trx) => reports.noteFailed(trx, { syncId: "job-1", at }, failed));
    const ids = async (after: string) =>
      (await lines(db, job, after, 2)).map(({ documentId, action }) => `${documentId} ${action}`);
    assert.deepEqual(await ids(""), ["a failed", "b added"]);
    assert.deepEqual(await ids("b"), ["c failed"]);
    const asked = { jobSequence: job, documentIds: ["a", "x"] };
    assert.deepEqual([...(await reports.noted(db.read, asked))], ["a"]);
    assert.equal((await reports.noted(db.read, { ...asked, documentIds: [] })).size, 0);
  }));

test("the newest jobs of each source are kept, the others' lines go in steps", () =>
  withDatabase(async (db) => {
    const sequences: number[] = [];
    for (const id of ["j1", "j2", "j3"]) {
      sequences.push(await startJob(db, id));
      for (const documentId of ["a", "b", "c"]) {
        await put(db, { syncId: id, acl: open }, documentId);
      }
    }
    await startJob(db, "other", "another");
    const kept = await reports.keptJobs(db.read, 2);
    assert.deepEqual(
      kept.map(({ id }) => id),
      ["j2", "j3", "other"],
    );
    const purge = () =>
      db.write((trx) => reports.purge(trx, new Set(kept.map((job) => job.sequence)), 2));
    assert.deepEqual([await purge(), await purge(), await purge()], [2, 1, 0]);
    const counts = await Promise.all(sequences.map(async (job) => (await lines(db, job)).length));
    assert.deepEqual(counts, [0, 3, 3]);
  }));
