// Random user stores, lists and viewers, decided by the engine and by the plain evaluator.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalEmail } from "../../src/core/email.ts";
import { anonymousViewer, type Viewer } from "../../src/core/viewer.ts";
import { aclContentOf } from "../../src/ingestion/ingestion.ts";
import { checkMembers, encodeMembers, planAliases } from "../../src/principals/principals.ts";
import { AclDirectory } from "../../src/search/acl-directory.ts";
import { hasClass } from "../../src/search/class-set.ts";
import { canonicalAcl } from "../../src/search/search.ts";
import {
  aclClasses,
  type Database,
  openDatabase,
  principalGroups,
  principals,
  resources,
  type WriteTransaction,
} from "../../src/store/store.ts";
import {
  plainAccess,
  type PlainGroup,
  type PlainList,
  type PlainPlace,
  type PlainPrincipal,
  type PlainStore,
  type PlainUser,
  type PlainViewer,
  type Scope,
} from "./principals-plain.ts";
import { compareReaders } from "./principals-readers.ts";

/** A repeatable source of chance. */
type Chance = {
  readonly below: (limit: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly some: <T>(max: number, make: () => T) => readonly T[];
};

function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const some = <T>(max: number, make: () => T): readonly T[] =>
    Array.from({ length: below(max + 1) }, make);
  return { below, pick, some };
}

// Few names, so that they meet; and each in several spellings, some of which are other names.
const emails = ["ada@x.com", "Ada+1@X.com", "bob@x.com", "BOB@x.com", "eve@x.com", "+a@x.com"];
const names = ["ada", "Ada", "bob", "eve@y.com", "EVE+2@y.com"];
const groupNames = ["g0", "g1", "g2", "g3", "G0", "ada@x.com"];
const relations = ["AND", "OR", undefined] as const;
const usersMax = 3;
const groupsMax = 14;
const listsPerStep = 25;
const viewersPerStep = 20;

/** Decisions that are compared in one step. */
export const decisionsPerStep = listsPerStep * viewersPerStep;

type World = {
  readonly applicationId: string;
  readonly indices: readonly string[];
  readonly sources: readonly string[];
  readonly chance: Chance;
  users: PlainUser[];
  groups: PlainGroup[];
};

const at = new Date("2026-01-01T00:00:00Z");

function optional<N extends string, T>(name: N, value: T | undefined): { readonly [K in N]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [K in N]?: T };
}

async function makeWorld(trx: WriteTransaction, seed: number): Promise<World> {
  const chance = chanceOf(seed);
  const applicationId = `application-${seed}`;
  const indices = [`index-${seed}-a`, `index-${seed}-b`];
  for (const id of indices) {
    const place = { accountId: "", applicationId, indexId: "", arn: `arn:${id}` };
    const what = { id, kind: "index" as const, status: "ACTIVE", record: {} };
    await resources.insert(trx, { ...place, ...what, at });
  }
  const sources = [`source-${seed}-a`, `source-${seed}-b`];
  return { applicationId, indices, sources, chance, users: [], groups: [] };
}

function placeOf({ chance, indices, sources }: World): PlainPlace {
  const dataSourceId = chance.pick([undefined, ...sources]);
  return { indexId: chance.pick(indices), ...optional("dataSourceId", dataSourceId) };
}

async function changeUsers(trx: WriteTransaction, world: World): Promise<void> {
  const { applicationId, chance } = world;
  const userId = chance.pick(emails);
  const key = { applicationId, userId: canonicalEmail(userId) };
  const before = await principals.findUser(trx, key);
  world.users = world.users.filter((one) => canonicalEmail(one.userId) !== key.userId);
  if (before !== undefined) await principals.removeUser(trx, before);
  if (chance.below(4) === 0 || world.users.length >= usersMax) return;
  const aliases = chance.some(4, () => {
    const { indexId, dataSourceId } = placeOf(world);
    const scope =
      chance.below(3) === 0 ? {} : { indexId, ...optional("dataSourceId", dataSourceId) };
    return { userId: chance.pick(names), ...scope };
  });
  const owned = planAliases([], { update: aliases, delete: [] }).added;
  const taken = await Promise.all(
    owned.map((alias) => principals.findAliasOwner(trx, { applicationId, ...alias })),
  );
  // As the API has it: a name belongs to one person in its scope.
  const added = owned.filter((_, i) => taken[i] === undefined);
  const user = { ...key, name: userId, subjectId: "" };
  const userKey = await principals.insertUser(trx, { ...user, at });
  await principals.changeAliases(trx, { ...user, key: userKey }, { added, deleted: [] });
  world.users.push({
    userId,
    aliases: added.map(({ name, indexId, dataSourceId }) => ({
      userId: name,
      ...(indexId === "" ? {} : { indexId }),
      ...(dataSourceId === "" ? {} : { dataSourceId }),
    })),
  });
}

