import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { find, intern, listAfter, publicAclClass } from "./acl-classes.ts";
import { type Database, openDatabase } from "./database.ts";

async function withDatabase(run: (db: Database) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-acl-"));
  try {
    await using db = await openDatabase(join(folder, "quarry.db"));
    await run(db);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("documents without an access list share class 1, which is there from the start", async () => {
  await withDatabase(async (db) => {
    assert.equal(await db.write((trx) => intern(trx, '"public"')), publicAclClass);
    const [found] = await find(db.read, [publicAclClass]);
    assert.equal(found?.canonical, '"public"');
  });
});

test("equal lists share a class, different ones do not", async () => {
  await withDatabase(async (db) => {
    const ids = await db.write(async (trx) => [
      await intern(trx, '{"a":1}'),
      await intern(trx, '{"b":1}'),
      await intern(trx, '{"a":1}'),
    ]);
    assert.equal(ids[0], ids[2]);
    assert.notEqual(ids[0], ids[1]);
    assert.deepEqual(
      (await listAfter(db.read, publicAclClass, 10)).map(({ canonical }) => canonical),
      ['{"a":1}', '{"b":1}'],
    );
  });
});
