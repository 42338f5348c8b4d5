import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Log } from "../core/log.ts";
import type { Viewer } from "../core/viewer.ts";
import { encodeMembers } from "../principals/principals.ts";
import {
  aclClasses,
  principalGroups,
  principals,
  resources,
  type WriteTransaction,
} from "../store/store.ts";
import { AclDirectory } from "./acl-directory.ts";
import { hasClass } from "./class-set.ts";
import { type AccessList, canonicalAcl } from "./search.ts";
import { testCollection, type TestCollection } from "./testing/collection.ts";

let shared: TestCollection;
before(async () => {
  shared = await testCollection();
});
after(() => shared[Symbol.asyncDispose]());

const at = new Date("2026-01-01T00:00:00Z");
const ada: Viewer = { kind: "user", email: "ada@x.com", groups: [] };

function openTo(kind: "user" | "group", name: string): AccessList {
  const principal = { kind, name, type: "INDEX" } as const;
  const conditions = [{ relation: "OR", principals: [principal] }] as const;
  return { dataSourceId: "", allow: { relation: "OR", conditions }, deny: [] };
}

async function makeIndex(id: string): Promise<{ applicationId: string; indexId: string }> {
  const applicationId = `application of ${id}`;
  const rest = { accountId: "", indexId: "", arn: id, status: "ACTIVE", record: {} };
  await shared.db.write((trx) =>
    resources.insert(trx, { id, kind: "index", applicationId, ...rest, at }),
  );
  return { applicationId, indexId: id };
}

async function putGroup(
  trx: WriteTransaction,
  where: { applicationId: string; indexId: string },
  name: string,
  ...members: readonly string[]
): Promise<void> {
  const scope = { ...where, dataSourceId: "" };
  const put = await principalGroups.accept(trx, { ...scope, name, at });
  const list = members.map((one) => ({ kind: "user", type: "INDEX", name: one }) as const);
  await principalGroups.replaceMembers(trx, { ...scope, ...put, at }, encodeMembers(list));
}

test("a decision is kept until something that it rests on changes", async () => {
  const where = await makeIndex("kept");
  const { indexId } = where;
  const directory = new AclDirectory();
  const { db } = shared;
  const look = () => directory.visibleTo(db.read, { indexId, viewer: ada });
  const first = await look();
  assert.equal(await look(), first);
  // Groups of the index, users of the application, new classes: each makes it look again.
  await db.write((trx) => putGroup(trx, where, "team", "ada@x.com"));
  const second = await look();
  assert.notEqual(second, first);
  const user = { applicationId: where.applicationId, userId: "ada@x.com", name: "Ada@x.com" };
  await db.write(async (trx) => {
    const key = await principals.insertUser(trx, { ...user, subjectId: "", at });
    const alias = { indexId: "", dataSourceId: "", alias: "ada", name: "ada" };
    await principals.changeAliases(
      trx,
      { ...user, key, subjectId: "" },
      { added: [alias], deleted: [] },
    );
  });
  const third = await look();
  assert.notEqual(third, second);
  const ids = await db.write(async (trx) => [
    await aclClasses.intern(trx, canonicalAcl(openTo("group", "team"))),
    await aclClasses.intern(trx, canonicalAcl(openTo("user", "ada"))),
    await aclClasses.intern(trx, canonicalAcl(openTo("user", "bob"))),
  ]);
  const fourth = await look();
  assert.deepEqual(
    ids.map((id) => hasClass(fourth, id)),
    [true, true, false],
  );
  assert.equal(await look(), fourth);
  // Changes elsewhere are none, nor is a put that changes nothing.
  await db.write(async (trx) => {
    await putGroup(trx, { ...where, indexId: "other" }, "team", "ada@x.com");
    await putGroup(trx, where, "team", "ada@x.com");
  });
  assert.equal(await look(), fourth);
});

test("a viewer of one index is a stranger in another", async () => {
  const where = await makeIndex("mine");
  const other = await makeIndex("other's");
  const directory = new AclDirectory();
  const { db } = shared;
  const id = await db.write(async (trx) => {
    await putGroup(trx, where, "board", "ada@x.com");
    return aclClasses.intern(trx, canonicalAcl(openTo("group", "board")));
  });
  for (const [{ indexId }, expected] of [
    [where, true],
    [other, false],
    [{ indexId: "no such index" }, false],
  ] as const) {
    const visible = await directory.visibleTo(db.read, { indexId, viewer: ada });
    assert.equal(hasClass(visible, id), expected, indexId);
  }
});

test("many questions at once, right after a start, all see every class", async () => {
  const { db } = shared;
  const where = await makeIndex("busy");
  const ids = await db.write(async (trx) => {
    const made: number[] = [];
    for (let i = 0; i < 1200; i += 1) {
      made.push(await aclClasses.intern(trx, canonicalAcl(openTo("user", `busy${i}@x.com`))));
    }
    return made;
  });
  const directory = new AclDirectory();
  const seen = await Promise.all(
    [0, 600, 1199].map((i) =>
      directory.visibleTo(db.read, {
        indexId: where.indexId,
        viewer: { kind: "user", email: `Busy${i}@X.com`, groups: [] },
      }),
    ),
  );
  const own = seen.map((visible) => ids.flatMap((id, i) => (hasClass(visible, id) ? [i] : [])));
  assert.deepEqual(own, [[0], [600], [1199]]);
});

test("more groups than are published to count do count, because any may deny; the log says so", async () => {
  const { db } = shared;
  const where = await makeIndex("many");
  const lines: unknown[] = [];
  const log: Log = (level, event, details) => void lines.push([level, event, details]);
  const directory = new AclDirectory(log);
  const groups = Array.from({ length: 1001 }, (_, i) => `g${i}`);
  const id = await db.write((trx) => {
    const list = {
      ...openTo("user", "ada@x.com"),
      deny: [{ kind: "group", name: "g1000", type: "INDEX" }],
    };
    return aclClasses.intern(trx, canonicalAcl(list as AccessList));
  });
  const { indexId } = where;
  const visible = await directory.visibleTo(db.read, { indexId, viewer: { ...ada, groups } });
  assert.equal(hasClass(visible, id), false);
  assert.deepEqual(lines, [["warn", "access.manyGroups", { indexId, count: 1001 }]]);
});
