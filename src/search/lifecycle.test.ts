import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { segments } from "../store/store.ts";
import { createSearch, DamagedIndexError, type Search } from "./search.ts";
import { collectionOn, testCollection, type TestCollection } from "./testing/collection.ts";
import { randomDocuments, randomNumbers } from "./testing/random-documents.ts";

type Collection = Omit<TestCollection, typeof Symbol.asyncDispose>;

let shared: TestCollection;
// Has not yet seen what is damaged behind the back of the first.
let second: Search;
before(async () => {
  shared = await testCollection({ threads: 2, cacheBytesMax: 50_000 });
  second = createSearch({ db: shared.db, threads: 1 });
});
after(async () => {
  await second[Symbol.asyncDispose]();
  await shared[Symbol.asyncDispose]();
});

/** Everything that the collection answers to some questions, without what a merge may change. */
async function answers({ find }: Collection): Promise<readonly (readonly string[])[]> {
  const found = await Promise.all(
    ["q0 q9", "q3", "q150 q20 q7"].map((q) => find(q, { limit: 100 })),
  );
  return found.map((ids) => ids.toSorted());
}

const random = randomDocuments(11, 60).map(({ documentKey, title, chunks }) => ({
  id: `d${documentKey}`,
  title,
  chunks,
}));

test("merging many small segments changes no answer, and leaves one", async () => {
  const collection = collectionOn(shared);
  for (let i = 0; i < random.length; i += 10) await collection.putChunks(random.slice(i, i + 10));
  await collection.remove(["d3", "d47"]);
  await collection.putChunks(random.slice(20, 30));
  const before = await answers(collection);
  assert.ok((before[0]?.length ?? 0) > 5);
  await collection.search.mergeNow(collection.indexId);
  assert.deepEqual(await answers(collection), before);
  const { segments: count, documents } = await collection.search.stats(collection.indexId);
  assert.deepEqual([count, documents], [1, 58]);
  // Nothing old enough is left that would need them.
  const left = await segments.tombstones(collection.db.read, collection.indexId, 0);
  assert.deepEqual(left, []);
});

