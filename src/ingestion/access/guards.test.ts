import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { canonicalAcl } from "../../search/search.ts";
import { testCollection, type TestCollection } from "../../search/testing/collection.ts";
import { aclClasses, aclRules, documents } from "../../store/store.ts";
import { documentsPerStep } from "./rules.ts";
import { listOf, openRuledSource, type RuledSource } from "./testing/ruled-source.ts";

let shared: TestCollection;
before(async () => {
  shared = await testCollection({ threads: 1 });
});
after(() => shared[Symbol.asyncDispose]());

const openSource = (): Promise<RuledSource> => openRuledSource(shared);

test("documents with a list of their own keep it when rules come and go", async () => {
  const source = await openSource();
  const first = { "hr/": ["ada"] };
  await source.close(first);
  const own = listOf("ada", "bob");
  await source.putWith((trx) => aclClasses.intern(trx, canonicalAcl(own)), "hr/own");
  for (const rules of [{ "hr/": ["ada"], "hr/own": ["eve"] }, {}]) {
    await source.close(rules);
    assert.equal(await source.found("ada", "bob", "eve"), "ada: hr/own; bob: hr/own; eve:");
    await source.open(rules);
    assert.equal(await source.found("ada", "bob", "eve"), "ada: hr/own; bob: hr/own; eve:");
  }
});

test("a version with a list of its own is guarded by the rule that the newest one follows", async () => {
  const source = await openSource();
  const rules = { "hr/": ["ada", "bob"], "it/": ["bob"] };
  await source.close(rules);
  await source.open(rules);
  const own = listOf("ada", "bob", "eve");
  await source.putWith((trx) => aclClasses.intern(trx, canonicalAcl(own)), "hr/own");
  await source.failNext("it/", "hr/own");
  assert.equal(await source.found("ada", "bob", "eve"), "ada:; bob: hr/own; eve:");
  await source.failNext("hr/", "hr/own");
  assert.equal(await source.found("ada", "bob", "eve"), "ada: hr/own; bob: hr/own; eve:");
  await source.close({ ...rules, "hr/": ["bob"] });
  assert.equal(await source.found("ada", "bob", "eve"), "ada:; bob: hr/own; eve:");
});

test("documents that stay with their rule are seen all along while others leave it", async () => {
  const source = await openSource();
  await source.close({ "hr/": ["ada"] });
  await source.put({ "hr/": ["ada"] }, "hr/1", "hr/pay/1");
  await source.close({ "hr/": ["ada"], "hr/pay/": ["bob"] });
  assert.equal(await source.found("ada", "bob"), "ada: hr/1; bob:");
});

test("an old version whose newest one failed is for those whom its new rule admits as well", async () => {
  const source = await openSource();
  const first = { "hr/": ["ada"] };
  await source.close(first);
  await source.put(first, "hr/pay/failed", "hr/pay/unread", "hr/pay/fine", "hr/it/unread");
  await source.failNext("hr/", "hr/pay/failed");
  await source.failNext("unknown list", "hr/pay/unread", "hr/it/unread");
  const second = { "hr/": ["ada"], "hr/pay/": ["bob"], "hr/it/": ["ada", "eve"] };
  await source.close(second);
  const still = "ada: hr/it/unread";
  assert.equal(await source.found("ada", "bob", "eve"), `${still}; bob:; eve:`);
  await source.open(second);
  assert.equal(await source.found("ada", "bob", "eve"), `${still}; bob: hr/pay/fine; eve:`);
});

test("however many documents a rule has, all of them follow, close and open", async () => {
  const source = await openSource();
  const first = { "hr/": ["ada"] };
  await source.close(first);
  const keys = Array.from({ length: documentsPerStep + 1 }, (_, n) => `hr/x/${n}`);
  await source.put(first, ...keys);
  const second = { "hr/": ["ada"], "hr/x/": ["ada", "bob"] };
  const counts = () => Promise.all(["ada", "bob", "eve"].map(source.count));
  assert.deepEqual(await counts(), [keys.length, 0, 0]);
  await source.close(second);
  assert.deepEqual(await counts(), [keys.length, 0, 0]);
  await source.open(second);
  assert.deepEqual(await counts(), [keys.length, keys.length, 0]);
  await source.close({ "hr/": ["eve"] });
  assert.deepEqual(await counts(), [0, 0, 0]);
});

test("a list that is not understood admits nobody, and is put right by a whole sync", async () => {
  const source = await openSource();
  const { db } = shared;
  const first = { "hr/": ["ada"], "it/": ["ada"] };
  await source.close(first);
  await source.put(first, "hr/1", "hr/failed", "it/failed");
  await source.failNext("hr/", "hr/failed");
  await source.failNext("it/", "it/failed");
  const rules = await aclRules.list(db.read, source.scope);
  const hr = rules.find(({ prefix }) => prefix === "hr/")?.aclClass ?? 0;
  await db.write((trx) => aclClasses.replace(trx, { id: hr, canonical: "of another time" }));
  const second = { "hr/": ["ada", "bob"], "it/": ["ada", "bob"] };
  await source.close(second);
  assert.equal(await source.found("ada", "bob"), "ada: it/failed; bob:");
  await source.open(second);
  assert.equal(await source.found("ada", "bob"), "ada: hr/1 it/failed; bob: hr/1");
});

test("a guard that is not understood lets nobody pass, whatever is added to it", async () => {
  const source = await openSource();
  const { db } = shared;
  const settle = async (...names: readonly string[]): Promise<void> => {
    await source.close({ "hr/": names });
    await source.open({ "hr/": names });
  };
  await settle("ada");
  await source.put({ "hr/": ["ada"] }, "hr/1");
  await source.failNext("hr/", "hr/1");
  await settle("ada", "bob");
  assert.equal(await source.found("ada", "bob"), "ada: hr/1; bob:");
  const { indexId } = source;
  const { dataSourceId } = source.scope;
  const row = await documents.findById(db.read, { indexId, dataSourceId, documentId: "hr/1" });
  const guard = { id: row?.guardAclClass ?? 0, canonical: "of another time" };
  await db.write((trx) => aclClasses.replace(trx, guard));
  await settle("ada", "bob", "eve");
  assert.equal(await source.found("ada", "bob"), "ada:; bob:");
});

test("a sync that is stopped moves no more documents, and opens none", async () => {
  const source = await openSource();
  const first = { "hr/": ["ada"] };
  await source.close(first);
  await source.put(first, "hr/x/1");
  const second = { "hr/x/": ["ada", "bob"] };
  const signal = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(source.close(second, { signal }), /stopped/);
  assert.equal(await source.found("ada", "bob"), "ada: hr/x/1; bob:");
  await source.close(second);
  await assert.rejects(source.open(second, { signal }), /stopped/);
  assert.equal(await source.found("ada", "bob"), "ada: hr/x/1; bob:");
});
