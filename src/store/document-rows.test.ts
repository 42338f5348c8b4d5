import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  connectorObjects,
  type Database,
  documentClaims,
  documents,
  openDatabase,
} from "./store.ts";

const at = new Date("2026-02-03T04:05:06.789Z");
const scope = { applicationId: "app", indexId: "index", dataSourceId: "source" };

async function withDatabase(run: (db: Database) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-rows-"));
  try {
    await using db = await openDatabase(join(folder, "quarry.db"));
    await run(db);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const accepted = {
  ...scope,
  documentId: "d",
  title: "T",
  objectKey: "k",
  status: "PROCESSING",
  at,
} as const;

function publish(db: Database, key: number, version: number, more: object = {}) {
  const document = {
    key,
    version,
    title: "T",
    uri: "",
    contentType: "",
    aclClass: 1,
    attributes: "[]",
    textBytes: 100,
    syncId: "s",
    syncAction: "added",
    at,
    ...more,
  };
  return db.write((trx) => documents.publish(trx, document));
}

test("a version is published once, and never after a newer one was accepted", () =>
  withDatabase(async (db) => {
    const first = await db.write((trx) => documents.accept(trx, accepted));
    const second = await db.write((trx) => documents.accept(trx, accepted));
    assert.equal(second.key, first.key);
    assert.equal(second.version, first.version + 1);
    assert.equal(await publish(db, first.key, first.version), false);
    assert.equal((await documents.findByKey(db.read, first.key))?.publishedVersion, 0);
    assert.equal(await publish(db, second.key, second.version), true);
    assert.equal((await documents.findByKey(db.read, first.key))?.status, "INDEXED");
    const third = await db.write((trx) => documents.accept(trx, accepted));
    assert.equal(await publish(db, third.key, third.version, { textBytes: 30 }), true);
    assert.equal(
      (await documents.findById(db.read, { ...scope, documentId: "d" }))?.status,
      "UPDATED",
    );
    assert.deepEqual(
      { ...(await documents.statistics(db.read, "index")) },
      { documentCount: 1, textBytes: 30 },
    );
  }));

test("a failure keeps the published version, and guards it with the failed one's list", () =>
  withDatabase(async (db) => {
    const { key, version } = await db.write((trx) => documents.accept(trx, accepted));
    await publish(db, key, version);
    const next = await db.write((trx) => documents.accept(trx, accepted));
    const failed = {
      key,
      version: next.version,
      status: "FAILED",
      errorCode: "InvalidRequest",
      errorMessage: "no",
      guardAclClass: 7,
      syncId: "",
      syncAction: "failed",
      at,
    } as const;
    assert.equal(await db.write((trx) => documents.fail(trx, { ...failed, version })), false);
    assert.equal(await db.write((trx) => documents.fail(trx, failed)), true);
    const row = await documents.findByKey(db.read, key);
    assert.deepEqual([row?.publishedVersion, row?.guardAclClass, row?.aclClass], [version, 7, 1]);
    const unknown = { ...failed, guardAclClass: 0 };
    await db.write((trx) => documents.fail(trx, unknown));
    assert.equal((await documents.findByKey(db.read, key))?.guardAclClass, 7);
    const last = await db.write((trx) => documents.accept(trx, accepted));
    await publish(db, key, last.version);
    assert.equal((await documents.findByKey(db.read, key))?.guardAclClass, 0);
  }));

test("statistics follow removals, and count only what answers questions", () =>
  withDatabase(async (db) => {
    const one = await db.write((trx) => documents.accept(trx, accepted));
    await publish(db, one.key, one.version);
    await db.write((trx) => documents.accept(trx, { ...accepted, documentId: "unpublished" }));
    const all = await documents.list(db.read, { indexId: "index", after: 0, limit: 10 });
    assert.equal(all.length, 2);
    await db.write((trx) => documents.remove(trx, all));
    assert.deepEqual(
      { ...(await documents.statistics(db.read, "index")) },
      { documentCount: 0, textBytes: 0 },
    );
  }));

test("one id is another document in another source, and directly", () =>
  withDatabase(async (db) => {
    const keys = await db.write(async (trx) => [
      (await documents.accept(trx, accepted)).key,
      (await documents.accept(trx, { ...accepted, dataSourceId: "" })).key,
      (await documents.accept(trx, { ...accepted, indexId: "other" })).key,
    ]);
    assert.equal(new Set(keys).size, 3);
    const of = async (dataSourceId?: string) =>
      (
        await documents.list(db.read, {
          indexId: "index",
          after: 0,
          limit: 10,
          ...(dataSourceId === undefined ? {} : { dataSourceId }),
        })
      ).length;
    assert.deepEqual([await of(), await of("source"), await of("")], [2, 1, 1]);
  }));

test("a released document is marked if it answers questions, and forgotten if it does not", () =>
  withDatabase(async (db) => {
    const shown = await db.write((trx) => documents.accept(trx, accepted));
    await publish(db, shown.key, shown.version);
    await db.write((trx) => documents.accept(trx, { ...accepted, documentId: "new" }));
    const held = { indexId: "index", dataSourceId: "source", objectKey: "k" };
    await db.write(async (trx) => {
      await documentClaims.release(trx, { ...held, documentId: "d", objectKey: "another" });
      await documentClaims.release(trx, { ...held, documentId: "new" });
    });
    assert.equal(await documentClaims.countReleased(db.read, "source"), 0, "another key's release");
    assert.equal(await documents.findById(db.read, { ...scope, documentId: "new" }), undefined);
    await db.write((trx) => documentClaims.release(trx, { ...held, documentId: "d" }));
    assert.equal(await documentClaims.countReleased(db.read, "source"), 1);
    const page = await documentClaims.listReleased(db.read, {
      dataSourceId: "source",
      after: 0,
      limit: 5,
    });
    assert.equal(page[0]?.documentId, "d");
    const taken = { ...held, documentId: "d", objectKey: "moved" };
    await db.write((trx) => documentClaims.take(trx, taken));
    assert.equal(await documentClaims.countReleased(db.read, "source"), 0);
  }));

test("objects are remembered in byte order, and the row that told of a failure goes with it", () =>
  withDatabase(async (db) => {
    const object = {
      dataSourceId: "source",
      documentId: "",
      wantedId: "d",
      reportedId: "reported",
      outcome: "clash",
      fingerprint: "{}",
    } as const;
    const keys = ["b", "a", "Z", "é", "z/1", "z"];
    await db.write(async (trx) => {
      for (const objectKey of keys) {
        await connectorObjects.put(trx, { ...object, objectKey, reportedId: "" });
      }
      await documents.accept(trx, { ...accepted, documentId: "reported", objectKey: "" });
      await connectorObjects.put(trx, { ...object, objectKey: "b" });
    });
    const list = (after: string, limit: number) =>
      connectorObjects.list(db.read, { dataSourceId: "source", after, limit });
    assert.deepEqual(
      (await list("", 10)).map((one) => one.objectKey),
      ["Z", "a", "b", "z", "z/1", "é"],
    );
    assert.equal((await list("z", 1))[0]?.objectKey, "z/1");
    const reported = () => documents.findById(db.read, { ...scope, documentId: "reported" });
    assert.ok(await reported());
    await db.write((trx) =>
      connectorObjects.remove(trx, { dataSourceId: "source", objectKey: "b" }),
    );
    assert.equal(await reported(), undefined);
  }));

test("work on a version shows as long as nothing overtook it", () =>
  withDatabase(async (db) => {
    const received = { ...accepted, status: "RECEIVED" } as const;
    const statusOf = async (key: number) => (await documents.findByKey(db.read, key))?.status;
    const begin = (version: { key: number; version: number }) =>
      db.write((trx) => documents.begin(trx, [version], at));
    const first = await db.write((trx) => documents.accept(trx, received));
    const second = await db.write((trx) => documents.accept(trx, received));
    await begin(first);
    assert.equal(await statusOf(first.key), "RECEIVED", "an older version");
    await begin(second);
    assert.equal(await statusOf(first.key), "PROCESSING");
    await publish(db, second.key, second.version);
    await begin(second);
    assert.equal(await statusOf(first.key), "INDEXED");
  }));
