import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openReader, type Readable, segments } from "../store/store.ts";
import { DamagedIndexError } from "./damaged.ts";
import { IndexReader, type LoadedIndex } from "./index-reader.ts";
import { collectionOn, testCollection, type TestCollection } from "./testing/collection.ts";

let shared: TestCollection;
let db: Readable;
before(async () => {
  shared = await testCollection();
  db = openReader(shared.db.path);
});
after(async () => {
  await db.destroy();
  await shared[Symbol.asyncDispose]();
});

function alive({ segments: list }: LoadedIndex): readonly (readonly number[])[] {
  return list.map((segment) => [...segment.alive]);
}

test("an index that did not change is not read again", async () => {
  const collection = collectionOn(shared);
  const reader = new IndexReader(1e6);
  await collection.put([{ id: "a", texts: ["x"] }]);
  const first = await reader.open(db, collection.indexId);
  assert.equal(await reader.open(db, collection.indexId), first);
  await collection.put([{ id: "b", texts: ["y"] }]);
  const second = await reader.open(db, collection.indexId);
  assert.equal(second.generation, first.generation + 1);
  // Segments that stay are kept in memory.
  assert.equal(second.segments[0], first.segments[0]);
  assert.deepEqual(
    second.segments.map(({ head }) => head.chunks),
    [1, 1],
  );
});

test("replaced and deleted documents die in the segments that are older, and only there", async () => {
  const collection = collectionOn(shared);
  const kept = new IndexReader(1e6);
  const open = (reader: IndexReader): Promise<LoadedIndex> => reader.open(db, collection.indexId);
  await collection.put([
    { id: "a", texts: ["x"] },
    { id: "b", texts: ["x"] },
  ]);
  assert.deepEqual(alive(await open(kept)), [[1, 1]]);
  await collection.put([{ id: "a", texts: ["y"] }]);
  assert.deepEqual(alive(await open(kept)), [[0, 1], [1]]);
  await collection.remove(["b"]);
  assert.deepEqual(alive(await open(kept)), [[0, 0], [1]]);
  await collection.put([{ id: "a", texts: ["z"] }]);
  assert.deepEqual(alive(await open(kept)), [[0, 0], [0], [1]]);
  // Whoever reads everything afresh sees the same.
  assert.deepEqual(alive(await open(new IndexReader(1e6))), [[0, 0], [0], [1]]);
  await collection.search.mergeNow(collection.indexId);
  assert.deepEqual(alive(await open(kept)), [[1]]);
});

test("with no room in memory everything is still answered", async () => {
  const collection = collectionOn(shared);
  const [key = 0] = await collection.put([{ id: "a", texts: ["x"] }]);
  const { indexId } = collection;
  const reader = new IndexReader(0);
  const first = await reader.open(db, indexId);
  assert.notEqual(await reader.open(db, indexId), first);
  const page = await reader.pages(db, { indexId, id: first.segments[0]?.id ?? 0 })(0);
  assert.ok(page.length > 0);
  const [chunk] = await reader.chunks(db, { indexId, documentKey: key, version: 1, page: 0 });
  assert.equal(chunk?.text, "x");
});

test("what is kept in memory of one version is not given for another", async () => {
  const collection = collectionOn(shared);
  const { indexId } = collection;
  const reader = new IndexReader(1e6);
  const [documentKey = 0] = await collection.put([{ id: "a", texts: ["old"] }]);
  const text = async (version: number): Promise<string | undefined> =>
    (await reader.chunks(db, { indexId, documentKey, version, page: 0 }))[0]?.text;
  assert.equal(await text(1), "old");
  await collection.put([{ id: "a", texts: ["new"] }]);
  assert.equal(await text(2), "new");
});

test("missing parts and pages are named", async () => {
  const collection = collectionOn(shared);
  const { indexId } = collection;
  await collection.put([{ id: "a", texts: ["x"] }]);
  const [segment] = await segments.list(db, indexId);
  const id = segment?.id ?? 0;
  const reader = new IndexReader(1e6);
  await assert.rejects(
    async () => reader.pages(db, { indexId, id })(7),
    (error) => {
      assert.ok(error instanceof DamagedIndexError);
      assert.equal(
        error.message,
        `Part 8 of segment ${id} of index ${indexId} is missing, so it is damaged. ` +
          "Rebuild the search index.",
      );
      return true;
    },
  );
  const nowhere = { indexId, documentKey: 4711, version: 1, page: 0 };
  await assert.rejects(reader.chunks(db, nowhere), /The text of document 4711 .* is missing/);
});
