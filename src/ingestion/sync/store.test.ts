import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { FailItem, PutItem, ResolvedAccess } from "../../connectors/connectors.ts";
import { ContentLockedError, openVault, plainCipher } from "../../core/content-cipher.ts";
import { silentLog } from "../../core/log.ts";
import { chunksOf, testCollection, type TestCollection } from "../../search/testing/collection.ts";
import { connectorObjects, documents, resources, syncJobs } from "../../store/store.ts";
import { openRuledSource } from "../access/testing/ruled-source.ts";
import { createIndexMetrics } from "../index-metrics.ts";
import type { SyncBatch } from "./batches.ts";
import { SourceFailure, SyncStopped } from "./failure.ts";
import type { FetchResult } from "./fetch.ts";
import { createSyncLedger } from "./ledger.ts";
import type { Fetched, SyncRun } from "./run.ts";
import type { SyncServices } from "./services.ts";
import { deleteDocuments, storeBatch } from "./store.ts";

const at = new Date("2026-03-04T05:06:07Z");
let shared: TestCollection;
before(async () => {
  shared = await testCollection();
});
after(() => shared[Symbol.asyncDispose]());

/** A job of a data source, of which a test stores batches. */
async function openRun() {
  const source = await openRuledSource(shared);
  const { db, search } = shared;
  const { indexId } = source;
  const { dataSourceId, bucket } = source.scope;
  const named = { id: dataSourceId, kind: "dataSource", accountId: "", indexId } as const;
  const record = { ...named, applicationId: "application", arn: dataSourceId, record: {}, at };
  await db.write((trx) => resources.insert(trx, { ...record, status: "ACTIVE" }));
  const job = { id: `job of ${dataSourceId}`, applicationId: "application", indexId, dataSourceId };
  await db.write((trx) => syncJobs.insert(trx, { ...job, startedAt: at }));
  const unlisted = { failures: 0 };
  // What storing asks for of a run, and no more.
  const run = {
    job,
    unlisted,
    index: { id: indexId, kind: "index" },
    settings: { bucket },
    access: { refusal: () => Promise.resolve(undefined) },
    ledger: createSyncLedger(db, { indexId, dataSourceId }),
    unchanged: { note: () => Promise.resolve() },
    cipher: plainCipher,
    limits: { units: 1, documentsMax: 100, textBytesMax: 10_000 },
  } as unknown as SyncRun;
  const contents = { settle: () => Promise.resolve(), discard: () => Promise.resolve() };
  const parts = { db, search, contents, metrics: createIndexMetrics(), vault: openVault };
  const services = { ...parts, now: () => at, log: silentLog } as unknown as SyncServices;
  const none = { puts: [], refreshed: [], deletes: [], isBarrier: false, end: undefined } as const;
  return {
    ...source,
    run,
    services,
    unlisted,
    store: (
      { fetched = [], fails = [] }: Partial<Pick<SyncBatch, "fails"> & { fetched: Fetched[] }>,
      more: Partial<SyncServices> = {},
      as: SyncRun = run,
    ) => {
      const batch = { ...none, fails, scanned: 1 };
      const number = run.ledger.endBatch();
      return storeBatch({ ...services, ...more }, as, { batch, fetched, number });
    },
    rowOf: (documentId: string) =>
      documents.findById(db.read, { indexId, dataSourceId, documentId }),
    remembered: async () => {
      const all = await connectorObjects.list(db.read, { dataSourceId, after: "", limit: 100 });
      return all.map(({ objectKey, outcome }) => `${objectKey} ${outcome}`);
    },
    counts: async () => {
      const { added, modified, deleted, failed } =
        (await syncJobs.find(db.read, job.id)) ?? assert.fail("there is no job");
      return { added, modified, deleted, failed };
    },
  };
}

const listFor = (...names: readonly string[]): ResolvedAccess => {
  const principals = names.map((name) => {
    const id = `${name}@x.com`;
    return { user: { id, access: "ALLOW", membershipType: "DATASOURCE" } } as const;
  });
  const accessControls = [{ principals, memberRelation: "OR" }] as const;
  const accessConfiguration = { accessControls, memberRelation: "OR" } as const;
  return { kind: "restricted", because: "metadata", accessConfiguration };
};

/** An object that was fetched, with its text or with a failure. */
function fetchedOf(key: string, access: ResolvedAccess, text?: string): Fetched {
  const document = { documentId: key, title: key, attributes: [] };
  const item = { action: "add", key, document, access, changes: [], fingerprint: {} };
  const extracted = { outcome: "extracted", chunks: chunksOf([text ?? ""]), textBytes: 1 };
  const read = {
    kind: "read",
    contentHash: "",
    etag: "",
    reading: { document, result: extracted },
  };
  const failure = { kind: "denied", message: "Denied." };
  const failed = { kind: "failed", failure, code: "S3-5200", outcome: "unfinished" };
  const result = (text === undefined ? failed : read) as unknown as FetchResult;
  return { item: item as unknown as PutItem, result };
}

const failOf = (key: string, more: Partial<FailItem> = {}): FailItem => ({
  action: "fail",
  key,
  reportedId: key,
  code: "S3-5104",
  message: "The metadata cannot be read.",
  outcome: "failed",
  fingerprint: {} as FailItem["fingerprint"],
  ...more,
});