test("small segments are merged by themselves", async () => {
  const collection = collectionOn(shared);
  for (let i = 0; i < 20; i += 1) await collection.putChunks(random.slice(i, i + 1));
  for (let tries = 0; ; tries += 1) {
    const { segments: count } = await collection.search.stats(collection.indexId);
    if (count < 8) break;
    assert.ok(tries < 100, `${count} segments are left`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test("deletions and new versions while merges and rebuilds run are not lost", async () => {
  const collection = collectionOn(shared);
  const { search, indexId } = collection;
  const number = randomNumbers(5);
  const living = new Map<string, string>();
  const done = new AbortController();
  const maintain = (async () => {
    let rounds = 0;
    for (; !done.signal.aborted; rounds += 1) {
      await (rounds % 3 === 2 ? search.rebuild(indexId) : search.mergeNow(indexId));
    }
    return rounds;
  })();
  for (let step = 0; step < 40; step += 1) {
    const id = `d${Math.floor(number() * 25)}`;
    if (number() < 0.3) {
      await collection.remove([id]);
      living.delete(id);
    } else {
      await collection.put([{ id, texts: [`common words and version v${step}`] }]);
      living.set(id, `common words and version v${step}`);
    }
    const found = await collection.passages("common", { limit: 100 });
    const texts = found.map(({ text }) => text).sort();
    assert.deepEqual(texts, [...living.values()].sort(), `after step ${step}`);
  }
  done.abort();
  assert.ok((await maintain) > 3);
});

test("every thread sees a change as soon as it is committed", async () => {
  const collection = collectionOn(shared);
  for (let version = 0; version < 10; version += 1) {
    await collection.put([{ id: "a", texts: [`tea number ${version}`] }]);
    const asked = Array.from({ length: 9 }, () => collection.passages("tea"));
    for (const found of await Promise.all(asked)) {
      assert.deepEqual(
        found.map(({ text }) => text),
        [`tea number ${version}`],
      );
    }
  }
});

test("three hundred indices are kept apart, in little memory", async () => {
  const collection = collectionOn(shared);
  const many = Array.from({ length: 300 }, () => collectionOn(collection));
  await Promise.all(many.map((one, i) => one.put([{ id: `${i}`, texts: [`tea from ${i}`] }])));
  for (const round of [1, 2]) {
    const found = await Promise.all(many.map((one) => one.find("tea")));
    assert.deepEqual(
      found.map(([id]) => id),
      many.map((_, i) => `${i}`),
      `round ${round}`,
    );
  }
});

const damages = {
  "a flipped bit": sql`data = cast(substr(data, 1, 30) || x'ff' || substr(data, 32) as blob)`,
  "another checksum": sql`checksum = checksum + 1`,
  "an empty part": sql`data = x'', checksum = 0`,
  "another format version": sql`data = cast(substr(data, 1, 4) || x'63' || substr(data, 6) as blob)`,
};

for (const [what, damage] of Object.entries(damages)) {
  test(`${what} is a clear error, and a rebuild mends it`, async () => {
    const first = collectionOn(shared);
    const { db, indexId } = first;
    await first.putChunks(random);
    await db.write((trx) =>
      sql`update search_segment_part set ${damage} where segment_id in (
        select id from search_segment where index_id = ${indexId})`.execute(trx),
    );
    const collection = collectionOn({ db, search: second }, indexId);
    await assert.rejects(collection.passages("q0"), (error) => {
      assert.ok(error instanceof DamagedIndexError);
      assert.match(error.message, /Rebuild the search index\.$/);
      assert.ok(error.message.includes(indexId));
      return true;
    });
    assert.deepEqual(await second.rebuild(indexId), { documents: 60, damaged: [] });
    assert.ok((await collection.passages("q0", { limit: 100 })).length > 50);
  });
}

test("a part that is missing is a clear error as well", async () => {
  const first = collectionOn(shared);
  const { db, indexId } = first;
  await first.putChunks(random);
  await db.write(async (trx) => {
    const [segment] = await segments.list(trx, indexId);
    await sql`delete from search_segment_part where segment_id = ${segment?.id}`.execute(trx);
  });
  const collection = collectionOn({ db, search: second }, indexId);
  await assert.rejects(collection.passages("q0"), /is missing/);
});

test("a rebuild names documents whose text is damaged, and brings back all others", async () => {
  const collection = collectionOn(shared);
  const [bad, good] = await collection.put([
    { id: "bad", texts: ["tea with milk"] },
    { id: "good", texts: ["tea with sugar"] },
  ]);
  await collection.db.write((trx) =>
    sql`update search_chunk_page set data = x'00' where document_key = ${bad}`.execute(trx),
  );
  await assert.rejects(collection.find("tea"), DamagedIndexError);
  const { search, indexId } = collection;
  assert.deepEqual(await search.rebuild(indexId), { documents: 1, damaged: [bad] });
  assert.deepEqual(
    (await collection.passages("tea")).map(({ documentKey }) => documentKey),
    [good],
  );
});

test("what a crash left of a merge is removed, and the index is whole", async () => {
  const collection = collectionOn(shared);
  await collection.putChunks(random);
  const { db, indexId } = collection;
  await db.write(async (trx) => {
    const id = await segments.begin(trx, indexId);
    await segments.insertParts(trx, id, [{ part: 1, checksum: 0, data: new Uint8Array(9) }]);
  });
  const before = await answers(collection);
  await using restarted = createSearch({ db, threads: 1 });
  await restarted.mergeNow(indexId);
  assert.deepEqual(await segments.unfinished(db.read), []);
  const { rows } = await sql<{ parts: number }>`
    select count(*) as parts from search_segment_part
    where segment_id not in (select id from search_segment)`.execute(db.read);
  assert.equal(rows[0]?.parts, 0);
  assert.deepEqual(await answers(collection), before);
});

test("an index that is dropped while it is merged stays dropped", async () => {
  const collection = collectionOn(shared);
  for (let i = 0; i < 40; i += 10) await collection.putChunks(random.slice(i, i + 10));
  const { db, search, indexId } = collection;
  const merging = search.mergeNow(indexId).catch(() => undefined);
  await db.write((trx) => search.dropIndex(trx, indexId));
  await merging;
  assert.deepEqual(await search.stats(indexId), {
    documents: 0,
    chunks: 0,
    segments: 0,
    sizeBytes: 0,
  });
  assert.deepEqual(await segments.unfinished(db.read), []);
});
