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
  segments,
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

test("what somebody is in one index they are not in the next one of the same application", async () => {
  const { db } = shared;
  const [mine, other] = [await makeIndex("first of two"), await makeIndex("second of two")];
  const second = { ...mine, indexId: other.indexId };
  await db.write(async (trx) => {
    await trx
      .updateTable("resource")
      .set({ application_id: mine.applicationId })
      .where("id", "=", other.indexId)
      .execute();
    await putGroup(trx, mine, "crew", "ada@x.com");
    await putGroup(trx, second, "crew", "bob@x.com");
  });
  const id = await db.write((trx) => aclClasses.intern(trx, canonicalAcl(openTo("group", "crew"))));
  const directory = new AclDirectory();
  for (const [{ indexId }, expected] of [
    [mine, true],
    [second, false],
    [mine, true],
  ] as const) {
    const visible = await directory.visibleTo(db.read, { indexId, viewer: ada });
    assert.equal(hasClass(visible, id), expected, indexId);
  }
});

test("groups that an identity provider asserts count for the session that they came with", async () => {
  const { db } = shared;
  const { indexId } = await makeIndex("asserted");
  const id = await db.write((trx) =>
    aclClasses.intern(trx, canonicalAcl(openTo("group", "auditors"))),
  );
  const directory = new AclDirectory();
  for (const groups of [["auditors"], [], ["auditors", "others"], ["others"]]) {
    const visible = await directory.visibleTo(db.read, { indexId, viewer: { ...ada, groups } });
    assert.equal(hasClass(visible, id), groups.includes("auditors"), groups.join());
  }
});

test("one new class, or one new list of a class, counts from the next question", async () => {
  const { db } = shared;
  const { indexId } = await makeIndex("one by one");
  const directory = new AclDirectory();
  const look = () => directory.visibleTo(db.read, { indexId, viewer: ada });
  await look();
  const list = (name: string): string => canonicalAcl(openTo("user", name));
  const id = await db.write((trx) => aclClasses.intern(trx, list("ada@x.com one")));
  assert.equal(hasClass(await look(), id), false);
  for (const name of ["ada@x.com", "bob@x.com", "ada@x.com"]) {
    await db.write((trx) => aclClasses.replace(trx, { id, canonical: list(name) }));
    assert.equal(hasClass(await look(), id), name === "ada@x.com", name);
  }
});

test("lists that change over and over are left behind, and what they say now counts", async () => {
  const { db } = shared;
  const { indexId } = await makeIndex("worn");
  const list = (name: string): string => canonicalAcl(openTo("user", name));
  const ids = await db.write(async (trx) => {
    const made: number[] = [];
    for (let i = 0; i < 1_300; i += 1) made.push(await aclClasses.intern(trx, list(`worn ${i}`)));
    return made;
  });
  const directory = new AclDirectory();
  const seen = async (): Promise<readonly number[]> => {
    const visible = await directory.visibleTo(db.read, { indexId, viewer: ada });
    return ids.filter((id) => hasClass(visible, id));
  };
  assert.deepEqual(await seen(), []);
  for (const round of [0, 1, 2, 3, 4, 5, 6]) {
    const isAda = (i: number): boolean => i % 2 === round % 2;
    const some = round < 4 ? ids : ids.slice(0, round);
    await db.write(async (trx) => {
      for (const [i, id] of some.entries()) {
        const canonical = list(isAda(i) ? "ada@x.com" : "bob@x.com");
        await aclClasses.replace(trx, { id, canonical });
      }
    });
    const left = ids.filter((_, i) => i >= some.length && i % 2 === 1);
    const changed = ids.filter((_, i) => i < some.length && isAda(i));
    assert.deepEqual(await seen(), [...changed, ...left], `round ${round}`);
  }
});

test("a single question after a start sees every class, also as of one moment", async () => {
  const { db } = shared;
  const { indexId } = await makeIndex("alone");
  const id = await db.write(async (trx) => {
    for (let i = 0; i < 1_100; i += 1) {
      await aclClasses.intern(trx, canonicalAcl(openTo("user", `alone${i}@x.com`)));
    }
    return aclClasses.intern(trx, canonicalAcl(openTo("user", "last@x.com")));
  });
  const looker = { indexId, viewer: { ...ada, email: "Last@x.com" } };
  assert.ok(hasClass(await new AclDirectory().visibleTo(db.read, looker), id));
  const directory = new AclDirectory();
  const look = () => segments.snapshot(db.read, (inner) => directory.visibleAt(inner, looker));
  assert.ok(hasClass(await look(), id));
  const list = canonicalAcl(openTo("user", "nobody@x.com"));
  await db.write((trx) => aclClasses.replace(trx, { id, canonical: list }));
  assert.ok(!hasClass(await look(), id));
});

test("a read that fails is no reason for the next one to fail", async () => {
  const { db } = shared;
  const { indexId } = await makeIndex("failing");
  const directory = new AclDirectory();
  const broken = db.read.withSchema("nowhere");
  await assert.rejects(directory.warmUp(broken));
  assert.ok((await directory.visibleTo(db.read, { indexId, viewer: ada })).length > 0);
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
