import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assert as check, array, asyncProperty, constantFrom, record, string } from "fast-check";
import { type Database, openDatabase } from "./database.ts";
import * as documents from "./documents.ts";
import { runForRows } from "./row-groups.ts";

async function temporaryDatabase(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-rows-"));
  const database = await openDatabase(join(folder, "quarry.db"));
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const newDocument = (indexId: string, documentId: string, title = "") => ({
  applicationId: "app",
  indexId,
  dataSourceId: "source",
  documentId,
  title,
  objectKey: documentId,
  status: "PROCESSING" as const,
  at: new Date(0),
});

test("rows come through in their order, whatever their number", async () => {
  await using db = await temporaryDatabase();
  for (const count of [0, 1, 7, 8, 9, 31, 32, 33, 64, 77]) {
    const rows = Array.from({ length: count }, (_, n) => [n, `text ${n}`] as const);
    const texts: number[] = [];
    const echoed = await db.write((trx) =>
      runForRows<{ n: number; text: string }>(trx, rows, (values) => {
        texts.push(values.length);
        return `with given (n, text) as (values ${values}) select n, text from given`;
      }),
    );
    assert.deepEqual(
      echoed.map(({ n, text }) => [n, text]),
      rows.map(([n, text]) => [n, text]),
    );
    // 77 rows are 32 + 32 + 8 + 5 × 1.
    assert.equal(texts.length, Math.floor(count / 32) + Math.floor((count % 32) / 8) + (count % 8));
  }
});

test("a statement that fails in the middle undoes the groups before it", async () => {
  await using db = await temporaryDatabase();
  const many = Array.from({ length: 40 }, (_, n) => newDocument("index", `d${n}`));
  const twice = [...many, newDocument("index", "d39")];
  await assert.rejects(
    db.write((trx) => documents.acceptMany(trx, twice)),
    /accepted twice/,
  );
  assert.deepEqual(await documents.list(db.read, { indexId: "index", after: 0, limit: 9 }), []);
});

test("documents accepted together stand as if they had come one by one", async () => {
  await using db = await temporaryDatabase();
  let round = 0;
  // Bytes that JSON or SQL would stumble over travel as values, and so unharmed.
  const title = string({ unit: "grapheme", maxLength: 12 });
  const rounds = array(
    array(record({ id: constantFrom(...Array.from({ length: 60 }, (_, n) => `d${n}`)), title }), {
      maxLength: 60,
    }),
    { maxLength: 3 },
  );
  await check(
    asyncProperty(rounds, async (batches) => {
      round += 1;
      const [together, single] = [`together ${round}`, `single ${round}`];
      for (const batch of batches) {
        const distinct = [...new Map(batch.map((one) => [one.id, one])).values()];
        const accepted = await db.write((trx) =>
          documents.acceptMany(
            trx,
            distinct.map(({ id, title: text }) => newDocument(together, id, text)),
          ),
        );
        const singly = await db.write(async (trx) => {
          const versions: number[] = [];
          for (const { id, title: text } of distinct) {
            versions.push((await documents.accept(trx, newDocument(single, id, text))).version);
          }
          return versions;
        });
        assert.deepEqual(
          accepted.map(({ version }) => version),
          singly,
        );
      }
      const rowsOf = async (indexId: string): Promise<unknown> =>
        (await documents.list(db.read, { indexId, after: 0, limit: 100 })).map(
          ({ key: _key, indexId: _index, ...row }) => row,
        );
      assert.deepEqual(await rowsOf(together), await rowsOf(single));
    }),
    { numRuns: 20 },
  );
});
