import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { contentCipher, ContentLockedError, type ContentVault } from "../core/content-cipher.ts";
import { openDatabase } from "../store/store.ts";
import { createSearch, DamagedIndexError } from "./search.ts";
import { collectionOn, type TestCollection } from "./testing/collection.ts";

type Sealed = AsyncDisposable &
  Omit<TestCollection, typeof Symbol.asyncDispose> & {
    isLocked: boolean;
    /** Called whenever the engine asks for the key. */
    onAsk: () => void;
    /** All bytes of the database and its log. */
    readonly stored: () => Promise<Buffer>;
  };

/** An engine whose indices all are sealed with one key. */
async function sealedCollection(): Promise<Sealed> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-sealed-"));
  const path = join(folder, "quarry.db");
  const db = await openDatabase(path);
  const cipher = contentCipher({ applicationId: "a", keys: [{ id: 1, bytes: randomBytes(32) }] });
  const ask: ContentVault["cipherOf"] = async () => {
    sealed.onAsk();
    if (sealed.isLocked) throw new ContentLockedError("locked");
    return cipher;
  };
  const search = createSearch({ db, threads: 1, vault: { cipherOf: ask, cipherOfIndex: ask } });
  const sealed: Sealed = {
    ...collectionOn({ db, search }),
    isLocked: false,
    onAsk: () => undefined,
    stored: async () =>
      Buffer.concat([await readFile(path), await readFile(`${path}-wal`).catch(() => noBytes)]),
    async [Symbol.asyncDispose]() {
      await search[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
  return sealed;
}

const noBytes = Buffer.alloc(0);

async function fill(collection: Pick<Sealed, "put">): Promise<void> {
  for (let n = 0; n < 12; n += 1) {
    await collection.put([
      {
        id: `d${n}`,
        title: `Title larkspunt ${n}`,
        texts: [`The quillwort ${n} grows.`, `Another thistlorn ${n % 3} here.`],
        attributes: [{ name: "place", value: { stringValue: `fennimoor${n % 2}` } }],
      },
    ]);
  }
}

const questions = ["quillwort 3", "thistlorn", "larkspunt", "nothing of it"];

test("a sealed index answers like an open one, before and after merges and rebuilds", async () => {
  await using sealed = await sealedCollection();
  const plain = collectionOn(sealed, "plain");
  await fill(sealed);
  const answers = async (): Promise<readonly (readonly string[])[]> => {
    const filter = { equalsTo: { name: "place", value: { stringValue: "fennimoor1" } } };
    const found = questions.map((text) => sealed.find(text));
    return Promise.all([...found, sealed.find("thistlorn", { filter })]);
  };
  const before = await answers();
  assert.equal(before[1]?.length, 10);
  assert.ok(before[4]?.every((id) => Number(id.slice(1)) % 2 === 1));
  await sealed.search.mergeNow(sealed.indexId);
  assert.deepEqual(await answers(), before);
  assert.equal((await sealed.search.stats(sealed.indexId)).segments, 1);
  const rebuilt = await sealed.search.rebuild(sealed.indexId);
  assert.deepEqual(rebuilt, { documents: 12, damaged: [] });
  assert.deepEqual(await answers(), before);
  const [passage] = await sealed.passages("quillwort 3");
  assert.deepEqual(
    [passage?.title, passage?.text],
    ["Title larkspunt 3", "The quillwort 3 grows."],
  );
  await sealed.remove(["d3"]);
  assert.ok(!(await sealed.find("quillwort 3")).includes("d3"));
  assert.deepEqual(await plain.find("quillwort"), []);
});

test("no word of it stands in the database, whatever was done with it", async () => {
  await using sealed = await sealedCollection();
  await fill(sealed);
  await sealed.search.mergeNow(sealed.indexId);
  await sealed.search.rebuild(sealed.indexId);
  const stored = await sealed.stored();
  for (const word of ["quillwort", "thistlorn", "fennimoor", "larkspunt"]) {
    assert.ok(!stored.includes(word), word);
  }
});

test("while the key is locked nothing is found, prepared, merged or rebuilt; then all of it again", async () => {
  await using sealed = await sealedCollection();
  await fill(sealed);
  const { search, indexId } = sealed;
  await sealed.find("quillwort");
  sealed.isLocked = true;
  await assert.rejects(sealed.find("quillwort"), ContentLockedError);
  await assert.rejects(search.prepare(indexId, []), ContentLockedError);
  await assert.rejects(search.mergeNow(indexId), ContentLockedError);
  await assert.rejects(search.rebuild(indexId), ContentLockedError);
  await sealed.remove(["d1"]);
  sealed.isLocked = false;
  await search.mergeNow(indexId);
  assert.equal((await sealed.find("quillwort")).includes("d1"), false);
  assert.ok((await sealed.find("quillwort 2")).includes("d2"));
});

test("a key that is locked while a thread looks keeps back what the thread found", async () => {
  await using sealed = await sealedCollection();
  await fill(sealed);
  await sealed.find("quillwort");
  let asked = 0;
  sealed.onAsk = () => {
    asked += 1;
    sealed.isLocked = asked > 1;
  };
  await assert.rejects(sealed.find("quillwort"), ContentLockedError);
  assert.equal(asked, 2, "once before the thread looked, once after");
});

test("sealed bytes that were moved or altered are damage, never an answer", async () => {
  await using sealed = await sealedCollection();
  await fill(sealed);
  const { db, search, indexId } = sealed;
  await search.mergeNow(indexId);
  await db.write(async (trx) => {
    await sql`update search_chunk_page set data = (
      select data from search_chunk_page order by document_key limit 1)`.execute(trx);
  });
  await assert.rejects(sealed.find("quillwort 5"), DamagedIndexError);
  assert.equal((await search.rebuild(indexId)).damaged.length, 11);
});
