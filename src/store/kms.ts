import type { Readable, WriteTransaction } from "./database.ts";
import type { KmsKeyTable, KmsMaterialTable } from "./schema.ts";

/** A key of the KMS, without its material. */
export type KmsKey = {
  readonly id: string;
  readonly accountId: string;
  readonly arn: string;
  readonly state: "Enabled" | "Disabled" | "PendingDeletion";
  readonly description: string;
  readonly policy: string;
  /** Ids of the users and roles that the policy named when it was saved, by ARN. */
  readonly policyPins: Readonly<Record<string, string>>;
  /** The material that encrypts. */
  readonly materialVersion: number;
  /** Undefined where the key is not rotated by itself. */
  readonly rotationDays: number | undefined;
  readonly rotationNextAt: Date | undefined;
  readonly deletionAt: Date | undefined;
  readonly deletionDays: number | undefined;
  /** Grows with each change of the key and of its grants: what was cached before is stale. */
  readonly changes: number;
  readonly createdAt: Date;
};

/** A key that is being made. */
export type NewKmsKey = Pick<
  KmsKey,
  "id" | "accountId" | "arn" | "description" | "policy" | "policyPins" | "createdAt"
>;

/** Members that change; a null takes the value away. */
export type KmsKeyChange = {
  readonly state?: KmsKey["state"];
  readonly policy?: string;
  readonly policyPins?: KmsKey["policyPins"];
  readonly materialVersion?: number;
  readonly rotationDays?: number | null;
  readonly rotationNextAt?: Date | null;
  readonly deletionAt?: Date | null;
  readonly deletionDays?: number | null;
};

/** One version of a key's material, sealed. */
export type KmsMaterial = {
  readonly keyId: string;
  readonly version: number;
  readonly materialId: string;
  readonly sealed: string;
  readonly cause: "FIRST" | "AUTOMATIC" | "ON_DEMAND";
  readonly createdAt: Date;
};

