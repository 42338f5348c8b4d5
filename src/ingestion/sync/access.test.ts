import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { PutItem, ResolvedAccess } from "../../connectors/connectors.ts";
import { canonicalAcl } from "../../search/search.ts";
import { testCollection, type TestCollection } from "../../search/testing/collection.ts";
import { aclClasses, aclRules, documents, syncJobs } from "../../store/store.ts";
import { openRuledSource, type RuledSource } from "../access/testing/ruled-source.ts";
import { changeAccess, changesOnlyAccess, classOfAccess } from "./access.ts";
import type { SyncRun } from "./run.ts";

let shared: TestCollection;
before(async () => {
  shared = await testCollection({ threads: 1 });
});
after(() => shared[Symbol.asyncDispose]());

const unlisted: ResolvedAccess = { kind: "public", because: "unlisted" };
const nobody = { accessControls: [], memberRelation: "OR" } as const;
const ofRule = (prefix: string): ResolvedAccess => ({
  kind: "restricted",
  because: "aclFile",
  prefix,
  accessConfiguration: nobody,
});
const ofMetadata: ResolvedAccess = {
  kind: "restricted",
  because: "metadata",
  accessConfiguration: {
    accessControls: [
      {
        principals: [{ user: { id: "Eve@x.com", access: "ALLOW", membershipType: "DATASOURCE" } }],
        memberRelation: "OR",
      },
    ],
    memberRelation: "OR",
  },
};

type World = RuledSource & { readonly run: SyncRun; readonly jobId: string };

/** A source whose rules are in force, with a job that is running. */
async function openRun(): Promise<World> {
  const source = await openRuledSource(shared);
  const { indexId, scope } = source;
  const { dataSourceId, bucket } = scope;
  const jobId = `job of ${dataSourceId}`;
  const job = { id: jobId, applicationId: "application", indexId, dataSourceId };
  await shared.db.write((trx) => syncJobs.insert(trx, { ...job, startedAt: new Date(0) }));
  // Of a run only this is asked for here.
  const run = { job, index: { id: indexId }, settings: { bucket } } as unknown as SyncRun;
  const rules = { "hr/": ["ada"] };
  await source.close(rules);
  await source.put(rules, "hr/1", "hr/2", "open/1");
  return { ...source, run, jobId };
}

function itemOf(key: string, access: ResolvedAccess, more: Partial<PutItem> = {}): PutItem {
  const known = { key, documentId: key, outcome: "indexed", fingerprint: {} };
  const object = { key, etag: "e", sizeBytes: 1, lastModified: new Date(0) };
  const document = { documentId: key, title: "", attributes: [] };
  const fingerprint = {};
  const item = { action: "modify", key, object, document, access, changes: ["access"] };
  return { ...item, fingerprint, known, ...more } as unknown as PutItem;
}

test("a document follows the class of its rule, also of that for keys which none covers", async () => {
  const { run, scope } = await openRun();
  await shared.db.write(async (trx) => {
    const classOf = (access: ResolvedAccess) => classOfAccess(trx, run, access);
    assert.equal(await classOf(unlisted), await aclRules.classOf(trx, scope, undefined));
    assert.equal(await classOf(ofRule("hr/")), await aclRules.classOf(trx, scope, "hr/"));
    await assert.rejects(classOf(ofRule("it/")), /no class/);
    const [own] = await aclClasses.find(trx, [await classOf(ofMetadata)]);
    const principal = { kind: "user", name: "eve@x.com", type: "DATASOURCE" } as const;
    const conditions = [{ relation: "OR", principals: [principal] }] as const;
    const allow = { relation: "OR", conditions } as const;
    const { dataSourceId } = scope;
    assert.equal(own?.canonical, canonicalAcl({ dataSourceId, allow, deny: [] }));
  });
});

test("only readers change where nothing else did, and what is published is what is known", async () => {
  const source = await openRun();
  const { run } = source;
  const isOnly = (key: string, more: Partial<PutItem> = {}): Promise<boolean> =>
    changesOnlyAccess(shared, run, itemOf(key, unlisted, more));
  assert.equal(await isOnly("hr/1"), true);
  const others = [
    ["content"],
    ["access", "settings"],
    ["metadata", "access"],
    ["access", "forced"],
  ];
  for (const changes of others as PutItem["changes"][]) {
    assert.equal(await isOnly("hr/1", { changes }), false, changes.join());
  }
  assert.equal(await isOnly("hr/1", { action: "add" }), false);
  for (const outcome of ["failed", "unfinished"] as const) {
    const known = { ...itemOf("hr/1", unlisted).known, outcome } as PutItem["known"];
    assert.equal(await isOnly("hr/1", known && { known }), false, outcome);
  }
  const { document } = itemOf("hr/1", unlisted);
  assert.equal(await isOnly("hr/2", { document }), false, "another key's version is published");
  assert.equal(await isOnly("hr/3"), false, "there is none");
  await source.failNext("hr/", "hr/2");
  assert.equal(await isOnly("hr/2"), false, "a newer version failed");
});

test("all documents of a class get their new readers, are counted once, and the gone are told", async () => {
  const { run, jobId, found } = await openRun();
  const { db } = shared;
  assert.equal(await found("ada", "eve"), "ada: hr/1 hr/2 open/1; eve: open/1");
  const items = [
    itemOf("hr/1", unlisted),
    itemOf("hr/2", unlisted),
    itemOf("open/1", ofRule("hr/")),
    itemOf("none", unlisted),
  ];
  const services = { search: shared.search, now: () => new Date(5) };
  for (const _ of ["first", "again after a crash"]) {
    const gone = await db.write((trx) => changeAccess(services, run, trx, items));
    assert.deepEqual([...gone], [items[3]]);
    assert.equal(await found("ada", "eve"), "ada: hr/1 hr/2 open/1; eve: hr/1 hr/2");
    assert.equal((await syncJobs.find(db.read, jobId))?.modified, 3);
  }
  const scope = { indexId: run.index.id, dataSourceId: run.job.dataSourceId };
  const row = await documents.findById(db.read, { ...scope, documentId: "hr/1" });
  assert.deepEqual([row?.syncId, row?.syncAction], [jobId, "modified"]);
});
