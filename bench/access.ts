// What it costs to know which access lists let somebody through, and how soon a change counts.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { encodeMembers, readMembersFile, resolveMembership } from "../src/principals/principals.ts";
import { parseAclFile } from "../src/connectors/connectors.ts";
import { silentLog } from "../src/core/log.ts";
import { closeAccess } from "../src/ingestion/access/closing.ts";
import { openAccess } from "../src/ingestion/access/opening.ts";
import { classOfRule } from "../src/ingestion/access/rules.ts";
import { AclDirectory } from "../src/search/acl-directory.ts";
import { hasClass } from "../src/search/class-set.ts";
import {
  type AccessList,
  type AclPrincipal,
  canonicalAcl,
  createSearch,
  type Search,
} from "../src/search/search.ts";
import { collectionOn } from "../src/search/testing/collection.ts";
import {
  aclClasses,
  type Database,
  type MemberPiece,
  openDatabase,
  principalGroups,
  principals,
  resources,
  type WriteTransaction,
} from "../src/store/store.ts";
import { compareDecisions } from "../tests/integration/principals-random.ts";
import { atMost, median, percentile, plainRow, type Row } from "./support/row.ts";

const classCount = 100_000;
const groupCount = 20_000;
const groupsPerViewer = 1_000;
const viewerCount = 20;
const rounds = 4;
const memberCount = 100_000;
const sharedDocuments = 100_000;
const comparisons = 1_000_000;
const coldMsMax = 5;
const warmMsMax = 0.2;
const effectMsMax = 1_000;

const applicationId = "application";
const indexId = "index";
const scope = { applicationId, indexId, dataSourceId: "" };
const at = new Date("2026-01-01T00:00:00Z");
const viewerOf = (i: number) =>
  ({ kind: "user", email: `viewer${i}@example.com`, groups: [] }) as const;