/** A second name of a key. */
export type KmsAlias = {
  readonly accountId: string;
  /** With its prefix: `alias/documents`. */
  readonly name: string;
  readonly keyId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** Where a listing goes on, and how much of it. */
export type KmsPage = { readonly after: string; readonly limit: number };

const dateOf = (at: number | null): Date | undefined => (at === null ? undefined : new Date(at));

function keyOf(row: KmsKeyTable): KmsKey {
  return {
    id: row.id,
    accountId: row.account_id,
    arn: row.arn,
    state: row.state as KmsKey["state"],
    description: row.description,
    policy: row.policy,
    policyPins: JSON.parse(row.policy_pins) as KmsKey["policyPins"],
    materialVersion: row.material_version,
    rotationDays: row.rotation_days ?? undefined,
    rotationNextAt: dateOf(row.rotation_next_at),
    deletionAt: dateOf(row.deletion_at),
    deletionDays: row.deletion_days ?? undefined,
    changes: row.changes,
    createdAt: new Date(row.created_at),
  };
}

function materialOf(row: KmsMaterialTable): KmsMaterial {
  return {
    keyId: row.key_id,
    version: row.version,
    materialId: row.material_id,
    sealed: row.sealed,
    cause: row.cause as KmsMaterial["cause"],
    createdAt: new Date(row.created_at),
  };
}

/** Stores an enabled key, whose first material comes in the same transaction. */
export async function insertKey(trx: WriteTransaction, key: NewKmsKey): Promise<void> {
  await trx
    .insertInto("kms_key")
    .values({
      id: key.id,
      account_id: key.accountId,
      arn: key.arn,
      state: "Enabled",
      description: key.description,
      policy: key.policy,
      policy_pins: JSON.stringify(key.policyPins),
      material_version: 1,
      changes: 1,
      created_at: key.createdAt.getTime(),
    })
    .execute();
}

/** By its id. */
export async function findKey(db: Readable, id: string): Promise<KmsKey | undefined> {
  const row = await db.selectFrom("kms_key").selectAll().where("id", "=", id).executeTakeFirst();
  return row && keyOf(row);
}

/** Keys of an account by id, without those whose waiting period is over. */
export async function listKeys(
  db: Readable,
  query: KmsPage & { readonly accountId: string; readonly now: Date },
): Promise<readonly KmsKey[]> {
  const rows = await db
    .selectFrom("kms_key")
    .selectAll()
    .where("account_id", "=", query.accountId)
    .where("id", ">", query.after)
    .where((on) =>
      on.or([on("deletion_at", "is", null), on("deletion_at", ">", query.now.getTime())]),
    )
    .orderBy("id")
    .limit(query.limit)
    .execute();
  return rows.map(keyOf);
}

/** How many keys an account has, those that wait for their deletion among them. */
export async function countKeys(db: Readable, accountId: string): Promise<number> {
  const row = await db
    .selectFrom("kms_key")
    .select((on) => on.fn.countAll<number>().as("count"))
    .where("account_id", "=", accountId)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Changes a key, and lets everybody know that it has changed. */
export async function updateKey(
  trx: WriteTransaction,
  id: string,
  change: KmsKeyChange,
): Promise<void> {
  const { state, policy, policyPins, materialVersion, rotationDays, deletionDays } = change;
  const { rotationNextAt, deletionAt } = change;
  await trx
    .updateTable("kms_key")
    .set({
      ...(state !== undefined && { state }),
      ...(policy !== undefined && { policy }),
      ...(policyPins !== undefined && { policy_pins: JSON.stringify(policyPins) }),
      ...(materialVersion !== undefined && { material_version: materialVersion }),
      ...(rotationDays !== undefined && { rotation_days: rotationDays }),
      ...(rotationNextAt !== undefined && { rotation_next_at: rotationNextAt?.getTime() ?? null }),
      ...(deletionAt !== undefined && { deletion_at: deletionAt?.getTime() ?? null }),
      ...(deletionDays !== undefined && { deletion_days: deletionDays }),
    })
    .set((on) => ({ changes: on("changes", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Whether there is a key whose waiting period is over. */
export async function hasExpiredKeys(db: Readable, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom("kms_key")
    .select("id")
    .where("deletion_at", "<=", now.getTime())
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Destroys keys whose waiting period is over, with all that hangs on them. Their ids come back. */
export async function removeExpiredKeys(
  trx: WriteTransaction,
  now: Date,
): Promise<readonly KmsKey[]> {
  const rows = await trx
    .selectFrom("kms_key")
    .selectAll()
    .where("deletion_at", "<=", now.getTime())
    .execute();
  for (const { id, arn } of rows) {
    await trx.deleteFrom("kms_material").where("key_id", "=", id).execute();
    await trx.deleteFrom("kms_alias").where("key_id", "=", id).execute();
    await trx.deleteFrom("kms_grant").where("key_id", "=", id).execute();
    await trx.deleteFrom("tag").where("resource_arn", "=", arn).execute();
    await trx.deleteFrom("kms_key").where("id", "=", id).execute();
  }
  return rows.map(keyOf);
}

/** Adds a version of a key's material. */
export async function insertMaterial(trx: WriteTransaction, material: KmsMaterial): Promise<void> {
  await trx
    .insertInto("kms_material")
    .values({
      key_id: material.keyId,
      version: material.version,
      material_id: material.materialId,
      sealed: material.sealed,
      cause: material.cause,
      created_at: material.createdAt.getTime(),
    })
    .execute();
}

/** One version of a key's material. */
export async function findMaterial(
  db: Readable,
  { keyId, version }: Pick<KmsMaterial, "keyId" | "version">,
): Promise<KmsMaterial | undefined> {
  const row = await db
    .selectFrom("kms_material")
    .selectAll()
    .where("key_id", "=", keyId)
    .where("version", "=", version)
    .executeTakeFirst();
  return row && materialOf(row);
}

/** How often a key was rotated for a cause. */
export async function countMaterial(
  db: Readable,
  { keyId, cause }: Pick<KmsMaterial, "keyId" | "cause">,
): Promise<number> {
  const row = await db
    .selectFrom("kms_material")
    .select((on) => on.fn.countAll<number>().as("count"))
    .where("key_id", "=", keyId)
    .where("cause", "=", cause)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Stores an alias; one that is there already points to the new key. */
export async function putAlias(trx: WriteTransaction, alias: KmsAlias): Promise<void> {
  const row = { key_id: alias.keyId, updated_at: alias.updatedAt.getTime() };
  await trx
    .insertInto("kms_alias")
    .values({
      ...row,
      account_id: alias.accountId,
      name: alias.name,
      created_at: alias.createdAt.getTime(),
    })
    .onConflict((conflict) => conflict.columns(["account_id", "name"]).doUpdateSet(row))
    .execute();
}

/** By its name, prefix included. */
export async function findAlias(
  db: Readable,
  { accountId, name }: Pick<KmsAlias, "accountId" | "name">,
): Promise<KmsAlias | undefined> {
  const [found] = await listAliases(db, { accountId, name, after: "", limit: 1 });
  return found;
}

/** Aliases of an account by name; of one key, or of one name. */
export async function listAliases(
  db: Readable,
  query: KmsPage & {
    readonly accountId: string;
    readonly keyId?: string | undefined;
    readonly name?: string;
  },
): Promise<readonly KmsAlias[]> {
  let rows = db
    .selectFrom("kms_alias")
    .selectAll()
    .where("account_id", "=", query.accountId)
    .where("name", ">", query.after);
  if (query.keyId !== undefined) rows = rows.where("key_id", "=", query.keyId);
  if (query.name !== undefined) rows = rows.where("name", "=", query.name);
  const found = await rows.orderBy("name").limit(query.limit).execute();
  return found.map((row) => ({
    accountId: row.account_id,
    name: row.name,
    keyId: row.key_id,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  }));
}

/** Takes a name away. */
export async function removeAlias(
  trx: WriteTransaction,
  { accountId, name }: Pick<KmsAlias, "accountId" | "name">,
): Promise<void> {
  await trx
    .deleteFrom("kms_alias")
    .where("account_id", "=", accountId)
    .where("name", "=", name)
    .execute();
}