async function changeGroups(trx: WriteTransaction, world: World): Promise<void> {
  const { applicationId, chance } = world;
  const place = placeOf(world);
  const name = chance.pick(groupNames);
  const scope = { applicationId, indexId: place.indexId, dataSourceId: place.dataSourceId ?? "" };
  world.groups = world.groups.filter(
    (one) =>
      one.name !== name || one.indexId !== place.indexId || one.dataSourceId !== place.dataSourceId,
  );
  if (chance.below(5) === 0 || world.groups.length >= groupsMax) {
    await principalGroups.remove(trx, { ...scope, name, at });
    return;
  }
  const type: Scope = place.dataSourceId === undefined ? "INDEX" : "DATASOURCE";
  const memberType = (): { readonly type?: Scope } =>
    optional("type", chance.pick(type === "INDEX" ? ["INDEX", undefined] : scopes));
  const memberUsers = chance.some(2, () => ({
    userId: chance.pick([...emails, ...names]),
    ...memberType(),
  }));
  const memberGroups = chance.some(2, () => ({
    groupName: chance.pick(groupNames),
    ...memberType(),
  }));
  const members = checkMembers(type, { memberUsers, memberGroups });
  if ("message" in members) assert.fail(members.message);
  const put = await principalGroups.accept(trx, { ...scope, name, at });
  await principalGroups.replaceMembers(trx, { ...scope, ...put, at }, encodeMembers(members));
  world.groups.push({ ...place, name, memberUsers, memberGroups });
}

const scopes = ["INDEX", "DATASOURCE", undefined] as const;

function randomList(chance: Chance): PlainList {
  if (chance.below(20) === 0) return undefined;
  const principal = (): PlainPrincipal => {
    const access = chance.below(5) === 0 ? ("DENY" as const) : ("ALLOW" as const);
    const rest = { access, ...optional("membershipType", chance.pick(scopes)) };
    return chance.below(2) === 0
      ? { user: { id: chance.pick([...emails, ...names]), ...rest } }
      : { group: { name: chance.pick(groupNames), ...rest } };
  };
  return {
    ...optional("memberRelation", chance.pick(relations)),
    accessControls: chance.some(3, () => ({
      ...optional("memberRelation", chance.pick(relations)),
      principals: chance.some(3, principal),
    })),
  };
}

function randomViewer(chance: Chance): PlainViewer {
  if (chance.below(20) === 0) return undefined;
  const groups = chance.below(2) === 0 ? [] : chance.some(2, () => chance.pick(groupNames));
  return { email: chance.pick([...emails, "nobody@x.com"]), groups };
}

/** What a comparison saw: a comparison that only ever says no proves nothing. */
export type Compared = {
  readonly decisions: number;
  readonly allowed: number;
  /** People whom reports of readers named. */
  readonly readers: number;
};

async function compareStep(db: Database, directory: AclDirectory, world: World): Promise<Compared> {
  const { chance } = world;
  const lists = Array.from({ length: listsPerStep }, () => ({
    list: randomList(chance),
    place: placeOf(world),
  }));
  const classes = await db.write(async (trx) => {
    for (let i = 0; i < 4; i += 1) await changeUsers(trx, world);
    for (let i = 0; i < 6; i += 1) await changeGroups(trx, world);
    const ids: number[] = [];
    for (const { list, place } of lists) {
      const content = aclContentOf(list, place.dataSourceId ?? "") ?? assert.fail("no content");
      ids.push(await aclClasses.intern(trx, canonicalAcl(content)));
    }
    return ids;
  });
  const store: PlainStore = world;
  let allowed = 0;
  for (let i = 0; i < viewersPerStep; i += 1) {
    const plain = randomViewer(chance);
    const viewer: Viewer = plain === undefined ? anonymousViewer : { kind: "user", ...plain };
    for (const indexId of world.indices) {
      const visible = await directory.visibleTo(db.read, { indexId, viewer });
      for (const [j, { list, place }] of lists.entries()) {
        if (place.indexId !== indexId) continue;
        const expected = plainAccess(store, place, list, plain);
        if (expected) allowed += 1;
        if (hasClass(visible, classes[j] ?? 0) === expected) continue;
        assert.fail(
          `${world.applicationId}: the engine says ${!expected}, the plain evaluator ${expected}: ` +
            JSON.stringify({
              store: { users: world.users, groups: world.groups },
              place,
              list,
              plain,
            }),
        );
      }
    }
  }
  let readers = 0;
  for (const one of lists) readers += await compareReaders(db, world, one);
  return { decisions: decisionsPerStep, allowed, readers };
}

/**
 * Compares the engine with the plain evaluator on random triples of user store, list and viewer,
 * while users, groups and lists change under the same engine. A failure names its seed.
 */
export async function compareDecisions(options: {
  readonly seed: number;
  readonly decisions: number;
}): Promise<Compared> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-access-"));
  const db = await openDatabase(join(folder, "quarry.db"));
  try {
    const directory = new AclDirectory();
    const total = { decisions: 0, allowed: 0, readers: 0 };
    for (let seed = options.seed; total.decisions < options.decisions; seed += 1) {
      const world = await db.write((trx) => makeWorld(trx, seed));
      for (let step = 0; step < 4; step += 1) {
        const { decisions, allowed, readers } = await compareStep(db, directory, world);
        total.decisions += decisions;
        total.readers += readers;
        total.allowed += allowed;
      }
    }
    return total;
  } finally {
    await db[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  }
}
