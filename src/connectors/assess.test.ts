import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailureKind } from "../objects/objects.ts";
import { assess } from "./assess.ts";
import { createMemoryLedger } from "./known-documents.ts";
import { isUntouched, planSync } from "./plan-sync.ts";
import { brief, newWorld, sourceOf, sync, type World } from "./plan-world.test.ts";

const meta = (members: object): string => JSON.stringify(members);
const eva = [{ Name: "Eva@x.com", Type: "USER", Access: "ALLOW" }];
const bobsRule = {
  keyPrefix: "s3://kb-1/",
  aclEntries: [{ Name: "bob@x.com", Type: "USER", Access: "ALLOW" }],
};

function worldOf(objects: Readonly<Record<string, string>>): World {
  const world = newWorld();
  for (const [key, content] of Object.entries(objects)) world.objects.set(key, content);
  return world;
}

const rulesOf = (world: World) => ({
  dataSourceId: "ds",
  indexFields: new Map(),
  sourceUriOf: () => undefined,
  access: { unlisted: world.unlisted },
  settingsHash: "s",
});

const assessRulesOf = (world: World) => ({
  ...rulesOf(world),
  bucket: "kb-1",
  fieldMappings: world.settings.fieldMappings,
  isForced: false,
});

test("a document with a list of its own is known at sight, whatever the ACL file says", async () => {
  const world = worldOf({ a: "a", "a.metadata.json": meta({ AccessControlList: eva }) });
  await sync(world);
  for (const acl of [undefined, [bobsRule], []]) {
    world.acl = acl;
    assert.deepEqual(brief(await sync(world)), ["unmodified a", "end 1 0"]);
    assert.deepEqual(world.reads, []);
  }
});

test("files in the formats of the operator's choice are judged anew when the choice changes", () => {
  const world = newWorld();
  const object = (key: string) => ({ key, etag: "e", sizeBytes: 1, lastModified: new Date(0) });
  const verdict = (key: string, before: "skip" | "read", now: "skip" | "read"): string => {
    const source = { readMetadata: () => assert.fail("there is none") };
    const paired = { object: object(key) };
    const rules = assessRulesOf(world);
    const put = assess(paired, undefined, { ...rules, openDocumentFormats: before }, source);
    assert.ok("fingerprint" in put && put.action === "add");
    const { fingerprint } = put;
    const known = { key, documentId: "d", outcome: "indexed", fingerprint } as const;
    const again = assess(paired, known, { ...rules, openDocumentFormats: now }, source);
    assert.ok("action" in again);
    return again.action === "add" ? `add ${again.changes.join(" ")}` : again.action;
  };
  for (const key of ["a.odt", "deep/A.ODS", "b.otp"]) {
    assert.equal(verdict(key, "skip", "read"), "add settings", key);
    assert.equal(verdict(key, "read", "skip"), "add settings", key);
    assert.equal(verdict(key, "read", "read"), "unmodified", key);
    assert.equal(verdict(key, "skip", "skip"), "unmodified", key);
  }
  assert.equal(verdict("a.docx", "skip", "read"), "unmodified");
  assert.equal(verdict("odt", "read", "skip"), "unmodified");
});

test("an ACL file that does not list a document changes nothing about an open one", async () => {
  const world = worldOf({ a: "a" });
  await sync(world);
  world.acl = [];
  assert.deepEqual(brief(await sync(world)), ["unmodified a", "end 1 0"]);
});

test("a document that was left without its id is put again", async () => {
  const world = worldOf({ a: "a" });
  await sync(world);
  const { documentId: _lost, ...known } = world.known.get("a") ?? assert.fail("nothing known");
  world.known.set("a", known);
  assert.deepEqual(brief(await sync(world)), ["add a", "end 1 0"]);
  assert.deepEqual(brief(await sync(world)), ["unmodified a", "end 1 0"]);
});

test("another size is another content, whatever mark a store gives it", async () => {
  const world = worldOf({ a: "a" });
  const [put] = await sync(world);
  assert.ok(put?.action === "add");
  const known = world.known.get("a") ?? assert.fail("nothing known");
  const { settingsHash } = known.fingerprint;
  const rules = { ...assessRulesOf(world), settingsHash };
  const same = await assess({ object: put.object }, known, rules, sourceOf(world));
  assert.equal(same.action, "unmodified");
  const object = { ...put.object, sizeBytes: 2 };
  const item = await assess({ object }, known, rules, sourceOf(world));
  assert.ok(item.action === "add" && item.changes.includes("content"));
});

test("metadata that no later sync could read either is a failure once, until it changes", async () => {
  const kinds: readonly (readonly [FailureKind, string])[] = [
    ["tooLarge", "S3-5104"],
    ["encrypted", "S3-5201"],
  ];
  for (const [kind, code] of kinds) {
    const world = worldOf({ a: "a", "a.metadata.json": "{}" });
    world.readFailure = kind;
    assert.deepEqual(brief(await sync(world)), [`fail a ${code} failed`, "end 1 0"]);
    assert.deepEqual(brief(await sync(world)), ["skip a failedBefore", "end 1 0"]);
    assert.deepEqual(world.reads, []);
    world.readFailure = undefined;
    world.objects.set("a.metadata.json", meta({ Title: "A" }));
    assert.deepEqual(brief(await sync(world)), ["add a", "end 1 0"]);
  }
});

