import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { array, assert as check, asyncProperty, constantFrom } from "fast-check";
import { type Database, openDatabase } from "./database.ts";
import { cachedRead } from "./read-cache.ts";
import * as resources from "./resources.ts";

async function temporaryDatabase(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-reads-"));
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

function application(id: string): resources.NewResource<object> {
  const place = { accountId: "111122223333", applicationId: id, indexId: "", arn: `arn:${id}` };
  return { id, ...place, kind: "application", status: "ACTIVE", record: {}, at };
}

const find = (db: Database, id: string) => resources.find(db.read, "application", id);

test("a resource is read once until something is written", async () => {
  await using db = await temporaryDatabase();
  await db.write((trx) => resources.insert(trx, application("a")));
  const first = await find(db, "a");
  assert.equal(await find(db, "a"), first);
  await db.write((trx) => resources.insert(trx, application("b")));
  assert.notEqual(await find(db, "a"), first);
  assert.deepEqual(await find(db, "a"), first);
});

test("a change counts from the moment it is acknowledged", async () => {
  await using db = await temporaryDatabase();
  await db.write((trx) => resources.insert(trx, application("a")));
  assert.equal((await find(db, "a"))?.status, "ACTIVE");
  await db.write((trx) => resources.update(trx, "a", { status: "DELETING", at }));
  const changed = await find(db, "a");
  assert.equal(changed?.status, "DELETING");
  await db.write((trx) => resources.remove(trx, changed));
  assert.equal(await find(db, "a"), undefined);
});

test("what is not there is asked for every time", async () => {
  await using db = await temporaryDatabase();
  let loads = 0;
  const load = async (): Promise<undefined> => void (loads += 1);
  await cachedRead(db.read, "nothing", load);
  await cachedRead(db.read, "nothing", load);
  assert.equal(loads, 2);
});

test("a transaction reads its own changes, and readers outside do not", async () => {
  await using db = await temporaryDatabase();
  await db.write((trx) => resources.insert(trx, application("a")));
  await find(db, "a");
  await db.write(async (trx) => {
    await resources.update(trx, "a", { status: "DELETING", at });
    assert.equal((await resources.find(trx, "application", "a"))?.status, "DELETING");
    assert.equal((await find(db, "a"))?.status, "ACTIVE");
  });
});

test("a read that a commit overtakes is not kept", async () => {
  await using db = await temporaryDatabase();
  const slow = Promise.withResolvers<string>();
  const early = cachedRead(db.read, "key", () => slow.promise);
  await db.write((trx) => resources.insert(trx, application("a")));
  slow.resolve("old");
  assert.equal(await early, "old");
  assert.equal(await cachedRead(db.read, "key", async () => "new"), "new");
});

test("a write that fails changes nothing that is read", async () => {
  await using db = await temporaryDatabase();
  await db.write((trx) => resources.insert(trx, application("a")));
  await find(db, "a");
  const write = db.write(async (trx) => {
    await resources.update(trx, "a", { status: "DELETING", at });
    throw new Error("in between");
  });
  await assert.rejects(write, /in between/);
  assert.equal((await find(db, "a"))?.status, "ACTIVE");
});

test("law: with reads in between, what is read is what was last written", async () => {
  await using db = await temporaryDatabase();
  await db.write((trx) => resources.insert(trx, application("a")));
  const step = constantFrom("read", "ACTIVE", "DELETING", "FAILED");
  await check(
    asyncProperty(array(step, { maxLength: 12 }), async (steps) => {
      await db.write((trx) => resources.update(trx, "a", { status: "ACTIVE", at }));
      let last = "ACTIVE";
      const reads: Promise<unknown>[] = [];
      for (const status of steps) {
        // Reads in flight while a write runs are the interesting ones: they are not waited for.
        reads.push(find(db, "a"));
        if (status !== "read") {
          await db.write((trx) => resources.update(trx, "a", { status, at }));
          last = status;
        }
        assert.equal((await find(db, "a"))?.status, last);
      }
      await Promise.all(reads);
      assert.equal((await find(db, "a"))?.status, last);
    }),
    { numRuns: 25 },
  );
});