/** Measures the access decision at the size of a large company. */
export default async function access(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-access-"));
  const db = await openDatabase(join(folder, "quarry.db"));
  try {
    await db.write((trx) =>
      resources.insert(trx, {
        id: indexId,
        accountId: "",
        kind: "index",
        applicationId,
        indexId: "",
        arn: "arn",
        status: "ACTIVE",
        record: {},
        at,
      }),
    );
    await fillGroups(db);
    await fillClasses(db);
    return [
      ...(await decisions(db)),
      ...(await groupChange(db)),
      ...(await sharedList(db)),
      await agreement(),
    ];
  } finally {
    await db[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  }
}

async function putGroup(
  trx: WriteTransaction,
  name: string,
  pieces: readonly MemberPiece[],
): Promise<void> {
  const put = await principalGroups.accept(trx, { ...scope, name, at });
  await principalGroups.replaceMembers(trx, { ...scope, ...put, at }, pieces);
}

/** Each viewer is in 1,000 groups: seven of ten directly, the others through a group in a group. */
async function fillGroups(db: Database): Promise<void> {
  await db.write((trx) => putGroup(trx, "group", []));
  const numbers = Array.from({ length: groupCount }, (_, i) => i);
  const members = numbers.map((group) => {
    const viewer = Math.floor(group / groupsPerViewer);
    const isDirect = group % groupsPerViewer < groupsPerViewer * 0.7;
    const inner = group - groupsPerViewer * 0.7 * (group % 2 === 0 ? 1 : 0.5);
    const name = isDirect ? viewerOf(viewer).email : `group ${inner}`;
    return [isDirect ? 0 : 1, name, `group ${group}`];
  });
  // In one statement, because putting groups one by one is not what is measured.
  await db.write(async (trx) => {
    await sql`
      insert into principal_group (scope_key, name, epoch, is_deleted, accepted_at)
      select scope_key, value ->> 2, 1, 0, 0
      from json_each(${JSON.stringify(members)}), principal_group where name = 'group'
    `.execute(trx);
    await sql`
      insert into principal_member (scope_key, kind, name, group_key)
      select s.key, asked.value ->> 0, asked.value ->> 1, g.key
      from json_each(${JSON.stringify(members)}) as asked
      cross join principal_scope as s
      cross join principal_group as g on g.scope_key = s.key and g.name = asked.value ->> 2
    `.execute(trx);
    await principals.raiseVersion(trx, indexId);
  });
}

/** Lists of one to four principals; every fifth needs two at once, every tenth denies somebody. */
function listOf(i: number): AccessList {
  const principal = (n: number): AclPrincipal =>
    n % 3 === 0
      ? { kind: "user", name: `person${(i * 7 + n * 131) % 50_000}@example.com`, type: "INDEX" }
      : { kind: "group", name: `group ${(i * 31 + n * 7919) % groupCount}`, type: "INDEX" };
  const principals = Array.from({ length: 1 + (i % 4) }, (_, n) => principal(n + 1 + i));
  const relation = i % 5 === 0 ? "AND" : "OR";
  return {
    dataSourceId: "",
    allow: { relation: "OR", conditions: [{ relation, principals }] },
    deny: [
      { kind: "user", name: `leaver${i}@example.com`, type: "INDEX" },
      ...(i % 10 === 0 ? [principal(i + 5)] : []),
    ],
  };
}

async function fillClasses(db: Database): Promise<void> {
  for (let begin = 0; begin < classCount; begin += 5_000) {
    const lists = Array.from({ length: 5_000 }, (_, i) => canonicalAcl(listOf(begin + i)));
    // In one statement, because interning one by one is not what is measured.
    await db.write((trx) =>
      sql`
        insert into acl_class (hash, canonical, revision)
        select value, value, (select max(revision) from acl_class) + row_number() over ()
        from json_each(${JSON.stringify(lists)})
      `.execute(trx),
    );
  }
}

async function decisions(db: Database): Promise<readonly Row[]> {
  const directory = new AclDirectory();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const viewer = { kind: "anonymous" } as const;
  const load = await timed(() => directory.visibleTo(db.read, { indexId, viewer }));
  delay.disable();
  const cold: number[] = [];
  const coldCpu: number[] = [];
  const warm: number[] = [];
  for (let i = 0; i < viewerCount * rounds; i += 1) {
    // After a change in the user store everybody is new.
    if (i % viewerCount === 0) await db.write((trx) => principals.raiseVersion(trx, indexId));
    const query = { indexId, viewer: viewerOf(i % viewerCount) };
    const before = process.cpuUsage();
    const { ms } = await timed(() => directory.visibleTo(db.read, query));
    const { user, system } = process.cpuUsage(before);
    // The first round lets the code compile.
    if (i >= viewerCount) {
      cold.push(ms);
      coldCpu.push((user + system) / 1000);
    }
    for (let n = 0; n < 20; n += 1) {
      warm.push((await timed(() => directory.visibleTo(db.read, query))).ms);
    }
  }
  const who = { applicationId, indexId, userId: viewerOf(0).email, groups: [] };
  const { groups } = await resolveMembership(db.read, who);
  assert.equal(groups.length, groupsPerViewer);
  const seen = await directory.visibleTo(db.read, { indexId, viewer: viewerOf(0) });
  let visible = 0;
  for (let id = 1; id <= classCount; id += 1) if (hasClass(seen, id)) visible += 1;
  assert.ok(visible > 1_000, `only ${visible} classes are visible`);
  return [
    plainRow("access: reading 100,000 lists after a start", load.ms, "ms"),
    plainRow("access: longest turn of that", delay.max / 1e6, "ms"),
    atMost("access: lists of a new viewer in 1,000 groups, p50", median(cold), "ms", coldMsMax),
    atMost(
      "access: lists of a new viewer in 1,000 groups, p95",
      percentile(cold, 0.95),
      "ms",
      coldMsMax,
    ),
    atMost("access: CPU time of that, p50", median(coldCpu), "ms", coldMsMax),
    atMost("access: lists of a known viewer, p50", median(warm), "ms", warmMsMax),
    atMost("access: lists of a known viewer, p95", percentile(warm, 0.95), "ms", warmMsMax),
  ];
}

/** From the bytes of a members file to the next question: all members change, and then one. */
async function groupChange(db: Database): Promise<readonly Row[]> {
  const directory = new AclDirectory();
  const team: AclPrincipal = { kind: "group", name: "team", type: "INDEX" };
  const aclClass = await db.write((trx) => aclClasses.intern(trx, canonicalAcl(openTo(team))));
  const rows: Row[] = [];
  const changes: readonly (readonly [string, string, number, number])[] = [
    ["made", "a", memberCount, memberCount - 1],
    ["replaced", "b", memberCount, memberCount - 1],
    ["shortened by one", "b", memberCount - 1, 0],
  ];
  for (const [what, kind, count, probe] of changes) {
    const users = Array.from({ length: count }, (_, i) => ({ userId: `${kind}${i}@example.com` }));
    const bytes = Buffer.from(JSON.stringify({ memberUsers: users }));
    const viewer = { ...viewerOf(0), email: `${kind}${probe}@example.com` };
    await directory.visibleTo(db.read, { indexId, viewer });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const { ms } = await timed(async () => {
      const input = { bytes, groupType: "INDEX", membersMax: memberCount } as const;
      const file = await readMembersFile(input, { signal: AbortSignal.timeout(60_000) });
      if (!("pieces" in file)) assert.fail(file.problem);
      await db.write((trx) => putGroup(trx, "team", file.pieces));
      const seen = await directory.visibleTo(db.read, { indexId, viewer });
      assert.ok(hasClass(seen, aclClass));
    });
    delay.disable();
    rows.push(
      atMost(`access: a group of 100,000 ${what} counts after`, ms, "ms", effectMsMax),
      plainRow("access: longest turn of that", delay.max / 1e6, "ms"),
    );
  }
  return rows;
}

function openTo(principal: AclPrincipal): AccessList {
  const conditions = [{ relation: "OR", principals: [principal] }] as const;
  return { dataSourceId: "", allow: { relation: "OR", conditions }, deny: [] };
}

/** One list on 100,000 documents: who may see them changes in the store, and in the ACL file. */
async function sharedList(db: Database): Promise<readonly Row[]> {
  await using search = createSearch({ db, threads: 2 });
  const collection = collectionOn({ db, search }, indexId);
  const acl = openTo({ kind: "group", name: "shared", type: "INDEX" });
  const viewer = viewerOf(1);
  const member = { kind: "user", type: "INDEX", name: viewer.email } as const;
  await db.write((trx) => putGroup(trx, "shared", encodeMembers([member])));
  const keys: number[] = [];
  for (let begin = 0; begin < sharedDocuments; begin += 5_000) {
    const batch = Array.from({ length: 5_000 }, (_, i) => ({
      id: `d${begin + i}`,
      texts: [`tea number ${begin + i}`],
      acl,
    }));
    keys.push(...(await collection.put(batch)));
  }
  const find = (who = viewer) => collection.find("tea", { viewer: who, limit: 10 });
  assert.equal((await find()).length, 10);
  const { ms } = await timed(async () => {
    await db.write((trx) => putGroup(trx, "shared", []));
    assert.deepEqual(await find(), []);
  });
  return [
    atMost("access: a list on 100,000 documents closes after", ms, "ms", effectMsMax),
    ...(await ruleChange({ db, search, find }, keys)),
  ];
}

/** The same documents under rules of an ACL file, from the file's bytes to the next question. */
async function ruleChange(
  {
    db,
    search,
    find,
  }: {
    readonly db: Database;
    readonly search: Search;
    readonly find: (viewer: ReturnType<typeof viewerOf>) => Promise<readonly string[]>;
  },
  keys: readonly number[],
): Promise<readonly Row[]> {
  const [bucket, dataSourceId] = ["bucket", "source"];
  const [ada, bob] = [viewerOf(2), viewerOf(3)];
  const signal = AbortSignal.timeout(600_000);
  const ruled = (rules: Readonly<Record<string, readonly string[]>>) => {
    const list = Object.entries(rules).map(([prefix, names]) => ({
      keyPrefix: `s3://${bucket}/${prefix}`,
      aclEntries: names.map((Name) => ({ Name, Type: "USER", Access: "ALLOW" })),
    }));
    const aclFile = parseAclFile(Buffer.from(JSON.stringify(list)), bucket);
    if (!("rules" in aclFile)) return assert.fail(aclFile.error);
    return { dataSourceId, bucket, indexId, signal, rules: { aclFile, unlisted: "deny" } } as const;
  };
  const both = { "a/": [ada.email, bob.email] };
  const parts = { db, search, log: silentLog };
  await closeAccess(parts, ruled(both));
  await db.write(async (trx) => {
    const aclClass = await classOfRule(trx, { dataSourceId, bucket }, "a/");
    await sql`
      update document set data_source_id = ${dataSourceId}, acl_class = ${aclClass},
        object_key = 'a/' || case when key % 2 = 0 then 'b/' else '' end || key
      where key in (select value from json_each(${JSON.stringify(keys)}))
    `.execute(trx);
    await search.reclassify(trx, indexId, { documentKeys: keys, aclClass });
  });
  const counts = async (): Promise<readonly number[]> => [
    (await find(ada)).length,
    (await find(bob)).length,
  ];
  assert.deepEqual(await counts(), [10, 10]);
  const rows: Row[] = [];
  const measure = async (
    what: string,
    change: () => Promise<unknown>,
    expected: readonly number[],
  ): Promise<void> => {
    const { ms } = await timed(async () => {
      await change();
      assert.deepEqual(await counts(), expected);
    });
    rows.push(atMost(`access: ${what} after`, ms, "ms", effectMsMax));
  };
  const fewer = { "a/": [ada.email] };
  await measure(
    "a rule over 100,000 documents closes",
    () => closeAccess(parts, ruled(fewer)),
    [10, 0],
  );
  const others = { "a/": [bob.email] };
  await measure("one that admits others closes", () => closeAccess(parts, ruled(others)), [0, 0]);
  await measure("and opens, once crawled,", () => openAccess(parts, ruled(others)), [0, 10]);
  // Half of the documents follow another rule from now on. All are closed by the first transaction.
  const split = { "a/": [bob.email], "a/b/": [ada.email] };
  const moved = await timed(() => closeAccess(parts, ruled(split)));
  assert.deepEqual(await counts(), [0, 10]);
  const opened = await timed(() => openAccess(parts, ruled(split)));
  assert.deepEqual(await counts(), [10, 10]);
  rows.push(
    plainRow("access: giving 50,000 documents another rule", moved.ms, "ms"),
    plainRow("access: opening those, once crawled", opened.ms, "ms"),
  );
  return rows;
}

/** The engine against its plain twin. */
async function agreement(): Promise<Row> {
  let compared = 0;
  const { ms } = await timed(async () => {
    ({ decisions: compared } = await compareDecisions({ seed: 1_000, decisions: comparisons }));
  });
  const name = `access: ${compared} random decisions agree with the plain twin`;
  return plainRow(name, ms / 1000, "s");
}

async function timed(run: () => Promise<unknown>): Promise<{ readonly ms: number }> {
  const start = performance.now();
  await run();
  return { ms: performance.now() - start };
}
