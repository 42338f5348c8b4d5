import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parseAclFile } from "../../connectors/connectors.ts";
import { silentLog } from "../../core/log.ts";
import type { Viewer } from "../../core/viewer.ts";
import { testCollection, type TestCollection } from "../../search/testing/collection.ts";
import { aclRules, type Database, documents, resources } from "../../store/store.ts";
import { closeAccess } from "./closing.ts";
import { openAccess } from "./opening.ts";
import { classOfRule } from "./rules.ts";

let shared: TestCollection;
before(async () => {
  shared = await testCollection({ threads: 1 });
});
after(() => shared[Symbol.asyncDispose]());

const at = new Date("2026-01-01T00:00:00Z");
const bucket = "kb";
let sources = 0;

type Rules = Readonly<Record<string, readonly string[]>>;

/** A data source whose documents follow rules; names in lists are users' names at x.com. */
async function openSource() {
  sources += 1;
  const { db, search } = shared;
  const [indexId, dataSourceId] = [`index-${sources}`, `source-${sources}`];
  const applicationId = "application";
  await db.write((trx) =>
    resources.insert(trx, {
      id: indexId,
      kind: "index",
      accountId: "",
      applicationId,
      indexId: "",
      arn: indexId,
      status: "ACTIVE",
      record: {},
      at,
    }),
  );
  const scope = { dataSourceId, bucket };
  const settle = (rules: Rules, more: { unlisted?: "allow" | "deny"; db?: Database } = {}) => {
    const list = Object.entries(rules).map(([prefix, names]) => ({
      keyPrefix: `s3://${bucket}/${prefix}`,
      aclEntries: names.map((name) => ({
        Name: `${name.replace("-", "")}@x.com`,
        Type: "USER",
        Access: name.startsWith("-") ? "DENY" : "ALLOW",
      })),
    }));
    const aclFile = parseAclFile(Buffer.from(JSON.stringify(list)), bucket);
    if (!("rules" in aclFile)) return assert.fail("The ACL file is not valid.");
    const { unlisted = "allow" } = more;
    const signal = new AbortController().signal;
    return { ...scope, indexId, rules: { aclFile, unlisted }, signal };
  };
  const close = (rules: Rules, more: { unlisted?: "allow" | "deny"; db?: Database } = {}) =>
    closeAccess({ db: more.db ?? db, search, log: silentLog }, settle(rules, more));
  const open = (rules: Rules, more: { unlisted?: "allow" | "deny"; db?: Database } = {}) =>
    openAccess({ db: more.db ?? db }, settle(rules, more));
  const put = async (rules: Rules, ...keys: readonly string[]) => {
    const { rules: access } = settle(rules);
    for (const key of keys) {
      const row = await db.write((trx) =>
        documents.accept(trx, {
          applicationId,
          indexId,
          dataSourceId,
          documentId: key,
          title: "",
          objectKey: key,
          status: "PROCESSING",
          at,
        }),
      );
      const prefix = access.aclFile.ruleFor(key)?.prefix;
      const aclClass = await db.write((trx) => classOfRule(trx, scope, prefix));
      const chunk = { ordinal: 0, text: "tea", headingPath: [], beginOffset: 0, endOffset: 3 };
      const one = { documentKey: row.key, version: row.version, aclClass, title: "" };
      const prepared = await search.prepare(indexId, [
        { ...one, attributes: [], chunks: [{ ...chunk, tokens: 1 }] },
      ]);
      await db.write(async (trx) => {
        await documents.publish(trx, {
          ...row,
          title: "",
          uri: "",
          contentType: "",
          aclClass,
          attributes: "[]",
          textBytes: 1,
          syncId: "",
          syncAction: "",
          at,
        });
        await search.publish(trx, indexId, prepared);
      });
    }
  };
  /** Keys that each person finds, as `ada: a b; bob: c`. */
  const found = async (...names: readonly string[]): Promise<string> => {
    const all: string[] = [];
    for (const name of names) {
      const viewer: Viewer = { kind: "user", email: `${name}@x.com`, groups: [] };
      const result = await search.retrieve({ indexId, viewer, text: "tea", limit: 100 });
      const keys = result.passages.map(({ documentKey }) => documentKey);
      const visible = await search.visible({ indexId, viewer, documentKeys: keys });
      assert.equal(visible.size, keys.length, "both ways of looking agree");
      const rows = await documents.findMany(db.read, keys);
      all.push(
        `${name}:${rows
          .map(({ documentId }) => ` ${documentId}`)
          .sort()
          .join("")}`,
      );
    }
    return all.join("; ");
  };
  const segments = async (): Promise<number> => (await search.stats(indexId)).segments;
  return { scope, indexId, close, open, put, found, segments };
}

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
  // Nor later, by another rule; and whoever loses access loses it for them as well.
  const public_ = {};
  await source.close(public_);
  await source.open(public_);
  assert.equal(await source.found("ada", "eve"), "ada: hr/failed hr/fine hr/kept; eve: hr/fine");
  await source.close({ "hr/": ["bob"] });
  await source.open({ "hr/": ["bob"] });
  assert.equal(await source.found("ada", "bob"), "ada:; bob: hr/fine");
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
  const second = { "a/": ["ada", "bob"], "a/b/x/": ["eve"], "": ["ada"], "c/": ["bob"] };
  const keys = ["a/1", "a/b/1", "a/b/x/1", "c/1", "d"];
  const people = ["ada", "bob", "eve"];
  for (let writes = 0; writes < 5; writes += 1) {
    const source = await openSource();
    await source.close(first);
    await source.put(first, ...keys);
    const before = await source.found(...people);
    const db = dyingAfter(shared.db, writes);
    const end = (async () => {
      await source.close(second, { db });
      await source.open(second, { db });
    })();
    await end.catch(() => undefined);
    const meanwhile = await source.found(...people);
    // The fourth write frees documents, at the end of the crawl.
    if (writes < 4) assertWithin(meanwhile, before, `${writes} writes`);
    await source.close(second);
    if (writes < 4) assertWithin(await source.found(...people), before, "before it is opened");
    await source.open(second);
    assert.equal(
      await source.found(...people),
      "ada: a/1 a/b/1 d; bob: a/1 a/b/1 c/1; eve: a/b/x/1",
      `${writes} writes`,
    );
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
