import { type Selectable, sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";
import type { IamAccessKeyTable, IamEntityTable } from "./schema.ts";

/** An IAM user, role or group. */
export type IamEntity = {
  /** `AIDA…` for users, `AROA…` for roles, `AGPA…` for groups; never used again. */
  readonly id: string;
  readonly accountId: string;
  readonly kind: "user" | "role" | "group";
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  /** The trust policy of a role as it was given, else empty. */
  readonly trustPolicy: string;
  readonly record: IamEntityRecord;
  readonly createdAt: Date;
};

/** Members that IAM reads back and nothing decides on, besides the longest session. */
export type IamEntityRecord = {
  readonly description?: string;
  readonly maxSessionDurationSeconds?: number;
  /** Ids of the users and roles that the trust policy named when it was saved, by ARN. */
  readonly trustPins?: Readonly<Record<string, string>>;
};

/** A policy that belongs to one user or role. */
export type InlinePolicy = { readonly name: string; readonly document: string };

/** A long-lived key; the secret is sealed. */
export type AccessKey = {
  readonly id: string;
  readonly entityId: string;
  readonly sealedSecret: string;
  readonly status: "Active" | "Inactive";
  readonly createdAt: Date;
};

type EntityRow = Selectable<IamEntityTable>;

function entityOf(row: EntityRow): IamEntity {
  return {
    id: row.id,
    accountId: row.account_id,
    kind: row.kind as IamEntity["kind"],
    name: row.name,
    path: row.path,
    arn: row.arn,
    trustPolicy: row.trust_policy,
    record: JSON.parse(row.record) as IamEntityRecord,
    createdAt: new Date(row.created_at),
  };
}

/** Stores a user or role. */
export async function insertEntity(trx: WriteTransaction, entity: IamEntity): Promise<void> {
  await trx
    .insertInto("iam_entity")
    .values({
      id: entity.id,
      account_id: entity.accountId,
      kind: entity.kind,
      name: entity.name,
      path: entity.path,
      arn: entity.arn,
      trust_policy: entity.trustPolicy,
      record: JSON.stringify(entity.record),
      created_at: entity.createdAt.getTime(),
    })
    .execute();
}

/** By account, kind and name; IAM does not tell names apart by case. */
export async function findEntity(
  db: Readable,
  key: { readonly accountId: string; readonly kind: IamEntity["kind"]; readonly name: string },
): Promise<IamEntity | undefined> {
  const row = await db
    .selectFrom("iam_entity")
    .selectAll()
    .where("account_id", "=", key.accountId)
    .where("kind", "=", key.kind)
    .where(sql`lower(name)`, "=", key.name.toLowerCase())
    .executeTakeFirst();
  return row === undefined ? undefined : entityOf(row);
}

/** A user, role or group by ARN. */
export async function findEntityByArn(db: Readable, arn: string): Promise<IamEntity | undefined> {
  const row = await db
    .selectFrom("iam_entity")
    .selectAll()
    .where("arn", "=", arn)
    .where("kind", "in", ["user", "role", "group"])
    .executeTakeFirst();
  return row === undefined ? undefined : entityOf(row);
}

/** By unique id. */
export async function findEntityById(db: Readable, id: string): Promise<IamEntity | undefined> {
  const row = await db.selectFrom("iam_entity").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : entityOf(row);
}

/** One page of users or roles by name, under a path. */
export async function listEntities(
  db: Readable,
  query: {
    readonly accountId: string;
    readonly kind: IamEntity["kind"];
    readonly pathPrefix: string;
    readonly after: string;
    readonly limit: number;
  },
): Promise<readonly IamEntity[]> {
  const rows = await db
    .selectFrom("iam_entity")
    .selectAll()
    .where("account_id", "=", query.accountId)
    .where("kind", "=", query.kind)
    .where(sql<string>`substr(path, 1, ${query.pathPrefix.length})`, "=", query.pathPrefix)
    .where("name", ">", query.after)
    .orderBy("name")
    .limit(query.limit)
    .execute();
  return rows.map(entityOf);
}

/** Replaces a role's trust policy. */
export async function setTrustPolicy(
  trx: WriteTransaction,
  id: string,
  trustPolicy: string,
): Promise<void> {
  await trx
    .updateTable("iam_entity")
    .set({ trust_policy: trustPolicy })
    .where("id", "=", id)
    .execute();
}

/** Replaces what IAM reads back of a user or role. */
export async function setRecord(
  trx: WriteTransaction,
  id: string,
  record: IamEntityRecord,
): Promise<void> {
  await trx
    .updateTable("iam_entity")
    .set({ record: JSON.stringify(record) })
    .where("id", "=", id)
    .execute();
}

/** Gives a user or role another name or path; its id stays. */
export async function renameEntity(
  trx: WriteTransaction,
  id: string,
  to: Pick<IamEntity, "name" | "path" | "arn">,
): Promise<void> {
  const { name, path, arn } = to;
  await trx.updateTable("iam_entity").set({ name, path, arn }).where("id", "=", id).execute();
}

/** How many users or roles an account has. */
export async function countEntities(
  db: Readable,
  { accountId, kind }: Pick<IamEntity, "accountId" | "kind">,
): Promise<number> {
  const row = await db
    .selectFrom("iam_entity")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("account_id", "=", accountId)
    .where("kind", "=", kind)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Removes a user or role; its policies and keys must be gone before. */
export async function removeEntity(trx: WriteTransaction, id: string): Promise<void> {
  await trx.deleteFrom("iam_entity").where("id", "=", id).execute();
}

/** The inline policies of a user or role, by name. */
export async function listPolicies(
  db: Readable,
  entityId: string,
): Promise<readonly InlinePolicy[]> {
  return db
    .selectFrom("iam_inline_policy")
    .select(["name", "document"])
    .where("entity_id", "=", entityId)
    .orderBy("name")
    .execute();
}

/** Adds or replaces one. */
export async function putPolicy(
  trx: WriteTransaction,
  entityId: string,
  policy: InlinePolicy,
): Promise<void> {
  await trx
    .insertInto("iam_inline_policy")
    .values({ entity_id: entityId, ...policy })
    .onConflict((conflict) =>
      conflict.columns(["entity_id", "name"]).doUpdateSet({ document: policy.document }),
    )
    .execute();
}

/** Removes one; whether there was one. */
export async function removePolicy(
  trx: WriteTransaction,
  entityId: string,
  name: string,
): Promise<boolean> {
  const result = await trx
    .deleteFrom("iam_inline_policy")
    .where("entity_id", "=", entityId)
    .where("name", "=", name)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

type KeyRow = Selectable<IamAccessKeyTable>;

function keyOf(row: KeyRow): AccessKey {
  return {
    id: row.id,
    entityId: row.entity_id,
    sealedSecret: row.sealed_secret,
    status: row.status as AccessKey["status"],
    createdAt: new Date(row.created_at),
  };
}

/** Stores a key. */
export async function insertKey(trx: WriteTransaction, key: AccessKey): Promise<void> {
  await trx
    .insertInto("iam_access_key")
    .values({
      id: key.id,
      entity_id: key.entityId,
      sealed_secret: key.sealedSecret,
      status: key.status,
      created_at: key.createdAt.getTime(),
    })
    .execute();
}

/** A key by its id. */
export async function findKey(db: Readable, id: string): Promise<AccessKey | undefined> {
  const row = await db
    .selectFrom("iam_access_key")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : keyOf(row);
}

/** The keys of a user, oldest first. */
export async function listKeys(db: Readable, entityId: string): Promise<readonly AccessKey[]> {
  const rows = await db
    .selectFrom("iam_access_key")
    .selectAll()
    .where("entity_id", "=", entityId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return rows.map(keyOf);
}

/** Switches a key on or off. */
export async function setKeyStatus(
  trx: WriteTransaction,
  id: string,
  status: AccessKey["status"],
): Promise<void> {
  await trx.updateTable("iam_access_key").set({ status }).where("id", "=", id).execute();
}

/** Removes a key. */
export async function removeKey(trx: WriteTransaction, id: string): Promise<void> {
  await trx.deleteFrom("iam_access_key").where("id", "=", id).execute();
}
