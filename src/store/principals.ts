// The user store: users of an application and the other names they go by. Ids are stored in the
// canonical form that they are compared in, next to the form they were first given in.
import { sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";

/** A user of an application. */
export type PrincipalUser = {
  readonly key: number;
  readonly applicationId: string;
  /** Canonical. */
  readonly userId: string;
  /** As it was first stored. */
  readonly name: string;
  /** What the identity provider calls the person who signed in with this address; empty before. */
  readonly subjectId: string;
};

/** Where an alias counts: everywhere (both empty), in an index, or for one of its data sources. */
export type AliasScope = { readonly indexId: string; readonly dataSourceId: string };

/** Another name of a user. */
export type UserAlias = AliasScope & {
  /** Canonical. */
  readonly alias: string;
  /** As it was first stored. */
  readonly name: string;
};

/** By what readers recognise that something changed since they looked. */
export type AccessVersions = {
  /** The application that the index belongs to; empty for an index that is not there. */
  readonly applicationId: string;
  readonly users: number;
  readonly groups: number;
  readonly aclRevision: number;
};

/** A user by canonical id. */
export async function findUser(
  db: Readable,
  { applicationId, userId }: { readonly applicationId: string; readonly userId: string },
): Promise<PrincipalUser | undefined> {
  return db
    .selectFrom("principal_user")
    .select([
      "key",
      "application_id as applicationId",
      "user_id as userId",
      "name",
      "subject_id as subjectId",
    ])
    .where("application_id", "=", applicationId)
    .where("user_id", "=", userId)
    .executeTakeFirst();
}

/** Stores a user that is not there yet; gives its key. */
export async function insertUser(
  trx: WriteTransaction,
  user: Omit<PrincipalUser, "key"> & { readonly at: Date },
): Promise<number> {
  const { key } = await trx
    .insertInto("principal_user")
    .values({
      application_id: user.applicationId,
      user_id: user.userId,
      name: user.name,
      subject_id: user.subjectId,
      created_at: user.at.getTime(),
    })
    .returning("key")
    .executeTakeFirstOrThrow();
  return key;
}

/** Binds a user to what the identity provider calls them. */
export async function bindUser(
  trx: WriteTransaction,
  key: number,
  subjectId: string,
): Promise<void> {
  await trx
    .updateTable("principal_user")
    .set({ subject_id: subjectId })
    .where("key", "=", key)
    .execute();
}

/** Removes a user and all its aliases; from the next question on they count no more. */
export async function removeUser(trx: WriteTransaction, user: PrincipalUser): Promise<void> {
  await trx.deleteFrom("principal_alias").where("user_key", "=", user.key).execute();
  await trx.deleteFrom("principal_user").where("key", "=", user.key).execute();
  await raiseVersion(trx, user.applicationId);
}

/** All aliases of a user, in the order in which they came. */
export async function listAliases(db: Readable, userKey: number): Promise<readonly UserAlias[]> {
  return db
    .selectFrom("principal_alias")
    .select(["index_id as indexId", "data_source_id as dataSourceId", "alias", "name"])
    .where("user_key", "=", userKey)
    .orderBy("key")
    .execute();
}

/** The user who has an alias, if anybody has. */
export async function findAliasOwner(
  db: Readable,
  alias: AliasScope & { readonly applicationId: string; readonly alias: string },
): Promise<number | undefined> {
  const row = await db
    .selectFrom("principal_alias")
    .select("user_key")
    .where("application_id", "=", alias.applicationId)
    .where("index_id", "=", alias.indexId)
    .where("data_source_id", "=", alias.dataSourceId)
    .where("alias", "=", alias.alias)
    .executeTakeFirst();
  return row?.user_key;
}

/** Changes a user's aliases at once. What is added must belong to nobody. */
export async function changeAliases(
  trx: WriteTransaction,
  user: PrincipalUser,
  change: { readonly added: readonly UserAlias[]; readonly deleted: readonly UserAlias[] },
): Promise<void> {
  for (const { indexId, dataSourceId, alias } of change.deleted) {
    await trx
      .deleteFrom("principal_alias")
      .where("user_key", "=", user.key)
      .where("index_id", "=", indexId)
      .where("data_source_id", "=", dataSourceId)
      .where("alias", "=", alias)
      .execute();
  }
  for (const { indexId, dataSourceId, alias, name } of change.added) {
    await trx
      .insertInto("principal_alias")
      .values({
        user_key: user.key,
        application_id: user.applicationId,
        index_id: indexId,
        data_source_id: dataSourceId,
        alias,
        name,
      })
      .execute();
  }
  if (change.added.length + change.deleted.length > 0) await raiseVersion(trx, user.applicationId);
}

/** Readers with an older version look again. `scope` is an application (users) or index (groups). */
export async function raiseVersion(trx: WriteTransaction, scope: string): Promise<void> {
  await sql`
    insert into principal_version (scope, version) values (${scope}, 1)
    on conflict (scope) do update set version = version + 1
  `.execute(trx);
}

/** The versions that a decision in an index rests on, in one read. */
export async function accessVersions(db: Readable, indexId: string): Promise<AccessVersions> {
  const { rows } = await sql<AccessVersions>`
    select
      coalesce(resource.application_id, '') as "applicationId",
      coalesce(users.version, 0) as "users",
      coalesce(groups.version, 0) as "groups",
      coalesce((select max(revision) from acl_class), 0) as "aclRevision"
    from (select ${indexId} as id) as asked
    left join resource on resource.id = asked.id and resource.kind = 'index'
    left join principal_version as users on users.scope = resource.application_id
    left join principal_version as groups on groups.scope = asked.id
  `.execute(db);
  return rows[0] ?? { applicationId: "", users: 0, groups: 0, aclRevision: 0 };
}

/** Removes some aliases of an index, or of one of its data sources; gives how many there were. */
export async function removeAliasesOf(
  trx: WriteTransaction,
  of: { readonly applicationId: string; readonly indexId: string; readonly dataSourceId?: string },
  limit: number,
): Promise<number> {
  let some = trx
    .selectFrom("principal_alias")
    .select("key")
    .where("application_id", "=", of.applicationId)
    .where("index_id", "=", of.indexId)
    .limit(limit);
  if (of.dataSourceId !== undefined) some = some.where("data_source_id", "=", of.dataSourceId);
  const gone = await trx.deleteFrom("principal_alias").where("key", "in", some).executeTakeFirst();
  if (gone.numDeletedRows > 0n) await raiseVersion(trx, of.applicationId);
  return Number(gone.numDeletedRows);
}

/** Removes some users of an application with their aliases; gives how many there were. */
export async function removeUsersOf(
  trx: WriteTransaction,
  applicationId: string,
  limit: number,
): Promise<number> {
  const users = await trx
    .selectFrom("principal_user")
    .select("key")
    .where("application_id", "=", applicationId)
    .limit(limit)
    .execute();
  if (users.length === 0) return 0;
  const keys = users.map(({ key }) => key);
  await trx.deleteFrom("principal_alias").where("user_key", "in", keys).execute();
  await trx.deleteFrom("principal_user").where("key", "in", keys).execute();
  await raiseVersion(trx, applicationId);
  return users.length;
}
