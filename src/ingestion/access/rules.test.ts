import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { silentLog } from "../../core/log.ts";
import { testCollection, type TestCollection } from "../../search/testing/collection.ts";
import { aclRules, type Database } from "../../store/store.ts";
import { closeAccess } from "./closing.ts";
import { openAccess } from "./opening.ts";
import { openRuledSource, type RuledSource } from "./testing/ruled-source.ts";

let shared: TestCollection;
before(async () => {
  shared = await testCollection({ threads: 1 });
});
after(() => shared[Symbol.asyncDispose]());

const openSource = (): Promise<RuledSource> => openRuledSource(shared);

test("a rule that admits fewer counts at once for all its documents, without a crawl", async () => {
  const source = await openSource();
  await source.close({ "hr/": ["ada", "bob"] });
  await source.put({ "hr/": ["ada", "bob"] }, "hr/1", "hr/2", "open");
  assert.equal(
    await source.found("ada", "bob", "eve"),
    "ada: hr/1 hr/2 open; bob: hr/1 hr/2 open; eve: open",
  );
  const before = await source.segments();
  await source.close({ "hr/": ["ada"] });
  assert.equal(await source.found("ada", "bob"), "ada: hr/1 hr/2 open; bob: open");
  await source.close({ "hr/": ["ada", "-ada"] });
  assert.equal(await source.found("ada"), "ada: open");
  assert.equal(await source.segments(), before, "nothing is written again");
});

test("a rule that admits others closes at once, and opens at the end of the crawl", async () => {
  const source = await openSource();
  await source.close({ "hr/": ["ada"] });
  await source.put({ "hr/": ["ada"] }, "hr/1");
  await source.close({ "hr/": ["bob"] });
  assert.equal(await source.found("ada", "bob"), "ada:; bob:");
  // A sync that never comes to its end leaves it so; the next one begins where that one was.
  await source.close({ "hr/": ["bob", "eve"] });
  assert.equal(await source.found("ada", "bob", "eve"), "ada:; bob:; eve:");
  await source.open({ "hr/": ["bob", "eve"] });
  assert.equal(await source.found("ada", "bob", "eve"), "ada:; bob: hr/1; eve: hr/1");
  const rules = await aclRules.list(shared.db.read, source.scope);
  assert.deepEqual(new Set(rules.map(({ state }) => state)), new Set(["settled"]));
});

test("S9 the longest prefix wins: documents follow a rule that is new, and one that is left", async () => {
  const source = await openSource();
  const first = { "hr/": ["ada"] };
  await source.close(first);
  await source.put(first, "hr/pay/1", "hr/1");
  const second = { "hr/": ["ada"], "hr/pay/": ["bob", "ada"] };
  await source.close(second);
  assert.equal(await source.found("ada", "bob"), "ada: hr/1 hr/pay/1; bob:");
  await source.open(second);
  assert.equal(await source.found("ada", "bob"), "ada: hr/1 hr/pay/1; bob: hr/pay/1");
  const third = { "hr/pay/": ["bob"] };
  await source.close(third);
  assert.equal(await source.found("ada", "bob", "eve"), "ada: hr/1; bob: hr/pay/1; eve:");
  await source.open(third);
  assert.equal(await source.found("ada", "bob", "eve"), "ada: hr/1; bob: hr/1 hr/pay/1; eve: hr/1");
  const { db } = shared;
  const left = await aclRules.list(db.read, source.scope);
  assert.deepEqual(left.map(({ prefix, state }) => `${prefix} ${state}`).sort(), [
    "hr/pay/ settled",
    "undefined settled",
  ]);
});

test("S8 a prefix that is not listed is public until the operator closes it, then at once", async () => {
  const source = await openSource();
  await source.close({});
  await source.put({}, "a", "b/1");
  assert.equal(await source.found("eve"), "eve: a b/1");
  await source.close({}, { unlisted: "deny" });
  assert.equal(await source.found("eve"), "eve:");
  await source.open({}, { unlisted: "deny" });
  await source.close({ "b/": ["eve"] }, { unlisted: "deny" });
  await source.open({ "b/": ["eve"] }, { unlisted: "deny" });
  assert.equal(await source.found("eve", "ada"), "eve: b/1; ada:");
});

