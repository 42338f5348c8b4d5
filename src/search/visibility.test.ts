import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Viewer } from "../core/viewer.ts";
import { aclClasses, type WriteTransaction } from "../store/store.ts";
import { type AccessList, canonicalAcl, type Search } from "./search.ts";
import { collectionOn, testCollection, type TestCollection } from "./testing/collection.ts";

let shared: TestCollection;
before(async () => {
  shared = await testCollection({ threads: 1 });
});
after(() => shared[Symbol.asyncDispose]());

const sales: AccessList = {
  dataSourceId: "",
  allow: {
    relation: "OR",
    conditions: [{ relation: "OR", principals: [{ kind: "group", name: "sales", type: "INDEX" }] }],
  },
  deny: [{ kind: "user", name: "eve@example.com", type: "INDEX" }],
};

const person = (email: string, ...groups: string[]): Viewer => ({ kind: "user", email, groups });

test("a viewer finds what is public and what the groups allow, and never what is denied", async () => {
  const collection = collectionOn(shared);
  await collection.put([
    { id: "open", texts: ["the merger is public"] },
    { id: "sales", texts: ["the merger closes in May"], acl: sales },
  ]);
  const find = (viewer: Viewer): Promise<readonly string[]> =>
    collection.find("merger", { viewer });
  assert.deepEqual(await find({ kind: "anonymous" }), ["open"]);
  assert.deepEqual(await find(person("bob@example.com", "legal")), ["open"]);
  assert.deepEqual((await find(person("ada@example.com", "sales"))).toSorted(), ["open", "sales"]);
  assert.deepEqual(await find(person("eve@example.com", "sales")), ["open"]);
});

test("to somebody who may see nothing an index looks empty", async () => {
  const collection = collectionOn(shared);
  await collection.put([{ id: "sales", texts: ["the merger closes in May"], acl: sales }]);
  const { indexId, search } = collection;
  const viewer: Viewer = { kind: "anonymous" };
  const { passages, statistics } = await search.retrieve({
    indexId,
    viewer,
    text: "merger",
    limit: 5,
  });
  assert.deepEqual(passages, []);
  assert.deepEqual([statistics.chunks, statistics.chunksWith("merger")], [0, 0]);
});

test("statistics name how many chunks hold a word of the question", async () => {
  const collection = collectionOn(shared);
  await collection.put([{ id: "a", texts: ["tea and milk", "tea", "water"] }]);
  const { indexId, search } = collection;
  const viewer: Viewer = { kind: "anonymous" };
  const { statistics } = await search.retrieve({ indexId, viewer, text: "the tea", limit: 5 });
  assert.equal(statistics.chunks, 3);
  assert.deepEqual(
    ["tea", "the", "water"].map((term) => statistics.chunksWith(term)),
    [2, 0, 0],
  );
});

test("many documents that are not visible do not push out the few that are", async () => {
  const collection = collectionOn(shared);
  const hidden = Array.from({ length: 150 }, (_, i) => ({
    id: `hidden-${i}`,
    texts: ["merger merger merger"],
    acl: sales,
  }));
  await collection.put([...hidden, { id: "open", texts: ["a long text that mentions a merger"] }]);
  assert.deepEqual(await collection.find("merger", { limit: 1 }), ["open"]);
});

type Change = (trx: WriteTransaction, key: number, search: Search) => Promise<unknown>;
const changes: Readonly<Record<string, Change>> = {
  "is being deleted": (trx, key) =>
    trx.updateTable("document").set({ status: "DELETING" }).where("key", "=", key).execute(),
  "has no row any more": (trx, key) => trx.deleteFrom("document").where("key", "=", key).execute(),
  "was published in another version": (trx, key) =>
    trx.updateTable("document").set({ published_version: 2 }).where("key", "=", key).execute(),
  "has got an access list": async (trx, key) => {
    const aclClass = await aclClasses.intern(trx, canonicalAcl(sales));
    await trx.updateTable("document").set({ acl_class: aclClass }).where("key", "=", key).execute();
  },
  "has a failed version with an access list": async (trx, key) => {
    const guard = await aclClasses.intern(trx, canonicalAcl(sales));
    await trx
      .updateTable("document")
      .set({ guard_acl_class: guard })
      .where("key", "=", key)
      .execute();
  },
  "has a class that is not understood": async (trx, key) => {
    const odd = await aclClasses.intern(trx, '{"for":"nobody"}');
    await trx.updateTable("document").set({ acl_class: odd }).where("key", "=", key).execute();
  },
};

for (const [what, change] of Object.entries(changes)) {
  test(`a document that ${what} is not given out, and others take its place`, async () => {
    const collection = collectionOn(shared);
    const [key = 0] = await collection.put([
      { id: "changed", texts: ["tea tea tea"] },
      { id: "other", texts: ["tea with a lot of milk"] },
    ]);
    assert.deepEqual(await collection.find("tea", { limit: 1 }), ["changed"]);
    await collection.db.write((trx) => change(trx, key, collection.search));
    assert.deepEqual(await collection.find("tea", { limit: 1 }), ["other"]);
  });
}

test("what many failed versions guard does not hide what is open", async () => {
  const collection = collectionOn(shared);
  const guarded = Array.from({ length: 12 }, (_, i) => ({ id: `g${i}`, texts: ["tea tea tea"] }));
  const keys = await collection.put([...guarded, { id: "open", texts: ["tea with some milk"] }]);
  await collection.db.write(async (trx) => {
    for (const key of keys.slice(0, -1))
      await changes["has got an access list"]?.(trx, key, shared.search);
  });
  assert.deepEqual(await collection.find("tea", { limit: 2 }), ["open"]);
});

test("if the check after ranking cannot be made, the question fails", async () => {
  await using collection = await testCollection();
  await collection.put([{ id: "a", texts: ["tea"] }]);
  const { sql } = await import("kysely");
  await collection.db.write((trx) => sql`alter table document rename to elsewhere`.execute(trx));
  await assert.rejects(collection.find("tea"), /no such table: document/);
});

test("filters narrow what is found, before ranking", async () => {
  const collection = collectionOn(shared);
  const year = (value: number): { name: string; value: { longValue: number } } => ({
    name: "year",
    value: { longValue: value },
  });
  await collection.put([
    { id: "old", texts: ["tea tea tea"], attributes: [year(2001)] },
    { id: "new", texts: ["tea with milk"], attributes: [year(2020)] },
    { id: "none", texts: ["tea with sugar"] },
  ]);
  const find = (filter: Parameters<typeof collection.find>[1]): Promise<readonly string[]> =>
    collection.find("tea", { limit: 2, ...filter });
  assert.deepEqual(await find({ filter: { greaterThan: year(2010) } }), ["new"]);
  const notOld = await find({ filter: { notFilter: { equalsTo: year(2001) } } });
  assert.deepEqual(notOld.toSorted(), ["new", "none"]);
  assert.deepEqual(await find({ filter: { equalsTo: year(1) } }), []);
});
