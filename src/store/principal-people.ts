// From groups to the people in them: the other way round than a question asks.
import { sql } from "kysely";
import type { Readable } from "./database.ts";
import type { ScopedName } from "./principal-groups.ts";

/** A member of a group: a name in a scope. */
export type Member = ScopedName & { readonly kind: "user" | "group" };

const firstMember: Member = { scopeKey: -1, kind: "user", name: "" };

/** One page of the direct members of a group, users and groups, in an order of their own. */
export async function listMembers(
  db: Readable,
  query: { readonly groupKey: number; readonly after: Member | undefined; readonly limit: number },
): Promise<readonly Member[]> {
  const { scopeKey, kind, name } = query.after ?? firstMember;
  const { rows } = await sql<{ scopeKey: number; kind: number; name: string }>`
    select scope_key as scopeKey, kind, name from principal_member
    where group_key = ${query.groupKey}
      and (scope_key, kind, name) > (${scopeKey}, ${kind === "user" ? 0 : 1}, ${name})
    order by scope_key, kind, name limit ${query.limit}
  `.execute(db);
  return rows.map((row) => ({ ...row, kind: row.kind === 0 ? "user" : "group" }));
}

/** The groups of these names that there are, by the place of the name in the list. */
export async function groupsNamed(
  db: Readable,
  names: readonly ScopedName[],
): Promise<ReadonlyMap<number, number>> {
  const asked = JSON.stringify(names.map(({ scopeKey, name }) => [scopeKey, name]));
  const { rows } = await sql<{ place: number; key: number }>`
    select asked.key as place, g.key as key
    from json_each(${asked}) as asked
    cross join principal_group as g
      on g.scope_key = asked.value ->> 0 and g.name = asked.value ->> 1
    where g.is_deleted = 0
  `.execute(db);
  return new Map(rows.map(({ place, key }) => [place, key]));
}

/** A user who answers to the name at a place of a list. */
export type NamedUser = {
  readonly place: number;
  /** Canonical. */
  readonly userId: string;
  /** As it was first stored. */
  readonly shown: string;
};

/**
 * Users who answer to these names in an index: by their own id, which counts everywhere, or by an
 * alias that counts in the name's data source.
 */
export async function usersNamed(
  db: Readable,
  query: {
    readonly applicationId: string;
    readonly indexId: string;
    readonly names: readonly { readonly dataSourceId: string; readonly name: string }[];
  },
): Promise<readonly NamedUser[]> {
  const { applicationId, indexId, names } = query;
  const asked = JSON.stringify(names.map(({ dataSourceId, name }) => [dataSourceId, name]));
  const { rows } = await sql<NamedUser>`
    select asked.key as place, u.user_id as userId, u.name as shown
    from json_each(${asked}) as asked
    cross join principal_user as u
      on u.application_id = ${applicationId} and u.user_id = asked.value ->> 1
    union
    select asked.key as place, u.user_id as userId, u.name as shown
    from json_each(${asked}) as asked
    cross join principal_alias as a
      on a.application_id = ${applicationId} and a.index_id in ('', ${indexId})
      and a.data_source_id in ('', asked.value ->> 0) and a.alias = asked.value ->> 1
    cross join principal_user as u on u.key = a.user_key
  `.execute(db);
  return rows;
}