test("what is not what the bucket holds is not opened with its rule", async () => {
  const source = await openSource();
  const { db } = shared;
  await source.close({ "hr/": ["ada"] });
  await source.put({ "hr/": ["ada"] }, "hr/failed", "hr/kept", "hr/fine");
  const wider = { "hr/": ["ada", "bob"] };
  await source.close(wider);
  // In the crawl the new version of one fails, and another one is missed and kept.
  await db.write(async (trx) => {
    for (const [documentId, change] of [
      ["hr/failed", { version: 2, status: "FAILED" }],
      ["hr/kept", { is_released: 1 }],
    ] as const) {
      const ofIt = trx.updateTable("document").where("index_id", "=", source.indexId);
      await ofIt.where("document_id", "=", documentId).set(change).execute();
    }
  });
  await source.open(wider);
  assert.equal(await source.found("ada", "bob"), "ada: hr/failed hr/fine hr/kept; bob: hr/fine");
  // Nor when yet another version fails, which has the wider list.
  await source.failNext("hr/", "hr/failed");
  assert.equal(await source.found("ada", "bob"), "ada: hr/failed hr/fine hr/kept; bob: hr/fine");
  // Nor later, by another rule; and whoever loses access loses it for them as well.
  const public_ = {};
  await source.close(public_);
  await source.open(public_);
  assert.equal(await source.found("ada", "eve"), "ada: hr/failed hr/fine hr/kept; eve: hr/fine");
  for (const prefix of ["h", "hr/"]) {
    await source.close({ [prefix]: ["bob"] });
    await source.open({ [prefix]: ["bob"] });
    assert.equal(await source.found("ada", "bob"), "ada:; bob: hr/fine");
  }
});

test("documents that a sync moved and never opened are opened by the next one", async () => {
  const source = await openSource();
  await source.close({ "a/": ["ada"] });
  await source.put({ "a/": ["ada"] }, "a/1", "a/b/1");
  // What is left of the first rule after both is nobody, which is what it is to say.
  const rules = { "a/": [], "a/b/": ["bob"] };
  await source.close(rules);
  await source.close(rules);
  assert.equal(await source.found("ada", "bob"), "ada:; bob:");
  await source.open(rules);
  assert.equal(await source.found("ada", "bob"), "ada:; bob: a/b/1");
});

test("another bucket's rules say nothing about documents of this one", async () => {
  const source = await openSource();
  await source.close({ "hr/": ["ada"] });
  await source.put({ "hr/": ["ada"] }, "hr/1");
  const { db, search } = shared;
  const signal = new AbortController().signal;
  const { dataSourceId } = source.scope;
  const other = { dataSourceId, bucket: "other", indexId: source.indexId, signal };
  const rules = { unlisted: "allow" } as const;
  await closeAccess({ db, search, log: silentLog }, { ...other, rules });
  await openAccess({ db }, { ...other, rules });
  assert.equal(await source.found("ada", "eve"), "ada: hr/1; eve:");
});

test("a crash at any write leaves nothing open, and one more sync ends right", async () => {
  const first = { "a/": ["ada"], "a/b/": ["bob"], "c/": ["ada", "bob"] };
  const below = { "e/": ["bob"], "f/": ["eve"] };
  const second = { "a/": ["ada", "bob"], "a/b/x/": ["eve"], "": ["ada"], "c/": ["bob"], ...below };
  const keys = ["a/1", "a/b/1", "a/b/x/1", "c/1", "d", "e/1", "f/1"];
  const end = "ada: a/1 a/b/1 d; bob: a/1 a/b/1 c/1 e/1; eve: a/b/x/1 f/1";
  const people = ["ada", "bob", "eve"];
  for (let writes = 0; writes < 5; writes += 1) {
    const source = await openSource();
    await source.close(first);
    await source.put(first, ...keys);
    const before = await source.found(...people);
    const db = dyingAfter(shared.db, writes);
    const sync = (async () => {
      await source.close(second, { db });
      await source.open(second, { db });
    })();
    await sync.catch(() => undefined);
    const meanwhile = await source.found(...people);
    // The fourth write frees documents, at the end of the crawl.
    if (writes < 4) assertWithin(meanwhile, before, `${writes} writes`);
    // The first write closes, for all documents, whatever nobody may see any more.
    if (writes > 0) assertWithin(meanwhile, end, `${writes} writes`);
    await source.close(second);
    if (writes < 4) assertWithin(await source.found(...people), before, "before it is opened");
    await source.open(second);
    assert.equal(await source.found(...people), end, `${writes} writes`);
  }
});

/** Everybody finds at most what they found before. */
function assertWithin(now: string, before: string, what: string): void {
  const earlier = before.split("; ").map((one) => one.split(" "));
  for (const [i, one] of now.split("; ").entries()) {
    for (const key of one.split(" ")) assert.ok(earlier[i]?.includes(key), `${what}: ${one}`);
  }
}

function dyingAfter(db: Database, writes: number): Database {
  let left = writes;
  return {
    ...db,
    [Symbol.asyncDispose]: async () => undefined,
    write: async (change) => {
      left -= 1;
      if (left < 0) throw new Error("The process has ended.");
      return db.write(change);
    },
  };
}