test("a batch stores nothing once its index or its data source is being deleted", async () => {
  for (const kind of ["index", "dataSource"] as const) {
    const { store, rowOf, indexId, scope } = await openRun();
    const id = kind === "index" ? indexId : scope.dataSourceId;
    await shared.db.write((trx) => resources.update(trx, id, { status: "DELETING", at }));
    await assert.rejects(store({ fetched: [fetchedOf("a", listFor("ada"), "tea")] }), SyncStopped);
    assert.equal(await rowOf("a"), undefined, kind);
  }
});

test("a batch stores nothing once the role may not put documents any more", async () => {
  const { store, run, rowOf } = await openRun();
  const fetched = [fetchedOf("a", listFor("ada"), "tea")];
  const access = { refusal: () => Promise.resolve("The role is not authorized.") };
  await assert.rejects(store({ fetched }, {}, { ...run, access }), SourceFailure);
  assert.equal(await rowOf("a"), undefined);
});

test("a document that is gone when its readers change is put again by the next sync", async () => {
  const { store, remembered } = await openRun();
  await store({ fetched: [fetchedOf("a", listFor("ada"), "tea")] });
  const onlyAccess = { kind: "onlyAccess" } as const;
  const fetched = ["a", "b"].map((key) => ({
    ...fetchedOf(key, listFor("bob")),
    result: onlyAccess,
  }));
  await store({ fetched });
  assert.deepEqual(await remembered(), ["a indexed", "b unfinished"]);
});

test("objects that were accepted and never published are unfinished for the next sync", async () => {
  const { store, remembered, found } = await openRun();
  const batch = { fetched: [fetchedOf("a", listFor("ada"), "tea")], fails: [failOf("b")] };
  const locked = { cipherOf: () => Promise.reject(new ContentLockedError("It is disabled.")) };
  await assert.rejects(store(batch, { vault: { ...openVault, ...locked } }), ContentLockedError);
  assert.deepEqual(await remembered(), ["a unfinished", "b unfinished"]);
  await store(batch);
  assert.deepEqual(await remembered(), ["a indexed", "b failed"]);
  assert.equal(await found("ada"), "ada: a");
});

test("a failure whose list is not known opens nothing that the last known lists closed", async () => {
  const { store, found } = await openRun();
  await store({ fetched: [fetchedOf("a", listFor("ada", "bob"), "tea")] });
  assert.equal(await found("ada", "bob", "eve"), "ada: a; bob: a; eve:");
  await store({ fetched: [fetchedOf("a", listFor("ada", "eve"))] });
  assert.equal(await found("ada", "bob", "eve"), "ada: a; bob:; eve:");
  await store({ fails: [failOf("a", { documentId: "a" })] });
  assert.equal(await found("ada", "bob", "eve"), "ada: a; bob:; eve:");
});

test("a failure whose list is known closes the old version for those whom it leaves out", async () => {
  const { store, found } = await openRun();
  await store({ fetched: [fetchedOf("a", listFor("ada", "bob"), "tea")] });
  await store({ fails: [failOf("a", { documentId: "a", access: listFor("bob", "eve") })] });
  assert.equal(await found("ada", "bob", "eve"), "ada:; bob: a; eve:");
});

test("what something overtook while it was published is neither counted nor remembered", async () => {
  const { store, remembered, counts, scope, indexId } = await openRun();
  const accepted = { applicationId: "application", indexId, dataSourceId: scope.dataSourceId };
  const again = { documentId: "a", title: "", objectKey: "a", status: "PROCESSING", at } as const;
  const overtaken = {
    ...openVault,
    cipherOf: async (applicationId: string) => {
      await shared.db.write((trx) => documents.accept(trx, { ...accepted, ...again }));
      return openVault.cipherOf(applicationId);
    },
  };
  const fetched = ["a", "b"].map((key) => fetchedOf(key, listFor("ada"), "tea"));
  await store({ fetched }, { vault: overtaken });
  assert.deepEqual(await remembered(), ["a unfinished", "b indexed"]);
  assert.deepEqual(await counts(), { added: 1, modified: 0, deleted: 0, failed: 0 });
});

test("an object without an id is shown under the one that it would have, however often it fails", async () => {
  const { store, rowOf, unlisted, counts } = await openRun();
  const fail = failOf("b", { reportedId: "id of b" });
  for (let times = 0; times < 2; times += 1) {
    await store({ fails: [fail] });
    const row = await rowOf("id of b");
    assert.deepEqual([row?.status, row?.objectKey, row?.publishedVersion], ["FAILED", "", 0]);
    assert.equal(row?.errorMessage, "S3-5104: The metadata cannot be read.");
  }
  assert.equal((await counts()).failed, 1, "once for each job");
  assert.equal(unlisted.failures, 0);
  await store({ fetched: [fetchedOf("b", listFor("ada"), "tea")] });
  assert.equal(await rowOf("id of b"), undefined, "and no longer, once it has an id");
});

test("only documents that the plan let go of are deleted, and counted", async () => {
  const { store, run, services, counts, found, scope } = await openRun();
  const fetched = ["a", "b"].map((key) => fetchedOf(key, listFor("ada"), "tea"));
  await store({ fetched });
  await run.ledger.release({ documentId: "a", key: "a" });
  await shared.db.write((trx) => run.ledger.flush(trx, Infinity));
  const { dataSourceId } = scope;
  const named = ["a", "b", "unknown"].map((documentId) => ({ documentId, key: documentId }));
  const deletes = named.map((one) => ({ ...one, dataSourceId, action: "delete" as const }));
  await deleteDocuments(services, run, deletes);
  assert.equal(await found("ada"), "ada: b");
  assert.equal((await counts()).deleted, 1);
});
