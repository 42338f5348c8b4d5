import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import type { LogFields } from "../core/log.ts";
import { segments } from "../store/store.ts";
import { createSearch } from "./search.ts";
import { collectionOn, testCollection, type TestCollection } from "./testing/collection.ts";
import { randomDocuments } from "./testing/random-documents.ts";

const random = randomDocuments(3, 200).map(({ documentKey, title, chunks }) => ({
  id: `d${documentKey}`,
  title,
  chunks,
}));

let shared: TestCollection;
before(async () => {
  shared = await testCollection();
});
after(() => shared[Symbol.asyncDispose]());

test("a merge that fails is logged, leaves nothing behind, and the old segments answer", async () => {
  const lines: (readonly [string, LogFields | undefined])[] = [];
  await using search = createSearch({
    db: shared.db,
    threads: 1,
    log: (_level, event, fields) => void lines.push([event, fields]),
  });
  const collection = collectionOn({ db: shared.db, search });
  for (let i = 0; i < 7; i += 1) await collection.put([{ id: `${i}`, texts: ["tea"] }]);
  assert.equal((await collection.find("tea")).length, 7);
  const [first] = await segments.list(shared.db.read, collection.indexId);
  await shared.db.write((trx) =>
    sql`update search_segment_part set checksum = 0 where segment_id = ${first?.id} and part = 1`.execute(
      trx,
    ),
  );
  await collection.put([{ id: "last", texts: ["tea"] }]);
  for (let tries = 0; lines.length === 0; tries += 1) {
    assert.ok(tries < 100, "nothing was logged");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(lines[0]?.[0], "search.merge-failed");
  assert.equal(lines[0]?.[1]?.["indexId"], collection.indexId);
  assert.match(String(lines[0]?.[1]?.["reason"]), /damaged/);
  assert.deepEqual(await segments.unfinished(shared.db.read), []);
  assert.equal((await segments.list(shared.db.read, collection.indexId)).length, 8);
  // Whoever asks for it is told.
  await assert.rejects(search.mergeNow(collection.indexId), /damaged/);
  assert.deepEqual(await search.rebuild(collection.indexId), { documents: 8, damaged: [] });
  assert.equal((await collection.find("tea")).length, 8);
});

test("closing in the middle of a merge leaves a whole index", async () => {
  const { db } = shared;
  // One engine after the other: two on one database would tidy each other's work away.
  const filling = createSearch({ db, threads: 1 });
  const filled = collectionOn({ db, search: filling });
  const { indexId } = filled;
  for (let i = 0; i < random.length; i += 25) await filled.putChunks(random.slice(i, i + 25));
  let rare = "";
  let before = 0;
  // A word of fewer passages than one question can get: then all of them are counted.
  for (let n = 0; before === 0 || before === 100; n += 1) {
    assert.ok(n < 500, "no word is rare enough");
    rare = `q${n}`;
    before = (await filled.passages(rare, { limit: 100 })).length;
  }
  await filling[Symbol.asyncDispose]();
  const closed = createSearch({ db, threads: 1 });
  const merging = assert.rejects(closed.mergeNow(indexId), /closed/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await closed[Symbol.asyncDispose]();
  await merging;
  await assert.rejects(closed.mergeNow(indexId), /closed/);
  await using next = createSearch({ db, threads: 1 });
  const after = collectionOn({ db, search: next }, indexId);
  assert.equal((await after.passages(rare, { limit: 100 })).length, before);
  await next.mergeNow(indexId);
  assert.deepEqual(await segments.unfinished(db.read), []);
  assert.equal((await after.passages(rare, { limit: 100 })).length, before);
});

test("merging what is deleted altogether leaves no segment", async () => {
  const collection = collectionOn(shared);
  await collection.put([{ id: "a", texts: ["tea"] }]);
  await collection.put([{ id: "b", texts: ["tea"] }]);
  await collection.remove(["a", "b"]);
  await collection.search.mergeNow(collection.indexId);
  const stats = await collection.search.stats(collection.indexId);
  assert.deepEqual(stats, { documents: 0, chunks: 0, segments: 0, sizeBytes: 0 });
  assert.deepEqual(await collection.find("tea"), []);
  await collection.search.mergeNow(collection.indexId);
  await collection.put([{ id: "a", texts: ["tea"] }]);
  assert.deepEqual(await collection.find("tea"), ["a"]);
});

test("a rebuild goes through an index of many batches, and can be done twice", async () => {
  const collection = collectionOn(shared);
  const { search, indexId } = collection;
  const many = Array.from({ length: 620 }, (_, i) => ({ id: `${i}`, texts: [`tea ${i}`] }));
  await collection.put(many);
  await collection.remove(["7"]);
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(await search.rebuild(indexId), { documents: 619, damaged: [] });
    assert.deepEqual(await collection.find("600"), ["600"]);
    assert.deepEqual(await collection.find("7"), []);
  }
  assert.deepEqual(await search.rebuild("nowhere"), { documents: 0, damaged: [] });
});

test("attributes outlive a merge and a rebuild", async () => {
  const collection = collectionOn(shared);
  const { search, indexId } = collection;
  const attributes = (tag: string, day: number) => [
    { name: "tags", value: { stringListValue: [tag, "all"] } },
    { name: "day", value: { dateValue: new Date(Date.UTC(2026, 0, day)) } },
  ];
  await collection.put([{ id: "a", texts: ["tea"], attributes: attributes("x", 1) }]);
  await collection.put([{ id: "b", texts: ["tea"], attributes: attributes("y", 9) }]);
  const filter = {
    containsAny: { name: "tags", value: { stringListValue: ["y", "z"] } },
    greaterThan: { name: "day", value: { dateValue: new Date(Date.UTC(2026, 0, 5)) } },
  };
  assert.deepEqual(await collection.find("tea", { filter }), ["b"]);
  await search.mergeNow(indexId);
  assert.deepEqual(await collection.find("tea", { filter }), ["b"]);
  await search.rebuild(indexId);
  assert.deepEqual(await collection.find("tea", { filter }), ["b"]);
  assert.deepEqual(await collection.find("tea", { filter: { notFilter: filter } }), ["a"]);
});
