import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as chunks from "./chunks.ts";
import { type Database, openDatabase } from "./database.ts";
import * as documents from "./documents.ts";

let folder: string;
let db: Database;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarry-chunks-"));
  db = await openDatabase(join(folder, "quarry.db"));
});
after(async () => {
  await db[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Rows have no prototype, which a strict comparison minds. */
const plain = <T extends object>(row: T): T => ({ ...row });

function documentOf(documentKey: number, pages: number): chunks.DocumentPages {
  return {
    documentKey,
    version: documentKey * 10,
    aclClass: 1,
    title: `Title ${documentKey}`,
    attributes: "[]",
    chunks: pages * 16,
    pages: Array.from({ length: pages }, (_, page) => Uint8Array.of(documentKey, page)),
  };
}

test("documents and their pages are read back as they were stored", async () => {
  const list = [documentOf(1, 2), documentOf(2, 0)];
  await db.write((trx) => chunks.insert(trx, { indexId: "read", sequence: 4 }, list));
  const found = await chunks.find(db.read, "read", [1, 2, 3]);
  assert.deepEqual(
    found.map(plain).toSorted((a, b) => a.documentKey - b.documentKey),
    list.map(({ pages, ...document }) => ({ ...document, chunks: pages.length * 16 })),
  );
  const page = await chunks.page(db.read, { indexId: "read", documentKey: 1, page: 1 });
  assert.deepEqual(page, Uint8Array.of(1, 1));
  const missing = { indexId: "read", documentKey: 1, page: 2 };
  assert.equal(await chunks.page(db.read, missing), undefined);
  assert.deepEqual(await chunks.find(db.read, "elsewhere", [1, 2]), []);
  assert.deepEqual(plain(await chunks.count(db.read, "read")), { documents: 2, chunks: 32 });
  assert.deepEqual(plain(await chunks.count(db.read, "elsewhere")), { documents: 0, chunks: 0 });
});

test("listing goes by key, in steps, up to a sequence number", async () => {
  const store = (sequence: number, ...keys: number[]): Promise<void> =>
    db.write((trx) =>
      chunks.insert(
        trx,
        { indexId: "list", sequence },
        keys.map((key) => documentOf(key, 1)),
      ),
    );
  await store(1, 5, 3);
  await store(2, 4);
  await store(3, 1);
  const keys = async (
    after: number,
    sequence: number,
    limit: number,
  ): Promise<readonly number[]> => {
    const listed = await chunks.listWithPages(db.read, "list", { after, sequence, limit });
    assert.ok(listed.every((document) => document.pages[0]?.[0] === document.documentKey));
    return listed.map(({ documentKey }) => documentKey);
  };
  assert.deepEqual(await keys(0, 2, 10), [3, 4, 5]);
  assert.deepEqual(await keys(0, 3, 2), [1, 3]);
  assert.deepEqual(await keys(3, 3, 10), [4, 5]);
});

test("removing tells which documents were there, and takes their pages", async () => {
  const many = Array.from({ length: 450 }, (_, i) => documentOf(i + 1, 1));
  await db.write((trx) => chunks.insert(trx, { indexId: "gone", sequence: 1 }, many));
  const keys = Array.from({ length: 500 }, (_, i) => i + 11);
  const gone = await db.write((trx) => chunks.remove(trx, "gone", keys));
  assert.deepEqual(
    gone.toSorted((a, b) => a - b),
    Array.from({ length: 440 }, (_, i) => i + 11),
  );
  assert.equal((await chunks.count(db.read, "gone")).documents, 10);
  const page = (documentKey: number): Promise<Uint8Array | undefined> =>
    chunks.page(db.read, { indexId: "gone", documentKey, page: 0 });
  assert.ok((await page(10)) !== undefined);
  assert.equal(await page(11), undefined);
  assert.deepEqual(await db.write((trx) => chunks.remove(trx, "gone", [])), []);
});

test("the standing of a document is that of its row, in its own index only", async () => {
  const { key } = await db.write((trx) =>
    documents.accept(trx, {
      applicationId: "app",
      indexId: "standing",
      dataSourceId: "",
      documentId: "a",
      title: "",
      objectKey: "",
      status: "RECEIVED",
      at: new Date(0),
    }),
  );
  const expected = {
    documentKey: key,
    publishedVersion: 0,
    status: "RECEIVED",
    aclClass: 0,
    guardAclClass: 0,
  };
  const found = await chunks.standings(db.read, "standing", [key, key + 1]);
  assert.deepEqual(found.map(plain), [expected]);
  assert.deepEqual(await chunks.standings(db.read, "other", [key]), []);
});