test("a document that fails in spite of its own list is a failure once, until it changes", async () => {
  const members = { DocumentId: "one", AccessControlList: eva };
  const world = worldOf({ a: "a", "a.metadata.json": meta(members) });
  world.acl = [bobsRule];
  await sync(world);
  world.objects.set("a.metadata.json", meta({ ...members, Attributes: { nowhere: "x" } }));
  const [item] = await sync(world);
  assert.ok(item?.action === "fail" && item.reportedId === "one", "told of under its own id");
  assert.deepEqual(brief(await sync(world)), ["skip a failedBefore", "end 1 0"]);
  assert.deepEqual(world.reads, []);
});

test("a failure says who may read the document, but where its metadata cannot be read", async () => {
  const accessOf = async (metadata: string): Promise<string | undefined> => {
    const world = worldOf({ a: "a", "a.metadata.json": metadata });
    const [item] = await sync(world);
    assert.ok(item?.action === "fail", metadata);
    return item.access?.because;
  };
  const wrong = { Attributes: { nowhere: "x" } };
  assert.equal(await accessOf(meta({ ...wrong, AccessControlList: eva })), "metadata");
  assert.equal(await accessOf(meta(wrong)), "noAclFile");
  for (const unread of ["{", meta({ AccessControlList: [] }), "[".repeat(3 * 1024 * 1024)]) {
    assert.equal(await accessOf(unread), undefined, "it may say something that nobody has seen");
  }
  const [unnamed] = await sync(worldOf({ "a\u0001": "a" }));
  assert.ok(unnamed?.action === "fail" && unnamed.access?.because === "noAclFile");
  const world = worldOf({ a: "a", "a.metadata.json": meta({ AccessControlList: eva }) });
  world.readFailure = "tooLarge";
  const [unfetched] = await sync(world);
  assert.ok(unfetched?.action === "fail" && unfetched.access === undefined);
});

test("what is remembered of a metadata file is the version that was read, not the one listed", async () => {
  const world = worldOf({ a: "a", "a.metadata.json": meta({ Title: "A" }) });
  for (const text of ["{", meta({ Title: "B" })]) {
    const bytes = Buffer.from(text);
    const object = { key: "a", etag: "1", sizeBytes: 1, lastModified: new Date(0) };
    const metadata = { ...object, key: "a.metadata.json", etag: "listed" };
    const item = await assess({ object, metadata }, undefined, assessRulesOf(world), {
      readMetadata: async () => ({ kind: "metadata", etag: "read", bytes }),
    });
    assert.ok("fingerprint" in item && item.fingerprint.metadataEtag === "read", text);
  }
});

test("content is known by its hash as long as it is the same, and not a moment longer", async () => {
  const world = worldOf({ a: "a" });
  await sync(world);
  const contentHash = world.known.get("a")?.fingerprint.contentHash;
  assert.ok(contentHash !== undefined);
  world.acl = [bobsRule];
  const [readers] = await sync(world);
  assert.ok(readers?.action === "modify" && readers.fingerprint.contentHash === contentHash);
  world.objects.set("a", "b");
  const [content] = await sync(world);
  assert.ok(content?.action === "modify" && content.fingerprint.contentHash === undefined);
});

test("only what is indexed with the same content is untouched", async () => {
  const world = worldOf({ a: "a" });
  await sync(world);
  world.touched.set("a", 1);
  const known = world.known.get("a");
  const contentHash = known?.fingerprint.contentHash ?? "";
  const [item] = await sync(world);
  assert.ok(item?.action === "modify" && known !== undefined && isUntouched(item, contentHash));
  // Its newest version failed, and what is indexed is an older one.
  const failed = { ...item, known: { ...known, outcome: "failed" as const } };
  assert.ok(!isUntouched(failed, contentHash));
  assert.ok(!isUntouched({ ...item, action: "add" }, contentHash), "the index has lost it");
});

test("a fault that is none of the bucket's failures ends the plan as what it is", async () => {
  const world = worldOf({ a: "a" });
  async function* known() {
    yield await Promise.reject<[]>(new Error("The disk is gone."));
  }
  const { settings } = world;
  const ledger = createMemoryLedger();
  const input = {
    settings,
    rules: rulesOf(world),
    source: sourceOf(world),
    known: known(),
    ledger,
  };
  await assert.rejects(async () => {
    for await (const item of planSync(input)) assert.notEqual(item.action, "listingFailed");
  }, /The disk is gone/);
});

test("a plan that is given up closes what it reads, and nothing is heard of it later", async () => {
  const world = worldOf({ a: "a", b: "b", "b.metadata.json": "{}" });
  const old = worldOf({ z: "z" });
  await sync(old);
  let isClosed = false;
  const fault = Promise.withResolvers<never>();
  const source = { ...sourceOf(world), readMetadata: () => fault.promise };
  const { settings } = world;
  async function* known() {
    try {
      yield [...old.known.values()];
    } finally {
      isClosed = true;
    }
  }
  const ledger = createMemoryLedger();
  const plan = planSync({ settings, rules: rulesOf(world), source, known: known(), ledger });
  for await (const item of plan) {
    assert.equal(item.action, "add");
    break;
  }
  fault.reject(new Error("The connection was cut."));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isClosed);
});
