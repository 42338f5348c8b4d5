import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  type Database,
  openDatabase,
  principalGroups,
  principals,
  type WriteTransaction,
} from "../store/store.ts";
import { checkMembers, encodeMembers, type MemberInput } from "./members.ts";
import { resolveMembership } from "./membership.ts";
import { admit } from "./sign-in.ts";

let folder: string;
let db: Database;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarry-principals-"));
  db = await openDatabase(join(folder, "quarry.db"));
});
after(async () => {
  await db[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const at = new Date("2026-01-01T00:00:00Z");
const applicationId = "application";

async function put(
  trx: WriteTransaction,
  indexId: string,
  name: string,
  input: MemberInput,
  dataSourceId = "",
): Promise<void> {
  const members = checkMembers(dataSourceId === "" ? "INDEX" : "DATASOURCE", input);
  if ("message" in members) assert.fail(members.message);
  const scope = { applicationId, indexId, dataSourceId };
  const group = await principalGroups.accept(trx, { ...scope, name, at });
  await principalGroups.replaceMembers(trx, { ...scope, ...group, at }, encodeMembers(members));
}

async function groupsOf(
  indexId: string,
  userId: string,
  ...groups: readonly string[]
): Promise<readonly string[]> {
  const who = { applicationId, indexId, userId, groups };
  const found = (await resolveMembership(db.read, who)).groups;
  return found.map(({ name, dataSourceId }) => `${dataSourceId}/${name}`).toSorted();
}

const groups = (...names: readonly string[]): MemberInput => ({
  memberGroups: names.map((groupName) => ({ groupName })),
});
const users = (...ids: readonly string[]): MemberInput => ({
  memberUsers: ids.map((userId) => ({ userId })),
});

test("S13: a chain of groups counts to its end, however long, and circles end", async () => {
  await db.write(async (trx) => {
    await put(trx, "chain", "g0", users("ada@x.com"));
    for (let i = 1; i <= 600; i += 1) await put(trx, "chain", `g${i}`, groups(`g${i - 1}`));
    await put(trx, "chain", "g0", { ...users("ada@x.com"), ...groups("g600", "g0") });
  });
  assert.equal((await groupsOf("chain", "ADA@x.com")).length, 601);
  assert.deepEqual(await groupsOf("chain", "bob@x.com"), []);
});

test("a subgroup that appears later counts from then on", async () => {
  await db.write((trx) => put(trx, "later", "outer", groups("inner")));
  assert.deepEqual(await groupsOf("later", "ada@x.com"), []);
  await db.write((trx) => put(trx, "later", "inner", users("ada@x.com")));
  assert.deepEqual(await groupsOf("later", "ada@x.com"), ["/inner", "/outer"]);
});

test("asserted groups are members where the store says so, also in groups of data sources", async () => {
  await db.write(async (trx) => {
    await put(trx, "idp", "outer", groups("asserted"));
    const mapped = { memberGroups: [{ groupName: "asserted", type: "INDEX" as const }] };
    await put(trx, "idp", "local", mapped, "d1");
    await put(trx, "idp", "stranger", groups("asserted"), "d2");
  });
  const expected = ["/asserted", "/outer", "d1/local"];
  assert.deepEqual(await groupsOf("idp", "ada@x.com", "asserted"), expected);
  assert.deepEqual(await groupsOf("idp", "ada@x.com", "Asserted"), ["/Asserted"]);
});

test("who is in more groups than are found at once is in exactly those of each scope", async () => {
  const sources = Array.from({ length: 520 }, (_, i) => `d${i}`);
  const names = ["a", "b", "c", "d"];
  await db.write(async (trx) => {
    for (const source of sources) {
      for (const name of names) {
        // Of the last source somebody else is a member.
        const member = source === "d519" ? "bob@x.com" : "ada@x.com";
        const input = { memberUsers: [{ userId: member, type: "INDEX" as const }] };
        await put(trx, "many", name, input, source);
      }
    }
    await put(trx, "many", "inner", { ...users("ada@x.com"), ...groups("asserted", "outer") });
    await put(trx, "many", "outer", groups("inner"));
    for (let i = 0; i < 600; i += 1) await put(trx, "many", `on ${i}`, groups("inner"));
    await put(trx, "many", "beyond", groups("on 599"));
    // Names of groups mean something in their own scope only.
    await put(trx, "many", "stranger", groups("a", "asserted"));
    const local = { memberGroups: [{ groupName: "a" }] };
    await put(trx, "many", "local", local, "d0");
    await put(trx, "many", "local", local, "d519");
  });
  const own = sources.slice(0, -1).flatMap((source) => names.map((name) => `${source}/${name}`));
  const wide = ["inner", "outer", "stranger", "asserted", "beyond"].map((name) => `/${name}`);
  const nested = Array.from({ length: 600 }, (_, i) => `/on ${i}`);
  const expected = [...own, ...wide, ...nested, "d0/local"].toSorted();
  assert.deepEqual(await groupsOf("many", "ada@x.com", "asserted"), expected);
});

test("an alias counts where it was given, and nowhere else", async () => {
  const indexes = ["aliased", "other"];
  await db.write(async (trx) => {
    const named = { applicationId, userId: "eva@x.com", name: "Eva@x.com" };
    const key = await principals.insertUser(trx, { ...named, subjectId: "", at });
    const alias = (name: string, indexId: string, dataSourceId: string) =>
      ({ indexId, dataSourceId, alias: name.toLowerCase(), name }) as const;
    const added = [
      alias("Everywhere@x.com", "", ""),
      alias("Index@x.com", "aliased", ""),
      alias("Source@x.com", "aliased", "d1"),
    ];
    await principals.changeAliases(trx, { ...named, key, subjectId: "" }, { added, deleted: [] });
    for (const indexId of indexes) {
      for (const name of ["everywhere@x.com", "index@x.com", "source@x.com"]) {
        await put(trx, indexId, `${name} wide`, users(name));
        for (const source of ["d1", "d2"]) await put(trx, indexId, name, users(name), source);
      }
    }
  });
  const everywhere = ["/everywhere@x.com wide", "d1/everywhere@x.com", "d2/everywhere@x.com"];
  const index = ["/index@x.com wide", "d1/index@x.com", "d2/index@x.com"];
  assert.deepEqual(
    await groupsOf("aliased", "EVA@x.com"),
    [...everywhere, ...index, "d1/source@x.com"].toSorted(),
  );
  assert.deepEqual(await groupsOf("other", "EVA@x.com"), everywhere);
  const who = { applicationId, indexId: "aliased", userId: "eva+1@x.com", groups: [] };
  const ids = (await resolveMembership(db.read, who)).userIds.map(
    ({ dataSourceId, shown }) => `${dataSourceId}/${shown}`,
  );
  assert.deepEqual(ids, ["/Eva@x.com", "/Everywhere@x.com", "/Index@x.com", "d1/Source@x.com"]);
});

test("an asserted group is not the group of that name in a data source", async () => {
  await db.write((trx) => put(trx, "namesake", "g", users("ada@x.com"), "d1"));
  assert.deepEqual(await groupsOf("namesake", "ada@x.com", "g"), ["/g", "d1/g"]);
  assert.deepEqual(await groupsOf("namesake", "bob@x.com", "g"), ["/g"]);
});

test("a group overtaken keeps what the newer put gave it", async () => {
  const scope = { applicationId, indexId: "overtaken", dataSourceId: "" };
  await db.write(async (trx) => {
    const slow = await principalGroups.accept(trx, { ...scope, name: "g", at });
    await put(trx, "overtaken", "g", users("bob@x.com"));
    const members = encodeMembers([{ kind: "user", type: "INDEX", name: "ada@x.com" }]);
    const isDone = await principalGroups.replaceMembers(trx, { ...scope, ...slow, at }, members);
    assert.equal(isDone, false);
    await principalGroups.fail(trx, slow, { errorCode: "x", errorMessage: "y", at });
  });
  assert.deepEqual(await groupsOf("overtaken", "ada@x.com"), []);
  assert.deepEqual(await groupsOf("overtaken", "bob@x.com"), ["/g"]);
  const group = await principalGroups.find(db.read, { ...scope, name: "g" });
  const events = await principalGroups.listEvents(db.read, group?.key ?? 0);
  assert.equal(events.at(-1)?.status, "SUCCEEDED");
});

test("history is bounded, and deleted groups are forgotten with it", async () => {
  const scope = { applicationId, indexId: "history", dataSourceId: "" };
  await db.write(async (trx) => {
    for (let i = 0; i < 80; i += 1) await put(trx, "history", "g", users(`u${i}`));
    await principalGroups.remove(trx, { ...scope, name: "g", at });
  });
  const find = () => principalGroups.find(db.read, { ...scope, name: "g" });
  const group = await find();
  assert.equal((await principalGroups.listEvents(db.read, group?.key ?? 0)).length, 100);
  await db.write((trx) => principalGroups.purgeDeleted(trx, at, 10));
  assert.notEqual(await find(), undefined);
  await db.write((trx) => principalGroups.purgeDeleted(trx, new Date(at.getTime() + 1), 10));
  assert.equal(await find(), undefined);
});

test("a recycled address is refused until the stored user is deleted", async () => {
  const signIn = (email: string, subjectId: string) =>
    db.write((trx) => admit(trx, { applicationId: "sign-in", email, subjectId, at }));
  assert.equal(await signIn("Ada@x.com", "subject-1"), "admitted");
  assert.equal(await signIn("ada+work@x.com", "subject-1"), "admitted");
  assert.equal(await signIn("ada@x.com", "subject-2"), "refused");
  const key = { applicationId: "sign-in", userId: "ada@x.com" };
  await db.write(async (trx) => {
    const user = await principals.findUser(trx, key);
    assert.ok(user !== undefined);
    await principals.removeUser(trx, user);
    await principals.insertUser(trx, { ...key, name: "ada@x.com", subjectId: "", at });
  });
  // Somebody who was created belongs to whoever signs in first.
  assert.equal(await signIn("ada@x.com", "subject-2"), "admitted");
  assert.equal(await signIn("ada@x.com", "subject-1"), "refused");
});
