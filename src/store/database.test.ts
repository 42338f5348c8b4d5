import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Database, openDatabase } from "./database.ts";

async function temporaryDatabase(): Promise<Database & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-store-"));
  const database = await openDatabase(join(folder, "quarry.db"));
  return {
    ...database,
    folder,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const count = async (database: Database): Promise<number> =>
  (await database.read.selectFrom("setting").selectAll().execute()).length;

test("a write is seen by readers as soon as it is acknowledged", async () => {
  await using database = await temporaryDatabase();
  await database.write((trx) =>
    trx.insertInto("setting").values({ name: "a", value: "1" }).execute(),
  );
  assert.equal(await count(database), 1);
});

test("a write that throws has never happened", async () => {
  await using database = await temporaryDatabase();
  const write = database.write(async (trx) => {
    await trx.insertInto("setting").values({ name: "a", value: "1" }).execute();
    throw new Error("in between");
  });
  await assert.rejects(write, /in between/);
  assert.equal(await count(database), 0);
});

test("writes asked for at once happen one after the other", async () => {
  await using database = await temporaryDatabase();
  await database.write((trx) =>
    trx.insertInto("setting").values({ name: "n", value: "0" }).execute(),
  );
  const increments = Array.from({ length: 50 }, () =>
    database.write(async (trx) => {
      const row = await trx.selectFrom("setting").select("value").executeTakeFirstOrThrow();
      await trx
        .updateTable("setting")
        .set({ value: String(Number(row.value) + 1) })
        .execute();
    }),
  );
  await Promise.all(increments);
  const row = await database.read.selectFrom("setting").select("value").executeTakeFirst();
  assert.equal(row?.value, "50");
});

test("the reading connection cannot write", async () => {
  await using database = await temporaryDatabase();
  const write = database.read.insertInto("setting").values({ name: "a", value: "1" }).execute();
  await assert.rejects(write, /readonly/);
});

test("a database of a newer version is refused with a clear line", async () => {
  await using database = await temporaryDatabase();
  const { sql } = await import("kysely");
  await database.write((trx) =>
    sql`insert into kysely_migration (name, timestamp) values ('9999-later', 'x')`.execute(trx),
  );
  await assert.rejects(openDatabase(database.path), /newer version of Quarry/);
});

test("what was acknowledged is there after kill -9", async () => {
  await using database = await temporaryDatabase();
  const path = join(database.folder, "killed.db");
  const script = `
    const { openDatabase } = await import(${JSON.stringify(new URL("./database.ts", import.meta.url).href)});
    const database = await openDatabase(${JSON.stringify(path)});
    for (let n = 0; ; n += 1) {
      await database.write((trx) => trx.insertInto("setting").values({ name: String(n), value: "" }).execute());
      process.stdout.write(n + "\\n");
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
  let printed = "";
  let errors = "";
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) =>
      reject(new Error(`The writer ended by itself (${code}): ${errors}`)),
    );
    child.stdout.on("data", (data: Buffer) => {
      printed += data.toString();
      if (printed.split("\n").length > 200) {
        child.removeAllListeners("exit");
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }
    });
  });
  const acknowledged = printed.split("\n").length - 1;
  await using reopened = await openDatabase(path);
  assert.ok((await count(reopened)) >= acknowledged, `${acknowledged} writes were acknowledged`);
});
