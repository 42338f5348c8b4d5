// What is stored many at a time must end as it would one at a time.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { array, assert as check, asyncProperty, boolean, constantFrom, record } from "fast-check";
import * as aclClasses from "./acl-classes.ts";
import * as connectorObjects from "./connector-objects.ts";
import { type Database, openDatabase } from "./database.ts";
import * as documents from "./documents.ts";

async function temporaryDatabase(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-batches-"));
  const database = await openDatabase(join(folder, "quarry.db"));
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const at = new Date(0);
const scope = { applicationId: "app", indexId: "index", dataSourceId: "source" };

async function accept(db: Database, documentId: string): Promise<documents.PublishedDocument> {
  const row = { ...scope, documentId, title: "", objectKey: documentId, at };
  const { key, version } = await db.write((trx) =>
    documents.accept(trx, { ...row, status: "PROCESSING" }),
  );
  const names = { title: documentId, uri: "", contentType: "", attributes: "[]" };
  const marks = { aclClass: 1, syncId: "", syncAction: "" };
  return { key, version, ...names, ...marks, textBytes: 10, at };
}

const object = (objectKey: string, change: Partial<connectorObjects.ConnectorObject> = {}) => ({
  dataSourceId: "source",
  objectKey,
  documentId: objectKey,
  wantedId: "",
  reportedId: "",
  outcome: "indexed" as const,
  fingerprint: "{}",
  ...change,
});

const listAll = (db: Database, dataSourceId = "source") =>
  connectorObjects.list(db.read, { dataSourceId, after: "", limit: 1000 });

test("documents published together count once each, and an overtaken one not at all", async () => {
  await using db = await temporaryDatabase();
  const old = await accept(db, "a");
  const [newer, b] = [await accept(db, "a"), await accept(db, "b")];
  const done = await db.write((trx) => documents.publishMany(trx, [old, newer, b]));
  assert.deepEqual([...done], [newer.key, b.key]);
  const expected = { documentCount: 2, textBytes: 20 };
  assert.deepEqual({ ...(await documents.statistics(db.read, "index")) }, expected);
  assert.equal((await documents.findByKey(db.read, b.key))?.status, "INDEXED");
});

test("a document published again is UPDATED, and its text replaces what it counted for", async () => {
  await using db = await temporaryDatabase();
  const first = await accept(db, "a");
  await db.write((trx) => documents.publishMany(trx, [first]));
  const second = { ...(await accept(db, "a")), textBytes: 3 };
  assert.equal(await db.write((trx) => documents.publish(trx, second)), true);
  assert.equal((await documents.findByKey(db.read, second.key))?.status, "UPDATED");
  const expected = { documentCount: 1, textBytes: 3 };
  assert.deepEqual({ ...(await documents.statistics(db.read, "index")) }, expected);
});

test("a document that is gone is not published, and nothing at all is no error", async () => {
  await using db = await temporaryDatabase();
  const gone = await accept(db, "a");
  const row = await documents.findByKey(db.read, gone.key);
  assert.ok(row !== undefined);
  await db.write((trx) => documents.remove(trx, [row]));
  assert.equal(await db.write((trx) => documents.publish(trx, gone)), false);
  assert.equal((await db.write((trx) => documents.publishMany(trx, []))).size, 0);
  await db.write((trx) => connectorObjects.putMany(trx, []));
});

test("more objects than fit one statement are all remembered, and changed when put again", async () => {
  await using db = await temporaryDatabase();
  const keys = Array.from({ length: 100 }, (_, i) => `k${String(i).padStart(3, "0")}`);
  await db.write((trx) =>
    connectorObjects.putMany(
      trx,
      keys.map((key) => object(key)),
    ),
  );
  const changed = keys.slice(50).map((key) => object(key, { fingerprint: '{"a":1}' }));
  await db.write((trx) => connectorObjects.putMany(trx, changed));
  const found = await listAll(db);
  assert.deepEqual(
    found.map(({ objectKey }) => objectKey),
    keys,
  );
  assert.equal(found.filter(({ fingerprint }) => fingerprint !== "{}").length, 50);
});

test("law: objects put together are remembered as those put one after the other", async () => {
  await using db = await temporaryDatabase();
  const change = record({
    objectKey: constantFrom("a", "b", "c", "d"),
    reportedId: constantFrom("", "r1", "r2"),
    outcome: constantFrom("indexed", "failed", "clash"),
  });
  const step = record({ changes: array(change, { maxLength: 4 }), isRemoved: boolean() });
  let run = 0;
  await check(
    asyncProperty(array(step, { maxLength: 4 }), async (steps) => {
      run += 1;
      const sources = [`many${run}`, `single${run}`] as const;
      for (const { changes, isRemoved } of steps) {
        const once = [...new Map(changes.map((each) => [each.objectKey, each])).values()];
        for (const dataSourceId of sources) {
          const objects = once.map((each) => object(each.objectKey, { ...each, dataSourceId }));
          await db.write(async (trx) => {
            if (dataSourceId === sources[0]) await connectorObjects.putMany(trx, objects);
            else for (const each of objects) await connectorObjects.put(trx, each);
            if (isRemoved) await connectorObjects.remove(trx, { dataSourceId, objectKey: "a" });
          });
        }
      }
      const [many, single] = await Promise.all(sources.map((source) => listAll(db, source)));
      const bare = (list: typeof many) => list?.map((each) => ({ ...each, dataSourceId: "" }));
      assert.deepEqual(bare(many), bare(single));
    }),
    { numRuns: 15 },
  );
});

test("the row of an old failure goes when its object is put, and another's stays", async () => {
  await using db = await temporaryDatabase();
  const report = async (documentId: string): Promise<void> => {
    await db.write(async (trx) => {
      const row = { ...scope, documentId, title: "", objectKey: "", at };
      await documents.accept(trx, { ...row, status: "PROCESSING" });
      const failed = object(`${documentId}.txt`, { documentId: "", reportedId: documentId });
      await connectorObjects.put(trx, { ...failed, outcome: "failed" });
    });
  };
  await report("x");
  await report("y");
  await db.write((trx) => connectorObjects.putMany(trx, [object("x.txt"), object("z.txt")]));
  const find = (documentId: string) => documents.findById(db.read, { ...scope, documentId });
  assert.equal(await find("x"), undefined);
  assert.notEqual(await find("y"), undefined);
});

test("a list interned twice in one transaction has one id, also after one that was undone", async () => {
  await using db = await temporaryDatabase();
  const undone = db.write(async (trx) => {
    await aclClasses.intern(trx, '{"a":1}');
    throw new Error("undone");
  });
  await assert.rejects(undone, /undone/);
  const ids = await db.write(async (trx) => [
    await aclClasses.intern(trx, '{"b":1}'),
    await aclClasses.intern(trx, '{"a":1}'),
    await aclClasses.intern(trx, '{"b":1}'),
  ]);
  assert.equal(ids[0], ids[2]);
  const found = await aclClasses.find(db.read, ids);
  const texts = new Map(found.map(({ id, canonical }) => [id, canonical]));
  assert.deepEqual(
    ids.map((id) => texts.get(id)),
    ['{"b":1}', '{"a":1}', '{"b":1}'],
  );
});
