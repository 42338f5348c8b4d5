// Groups of the user store. A group lives in a scope (an index, or one data source of it); its
// members are names in scopes, not rows, so that they count as soon as they appear.
import { sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";
import { raiseVersion } from "./principals.ts";

/** Where a group or a member's name means something. Index-wide where the data source is empty. */
export type GroupScope = {
  readonly applicationId: string;
  readonly indexId: string;
  readonly dataSourceId: string;
};

/** One thing that happened to a group. */
export type GroupEvent = {
  readonly status: "PROCESSING" | "SUCCEEDED" | "FAILED" | "DELETING" | "DELETED";
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly at: Date;
};

/** A group without its members. */
export type PrincipalGroup = {
  readonly key: number;
  /** Grows with each accepted put or deletion; what ends late with a lower one is dropped. */
  readonly epoch: number;
  readonly isDeleted: boolean;
  /** When the last put or deletion was accepted. */
  readonly acceptedAt: Date;
};

/** A name in a scope, by the scope's key. */
export type ScopedName = { readonly scopeKey: number; readonly name: string };

/** Some members of a group, alike but for their names. */
export type MemberPiece = {
  readonly kind: "user" | "group";
  readonly type: "INDEX" | "DATASOURCE";
  /** A JSON list of names in canonical form, so that many of them travel as one value. */
  readonly names: string;
};

/** A scope of an index. */
export type Scope = { readonly key: number; readonly dataSourceId: string };

const eventsMax = 100;

async function scopeKeyOf(trx: WriteTransaction, scope: GroupScope): Promise<number> {
  const { applicationId, indexId, dataSourceId } = scope;
  const { rows } = await sql<{ key: number }>`
    insert into principal_scope (application_id, index_id, data_source_id)
    values (${applicationId}, ${indexId}, ${dataSourceId})
    on conflict (index_id, data_source_id) do update set application_id = excluded.application_id
    returning key
  `.execute(trx);
  const row = rows[0];
  if (row === undefined) throw new Error("The scope was not stored.");
  return row.key;
}

/** Accepts a put: from here on older ones count no more. Gives what the put is known by. */
export async function accept(
  trx: WriteTransaction,
  group: GroupScope & { readonly name: string; readonly at: Date },
): Promise<{ readonly key: number; readonly epoch: number }> {
  const scopeKey = await scopeKeyOf(trx, group);
  const { rows } = await sql<{ key: number }>`
    insert into principal_group (scope_key, name, epoch, is_deleted, accepted_at)
    values (${scopeKey}, ${group.name}, 0, 0, 0)
    on conflict (scope_key, name) do update set is_deleted = 0
    returning key
  `.execute(trx);
  const key = rows[0]?.key;
  if (key === undefined) throw new Error("The group was not stored.");
  const epoch = await note(trx, key, { status: "PROCESSING", ...well, at: group.at });
  await trx
    .updateTable("principal_group")
    .set({ epoch, accepted_at: group.at.getTime() })
    .where("key", "=", key)
    .execute();
  return { key, epoch };
}

const well = { errorCode: "", errorMessage: "" } as const;

/** Whether a put is still the last thing that was asked of its group. */
export async function isCurrent(
  db: Readable,
  put: { readonly key: number; readonly epoch: number },
): Promise<boolean> {
  const row = await db
    .selectFrom("principal_group")
    .select("epoch")
    .where("key", "=", put.key)
    .executeTakeFirst();
  return row?.epoch === put.epoch;
}

/**
 * Gives a group its members, all at once, in place of those it had. Only what differs is written:
 * one more member of a group of 100,000 is one row.
 *
 * @returns false where the put was overtaken; then nothing has happened.
 */
export async function replaceMembers(
  trx: WriteTransaction,
  put: GroupScope & { readonly key: number; readonly epoch: number; readonly at: Date },
  members: readonly MemberPiece[],
): Promise<boolean> {
  if (!(await isCurrent(trx, put))) return false;
  const indexScope = await scopeKeyOf(trx, { ...put, dataSourceId: "" });
  const ownScope = await scopeKeyOf(trx, put);
  await sql`
    create temp table if not exists wanted_member (
      scope_key integer not null, kind integer not null, name text not null,
      primary key (scope_key, kind, name)
    ) without rowid
  `.execute(trx);
  await sql`delete from temp.wanted_member`.execute(trx);
  for (const { kind, type, names } of members) {
    const scopeKey = type === "INDEX" ? indexScope : ownScope;
    await sql`
      insert or ignore into temp.wanted_member (scope_key, kind, name)
      select ${scopeKey}, ${kind === "user" ? 0 : 1}, value from json_each(${names}) order by value
    `.execute(trx);
  }
  const removed = await sql`
    delete from principal_member as old where old.group_key = ${put.key} and not exists (
      select 1 from temp.wanted_member as new
      where new.scope_key = old.scope_key and new.kind = old.kind and new.name = old.name
    )
  `.execute(trx);
  const added = await sql`
    insert or ignore into principal_member (scope_key, kind, name, group_key)
    select scope_key, kind, name, ${put.key} from temp.wanted_member
    order by scope_key, kind, name
  `.execute(trx);
  await sql`delete from temp.wanted_member`.execute(trx);
  const changes = (removed.numAffectedRows ?? 0n) + (added.numAffectedRows ?? 0n);
  if (changes > 0n) await raiseVersion(trx, put.indexId);
  await note(trx, put.key, { status: "SUCCEEDED", ...well, at: put.at });
  return true;
}

/** Notes that a put failed; the members stay. Of one that was overtaken nothing is noted. */
export async function fail(
  trx: WriteTransaction,
  put: { readonly key: number; readonly epoch: number },
  failure: { readonly errorCode: string; readonly errorMessage: string; readonly at: Date },
): Promise<void> {
  if (await isCurrent(trx, put)) await note(trx, put.key, { status: "FAILED", ...failure });
}

/** Removes a group with its members: it grants nothing any more. False where there is none. */
export async function remove(
  trx: WriteTransaction,
  group: GroupScope & { readonly name: string; readonly at: Date },
): Promise<boolean> {
  const found = await find(trx, group);
  if (found === undefined || found.isDeleted) return false;
  const { key } = found;
  const epoch = await note(trx, key, { status: "DELETING", ...well, at: group.at });
  await trx.deleteFrom("principal_member").where("group_key", "=", key).execute();
  await trx
    .updateTable("principal_group")
    .set({ epoch, is_deleted: 1, accepted_at: group.at.getTime() })
    .where("key", "=", key)
    .execute();
  await note(trx, key, { status: "DELETED", ...well, at: group.at });
  await raiseVersion(trx, group.indexId);
  return true;
}

async function note(trx: WriteTransaction, key: number, event: GroupEvent): Promise<number> {
  const { sequence } = await trx
    .insertInto("principal_group_event")
    .values({
      group_key: key,
      status: event.status,
      error_code: event.errorCode,
      error_message: event.errorMessage,
      at: event.at.getTime(),
    })
    .returning("sequence")
    .executeTakeFirstOrThrow();
  await sql`
    delete from principal_group_event where group_key = ${key} and sequence <= (
      select sequence from principal_group_event where group_key = ${key}
      order by sequence desc limit 1 offset ${eventsMax}
    )
  `.execute(trx);
  return sequence;
}

/** A group, also one that was deleted lately. */
export async function find(
  db: Readable,
  group: Omit<GroupScope, "applicationId"> & { readonly name: string },
): Promise<PrincipalGroup | undefined> {
  const row = await db
    .selectFrom("principal_group as g")
    .innerJoin("principal_scope as s", "s.key", "g.scope_key")
    .select(["g.key", "g.epoch", "g.is_deleted", "g.accepted_at"])
    .where("s.index_id", "=", group.indexId)
    .where("s.data_source_id", "=", group.dataSourceId)
    .where("g.name", "=", group.name)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { key, epoch } = row;
  return { key, epoch, isDeleted: row.is_deleted === 1, acceptedAt: new Date(row.accepted_at) };
}

/** What happened to a group, newest last. */
export async function listEvents(db: Readable, groupKey: number): Promise<readonly GroupEvent[]> {
  const rows = await db
    .selectFrom("principal_group_event")
    .select(["status", "error_code as errorCode", "error_message as errorMessage", "at"])
    .where("group_key", "=", groupKey)
    .orderBy("sequence")
    .execute();
  return rows.map((row) => ({
    ...row,
    status: row.status as GroupEvent["status"],
    at: new Date(row.at),
  }));
}

/** One page of the groups of a scope whose last put was accepted before a time. */
export async function list(
  db: Readable,
  query: Omit<GroupScope, "applicationId"> & {
    readonly acceptedBefore: Date;
    readonly after: number;
    readonly limit: number;
  },
): Promise<readonly { readonly key: number; readonly name: string }[]> {
  return db
    .selectFrom("principal_group as g")
    .innerJoin("principal_scope as s", "s.key", "g.scope_key")
    .select(["g.key", "g.name"])
    .where("s.index_id", "=", query.indexId)
    .where("s.data_source_id", "=", query.dataSourceId)
    .where("g.is_deleted", "=", 0)
    .where("g.accepted_at", "<", query.acceptedBefore.getTime())
    .where("g.key", ">", query.after)
    .orderBy("g.key")
    .limit(query.limit)
    .execute();
}

/** The scopes of an index in which anything was ever put. */
export async function listScopes(db: Readable, indexId: string): Promise<readonly Scope[]> {
  return db
    .selectFrom("principal_scope")
    .select(["key", "data_source_id as dataSourceId"])
    .where("index_id", "=", indexId)
    .execute();
}

/**
 * One page of the groups that have one of the names as a member, in order of their keys. A group
 * that has several of them stands there more than once.
 */
export async function listHolders(
  db: Readable,
  query: {
    readonly kind: "user" | "group";
    readonly names: readonly ScopedName[];
    readonly after: number;
    readonly limit: number;
  },
): Promise<readonly (ScopedName & { readonly key: number })[]> {
  const names = JSON.stringify(query.names.map(({ scopeKey, name }) => [scopeKey, name]));
  const kind = query.kind === "user" ? 0 : 1;
  // As one text: for a thousand groups that takes half the time of a thousand rows.
  const { rows } = await sql<{ readonly found: string }>`
    select json_group_array(json_array(key, scope_key, name)) as found from (
      select g.key, g.scope_key, g.name
      from json_each(${names}) as asked
      cross join principal_member as m
        on m.scope_key = asked.value ->> 0 and m.kind = ${kind} and m.name = asked.value ->> 1
        and m.group_key > ${query.after}
      cross join principal_group as g on g.key = m.group_key
      order by m.group_key limit ${query.limit}
    )
  `.execute(db);
  const found = JSON.parse(rows[0]?.found ?? "[]") as readonly (readonly [
    number,
    number,
    string,
  ])[];
  return found.map(([key, scopeKey, name]) => ({ key, scopeKey, name }));
}

/**
 * All groups that the users are members of, or that contain one of those or of `groups`, however
 * deep, each once; undefined where they are more than `limit`, which `listHolders` then finds step
 * by step.
 */
export async function listContaining(
  db: Readable,
  query: {
    readonly users: readonly ScopedName[];
    readonly groups: readonly ScopedName[];
    readonly limit: number;
  },
): Promise<readonly ScopedName[] | undefined> {
  const asked = JSON.stringify([
    ...query.users.map(({ scopeKey, name }) => [scopeKey, 0, name]),
    ...query.groups.map(({ scopeKey, name }) => [scopeKey, 1, name]),
  ]);
  // Found by their keys, because numbers are told apart faster than names, and given as two texts,
  // which for a thousand groups takes half the time of a thousand rows.
  const { rows } = await sql<{ readonly names: string; readonly scopes: string }>`
    with recursive found (key) as (
      select m.group_key
      from json_each(${asked}) as asked
      cross join principal_member as m
        on m.scope_key = asked.value ->> 0 and m.kind = asked.value ->> 1
        and m.name = asked.value ->> 2
      union
      select m.group_key
      from found as f
      cross join principal_group as g on g.key = f.key
      cross join principal_member as m
        on m.scope_key = g.scope_key and m.kind = 1 and m.name = g.name
      limit ${query.limit + 1}
    )
    select json_group_array(g.name) as names, json_group_array(g.scope_key) as scopes
    from found as f cross join principal_group as g on g.key = f.key
  `.execute(db);
  const names = JSON.parse(rows[0]?.names ?? "[]") as readonly string[];
  const scopes = JSON.parse(rows[0]?.scopes ?? "[]") as readonly number[];
  if (names.length > query.limit) return undefined;
  return names.map((name, i) => ({ scopeKey: scopes[i] ?? 0, name }));
}

/** Forgets groups that were deleted before a time, with their history. */
export async function purgeDeleted(
  trx: WriteTransaction,
  before: Date,
  limit: number,
): Promise<void> {
  const old = await trx
    .selectFrom("principal_group")
    .select("key")
    .where("is_deleted", "=", 1)
    .where("accepted_at", "<", before.getTime())
    .limit(limit)
    .execute();
  await removeGroups(
    trx,
    old.map(({ key }) => key),
  );
}

/** Removes some groups of an index, or of one data source; at last, with 0, what they stood in. */
export async function removeGroupsOf(
  trx: WriteTransaction,
  of: { readonly indexId: string; readonly dataSourceId?: string },
  limit: number,
): Promise<number> {
  let some = trx
    .selectFrom("principal_group as g")
    .innerJoin("principal_scope as s", "s.key", "g.scope_key")
    .select("g.key")
    .where("s.index_id", "=", of.indexId)
    .limit(limit);
  if (of.dataSourceId !== undefined) some = some.where("s.data_source_id", "=", of.dataSourceId);
  const keys = (await some.execute()).map(({ key }) => key);
  if (keys.length === 0) {
    let scopes = trx.deleteFrom("principal_scope").where("index_id", "=", of.indexId);
    if (of.dataSourceId !== undefined) {
      scopes = scopes.where("data_source_id", "=", of.dataSourceId);
    }
    await scopes.execute();
    return 0;
  }
  await removeGroups(trx, keys);
  await raiseVersion(trx, of.indexId);
  return keys.length;
}

async function removeGroups(trx: WriteTransaction, keys: readonly number[]): Promise<void> {
  if (keys.length === 0) return;
  await trx.deleteFrom("principal_member").where("group_key", "in", keys).execute();
  await trx.deleteFrom("principal_group_event").where("group_key", "in", keys).execute();
  await trx.deleteFrom("principal_group").where("key", "in", keys).execute();
}
