import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Database, openDatabase } from "./database.ts";
import * as contents from "./document-content.ts";
import * as documents from "./documents.ts";

const at = new Date(1_767_312_000_000);
const scope = { applicationId: "app", indexId: "index", dataSourceId: "" };

async function withDatabase(run: (db: Database) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-content-"));
  const db = await openDatabase(join(folder, "quarry.db"));
  try {
    await run(db);
  } finally {
    await db[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

function accept(db: Database, documentId: string): Promise<{ key: number; version: number }> {
  const document = { ...scope, documentId, title: documentId, objectKey: "" };
  return db.write((trx) => documents.accept(trx, { ...document, status: "PROCESSING", at }));
}

function copy(documentKey: number, file: string, textFile = ""): contents.DocumentContent {
  const how = { mimeType: "text/plain", contentType: "", fileName: "a.txt" };
  return { documentKey, version: 1, file, textFile, ...how };
}

const garbage = async (db: Database): Promise<readonly string[]> =>
  (await contents.listGarbage(db.read, 100)).toSorted();

test("a copy is found by its document, until another takes its place", () =>
  withDatabase(async (db) => {
    const { key } = await accept(db, "a");
    assert.equal(await contents.find(db.read, key), undefined);
    await db.write((trx) => contents.putMany(trx, [copy(key, "one", "one-text")]));
    assert.deepEqual(await contents.find(db.read, key), copy(key, "one", "one-text"));
    assert.deepEqual(await garbage(db), []);
    const second = { ...copy(key, "two"), version: 2, mimeType: "application/pdf" };
    await db.write((trx) => contents.putMany(trx, [second]));
    assert.deepEqual(await contents.find(db.read, key), second);
    assert.deepEqual(await garbage(db), ["one", "one-text"]);
  }));

test("the same copy again leaves no garbage", () =>
  withDatabase(async (db) => {
    const { key } = await accept(db, "a");
    for (let n = 0; n < 2; n += 1) {
      await db.write((trx) => contents.putMany(trx, [copy(key, "one", "text")]));
    }
    assert.deepEqual(await garbage(db), []);
  }));

test("a copy goes with its document, whoever removes that", () =>
  withDatabase(async (db) => {
    const { key } = await accept(db, "a");
    const other = await accept(db, "b");
    await db.write((trx) =>
      contents.putMany(trx, [copy(key, "one", "text"), copy(other.key, "two")]),
    );
    await db.write(async (trx) => {
      const row = await documents.findByKey(trx, key);
      await documents.remove(trx, row === undefined ? [] : [row]);
    });
    assert.equal(await contents.find(db.read, key), undefined);
    assert.deepEqual(await garbage(db), ["one", "text"]);
    assert.ok(await contents.isInUse(db.read, "two"));
    await db.write((trx) => contents.removeMany(trx, [other.key]));
    assert.deepEqual(await garbage(db), ["one", "text", "two"]);
    await db.write((trx) => contents.forgetGarbage(trx, ["one", "two"]));
    assert.deepEqual(await garbage(db), ["text"]);
  }));

test("nothing of a transaction that fails becomes garbage", () =>
  withDatabase(async (db) => {
    const { key } = await accept(db, "a");
    await db.write((trx) => contents.putMany(trx, [copy(key, "one")]));
    const failing = db.write(async (trx) => {
      await contents.putMany(trx, [copy(key, "two")]);
      throw new Error("no");
    });
    await assert.rejects(failing, /no/);
    assert.equal((await contents.find(db.read, key))?.file, "one");
    assert.deepEqual(await garbage(db), []);
  }));

test("an extracted text is added to the copy it was made of, and to no other", () =>
  withDatabase(async (db) => {
    const { key: documentKey } = await accept(db, "a");
    await db.write((trx) => contents.putMany(trx, [copy(documentKey, "one")]));
    const add = (file: string, textFile: string) =>
      db.write((trx) => contents.setTextFile(trx, { documentKey, file, textFile }));
    assert.ok(!(await contents.isInUse(db.read, "")), "no file has no name");
    assert.equal(await add("other", "text"), false);
    assert.equal(await add("one", "text"), true);
    assert.ok(await contents.isInUse(db.read, "text"));
    assert.equal(await add("one", "newer"), true);
    assert.deepEqual(await garbage(db), ["text"]);
  }));

test("a hundred copies are remembered at once", () =>
  withDatabase(async (db) => {
    const rows = await Promise.all(Array.from({ length: 100 }, (_, n) => accept(db, `d${n}`)));
    await db.write((trx) =>
      contents.putMany(
        trx,
        rows.map(({ key }) => copy(key, `file-${key}`)),
      ),
    );
    for (const { key } of rows) {
      assert.equal((await contents.find(db.read, key))?.file, `file-${key}`);
    }
  }));
