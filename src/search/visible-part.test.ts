import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Viewer } from "../core/viewer.ts";
import { aclChanges, aclClasses } from "../store/store.ts";
import { type AccessList, canonicalAcl } from "./search.ts";
import { collectionOn, testCollection, type TestCollection } from "./testing/collection.ts";
import { randomDocuments, randomNumbers } from "./testing/random-documents.ts";

type Collection = Omit<TestCollection, typeof Symbol.asyncDispose>;

let shared: TestCollection;
before(async () => {
  shared = await testCollection({ threads: 1 });
});
after(() => shared[Symbol.asyncDispose]());

const listOf = (name: string): AccessList => ({
  dataSourceId: "",
  allow: {
    relation: "OR",
    conditions: [{ relation: "OR", principals: [{ kind: "group", name, type: "INDEX" }] }],
  },
  deny: [],
});
const member = (...groups: string[]): Viewer => ({ kind: "user", email: "ada@x.com", groups });

/** Everything that an answer tells, with documents by the ids that they were put with. */
async function told(
  { search, indexId, idOf }: Collection,
  query: { readonly viewer: Viewer; readonly text: string },
): Promise<unknown> {
  const { passages, statistics } = await search.retrieve({ indexId, limit: 100, ...query });
  return {
    passages: passages.map(({ documentKey, bm25, score, ordinal, text }) => ({
      id: idOf(documentKey),
      bm25: +bm25.toFixed(9),
      score: +score.toFixed(9),
      ordinal,
      text,
    })),
    chunks: statistics.chunks,
    counts: query.text.split(" ").map((term) => statistics.chunksWith(term)),
  };
}

const questions = ["q0 q9", "q3 q4 q5", "q150 q20 q7", "q1", "no such word"];

async function reclassify(one: Collection, key: number, list: AccessList): Promise<void> {
  await one.db.write(async (trx) => {
    const aclClass = await aclClasses.intern(trx, canonicalAcl(list));
    await trx.updateTable("document").set({ acl_class: aclClass }).where("key", "=", key).execute();
    await one.search.reclassify(trx, one.indexId, { documentKeys: [key], aclClass });
  });
}

test("scores, order and counts are those of an index that holds nothing else", async () => {
  const random = randomNumbers(3);
  const documents = randomDocuments(17, 90).map(({ documentKey, title, chunks }) => ({
    id: `d${documentKey}`,
    title,
    chunks,
    acl: listOf(`g${Math.floor(random() * 3)}`),
  }));
  const full = collectionOn(shared);
  // Some change their list without being put again; some are deleted; segments are many, then one.
  const first = documents.map((one) => ({ ...one, acl: random() < 0.2 ? listOf("g2") : one.acl }));
  const keys: number[] = [];
  for (let i = 0; i < first.length; i += 15) {
    keys.push(...(await full.putChunks(first.slice(i, i + 15))));
  }
  for (const [i, document] of documents.entries()) {
    if (first[i]?.acl !== document.acl) await reclassify(full, keys[i] ?? 0, document.acl);
  }
  await full.remove(["d3", "d47"]);
  const living = documents.filter(({ id }) => id !== "d3" && id !== "d47");
  for (const groups of [["g0"], ["g1", "g2"], ["g0", "g1", "g2"], ["nobody's"]]) {
    const viewer = member(...groups);
    const alone = collectionOn(shared);
    const theirs = living.filter(({ acl }) =>
      groups.some((name) => canonicalAcl(acl) === canonicalAcl(listOf(name))),
    );
    if (theirs.length > 0) await alone.putChunks(theirs);
    for (const text of questions) {
      const expected = await told(alone, { viewer, text });
      assert.deepEqual(await told(full, { viewer, text }), expected, `${groups}: ${text}`);
    }
  }
  const viewer = member("g1");
  const before = await Promise.all(questions.map((text) => told(full, { viewer, text })));
  await full.search.mergeNow(full.indexId);
  const merged = await Promise.all(questions.map((text) => told(full, { viewer, text })));
  assert.deepEqual(merged, before);
  const left = await aclChanges.listAfter(full.db.read, full.indexId, 0);
  assert.deepEqual(left, [], "nothing old enough is left that would need them");
  await full.search.rebuild(full.indexId);
  const rebuilt = await Promise.all(questions.map((text) => told(full, { viewer, text })));
  assert.deepEqual(rebuilt, before);
});

test("what nobody else may see changes nothing for others, however common its words are", async () => {
  const collection = collectionOn(shared);
  const viewer = member("staff");
  const acl = listOf("staff");
  await collection.put([
    { id: "tea", texts: ["tea is served at four"], acl },
    { id: "merger", texts: ["a merger of two tea rooms"], acl },
  ]);
  const ask = (): Promise<unknown> => told(collection, { viewer, text: "merger tea" });
  const before = await ask();
  const secret = Array.from({ length: 40 }, (_, i) => ({
    id: `secret${i}`,
    texts: [`the merger with company ${i} closes`],
    acl: listOf("board"),
  }));
  await collection.put(secret);
  assert.deepEqual(await ask(), before);
  await collection.remove(secret.map(({ id }) => id));
  assert.deepEqual(await ask(), before);
});

test("a document that changes its list is not written again, and every thread knows at once", async () => {
  const collection = collectionOn(shared);
  const [key = 0] = await collection.put([{ id: "a", texts: ["tea"], acl: listOf("staff") }]);
  const { segments, sizeBytes } = await collection.search.stats(collection.indexId);
  const find = (...groups: string[]): Promise<readonly string[]> =>
    collection.find("tea", { viewer: member(...groups) });
  assert.deepEqual(await find("staff"), ["a"]);
  await reclassify(collection, key, listOf("board"));
  assert.deepEqual([await find("staff"), await find("board")], [[], ["a"]]);
  await reclassify(collection, key, listOf("staff"));
  assert.deepEqual([await find("staff"), await find("board")], [["a"], []]);
  const after = await collection.search.stats(collection.indexId);
  assert.deepEqual([after.segments, after.sizeBytes], [segments, sizeBytes]);
  // A later version brings its own list.
  await collection.put([{ id: "a", texts: ["tea"], acl: listOf("board") }]);
  assert.deepEqual([await find("staff"), await find("board")], [[], ["a"]]);
  await reclassify(collection, 999_999, listOf("staff"));
});

test("a filter narrows what is found, not what counts", async () => {
  const collection = collectionOn(shared);
  const year = (value: number) => ({ name: "year", value: { longValue: value } });
  await collection.put([
    { id: "old", texts: ["tea and milk"], attributes: [year(2001)] },
    { id: "new", texts: ["tea"], attributes: [year(2020)] },
  ]);
  const { search, indexId } = collection;
  const { passages, statistics } = await search.retrieve({
    indexId,
    viewer: { kind: "anonymous" },
    text: "tea",
    limit: 5,
    filter: { equalsTo: year(2020) },
  });
  assert.equal(passages.length, 1);
  assert.deepEqual([statistics.chunks, statistics.chunksWith("tea")], [2, 2]);
});
