import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createNamed, find, intern, listAfter, publicAclClass, replace } from "./acl-classes.ts";
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

test("a named class changes its content in place, and readers are told in order", async () => {
  await withDatabase(async (db) => {
    const names = ["a", "b"].map((rule) => ({ name: ["source", rule], canonical: '"x"' }));
    const [first, second] = await db.write((trx) => createNamed(trx, names));
    assert.notEqual(first, second, "equal lists of two names are two classes");
    const seen = (await listAfter(db.read, 0, 10)).at(-1)?.revision ?? 0;
    await db.write((trx) => replace(trx, { id: first ?? 0, canonical: '"y"' }));
    await db.write((trx) => replace(trx, { id: second ?? 0, canonical: '"x"' }));
    const news = await listAfter(db.read, seen, 10);
    assert.deepEqual(
      news.map((one) => ({ ...one })),
      [{ id: first, canonical: '"y"', revision: seen + 1 }],
    );
    const again = { name: ["source", "a"], canonical: '"z"' };
    assert.deepEqual(await db.write((trx) => createNamed(trx, [again])), [first]);
    assert.equal((await find(db.read, [first ?? 0]))[0]?.canonical, '"z"');
    // What is interned never becomes a class that may change.
    assert.notEqual(await db.write((trx) => intern(trx, '"z"')), first);
  });
});
