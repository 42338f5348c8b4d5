import assert from "node:assert/strict";
import { test } from "node:test";
import { principals } from "../store/store.ts";
import { type AccessList, listReaders } from "./search.ts";
import { testCollection } from "./testing/collection.ts";

const at = new Date("2026-01-01T00:00:00Z");
const applicationId = "application";
const dataSourceId = "source";

test("a name that is somebody's alias in the data source is still its own bearer's elsewhere", async () => {
  await using collection = await testCollection();
  const { db, indexId } = collection;
  const user = { applicationId, userId: "bob@x.com", name: "Bob@x.com", subjectId: "" };
  await db.write(async (trx) => {
    const key = await principals.insertUser(trx, { ...user, at });
    const alias = { indexId, dataSourceId, alias: "eve@x.com", name: "eve@x.com" };
    await principals.changeAliases(trx, { ...user, key }, { added: [alias], deleted: [] });
  });
  const eve = { kind: "user", name: "eve@x.com" } as const;
  const read = async (...deny: AccessList["deny"]): Promise<unknown> => {
    const conditions = [{ relation: "OR", principals: [{ ...eve, type: "INDEX" }] }] as const;
    const list = { dataSourceId, allow: { relation: "OR", conditions }, deny } as const;
    const of = { applicationId, indexId, contents: [list] };
    const { people } = await listReaders(db.read, of);
    return people.map(({ userId, isKnown, hasAccess }) => ({ userId, isKnown, hasAccess }));
  };
  const told = { userId: "eve@x.com", isKnown: false };
  assert.deepEqual(await read(), [{ ...told, hasAccess: true }]);
  // An id of the whole index counts in each of its data sources, so the denial meets both.
  assert.deepEqual(await read({ ...eve, type: "DATASOURCE" }), [{ ...told, hasAccess: false }]);
});

test("who is meant by somebody's alias alone is that somebody", async () => {
  await using collection = await testCollection();
  const { db, indexId } = collection;
  const user = { applicationId, userId: "bob@x.com", name: "Bob@x.com", subjectId: "" };
  await db.write(async (trx) => {
    const key = await principals.insertUser(trx, { ...user, at });
    const alias = { indexId: "", dataSourceId: "", alias: "bob", name: "Bob" };
    await principals.changeAliases(trx, { ...user, key }, { added: [alias], deleted: [] });
  });
  const principal = { kind: "user", name: "bob", type: "INDEX" } as const;
  const conditions = [{ relation: "OR", principals: [principal] }] as const;
  const list = { dataSourceId, allow: { relation: "OR", conditions }, deny: [] } as const;
  const of = { applicationId, indexId, contents: [list] };
  const { people, entries } = await listReaders(db.read, of);
  assert.deepEqual(
    people.map(({ userId, isKnown, hasAccess }) => ({ userId, isKnown, hasAccess })),
    [{ userId: "Bob@x.com", isKnown: true, hasAccess: true }],
  );
  assert.deepEqual(
    entries.map(({ people: count, isKnown }) => ({ count, isKnown })),
    [{ count: 1, isKnown: true }],
  );
});
