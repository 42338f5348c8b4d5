import type { Readable, WriteTransaction } from "./database.ts";
import type { IamEntity } from "./iam.ts";

/** A customer managed policy, without its documents. */
export type ManagedPolicy = {
  /** `ANPA…`. */
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly description: string | undefined;
  /** The version that decides; versions are counted from 1. */
  readonly defaultVersion: number;
  /** The highest version that there ever was: numbers are not used again. */
  readonly latestVersion: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** One text of a managed policy. */
export type PolicyVersion = {
  readonly version: number;
  readonly document: string;
  readonly createdAt: Date;
};

/** What a policy is to a user, role or group: it grants, or it bounds. */
export type PolicyUse = "permissions" | "boundary";

type PolicyRow = {
  id: string;
  account_id: string;
  name: string;
  path: string;
  arn: string;
  description: string | null;
  default_version: number;
  latest_version: number;
  created_at: number;
  updated_at: number;
};

function policyOf(row: PolicyRow): ManagedPolicy {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    path: row.path,
    arn: row.arn,
    description: row.description ?? undefined,
    defaultVersion: row.default_version,
    latestVersion: row.latest_version,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}

/** Stores a new policy with its first version. */
export async function insert(
  trx: WriteTransaction,
  policy: ManagedPolicy,
  document: string,
): Promise<void> {
  const at = policy.createdAt.getTime();
  await trx
    .insertInto("iam_policy")
    .values({
      id: policy.id,
      account_id: policy.accountId,
      name: policy.name,
      path: policy.path,
      arn: policy.arn,
      description: policy.description ?? null,
      default_version: policy.defaultVersion,
      latest_version: policy.latestVersion,
      created_at: at,
      updated_at: at,
    })
    .execute();
  const version = { version: policy.defaultVersion, document, createdAt: policy.createdAt };
  await insertVersion(trx, policy.id, version);
}

/** By ARN. */
export async function find(db: Readable, arn: string): Promise<ManagedPolicy | undefined> {
  const row = await db
    .selectFrom("iam_policy")
    .selectAll()
    .where("arn", "=", arn)
    .executeTakeFirst();
  return row === undefined ? undefined : policyOf(row);
}

/** Every policy of an account, by name. */
export async function list(db: Readable, accountId: string): Promise<readonly ManagedPolicy[]> {
  const rows = await db
    .selectFrom("iam_policy")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("name")
    .execute();
  return rows.map(policyOf);
}

/** Sets which version decides, and the highest number given out. */
export async function setVersions(
  trx: WriteTransaction,
  id: string,
  set: { readonly defaultVersion: number; readonly latestVersion: number; readonly at: Date },
): Promise<void> {
  await trx
    .updateTable("iam_policy")
    .set({
      default_version: set.defaultVersion,
      latest_version: set.latestVersion,
      updated_at: set.at.getTime(),
    })
    .where("id", "=", id)
    .execute();
}

/** Removes a policy with all its versions; its uses must be gone before. */
export async function remove(trx: WriteTransaction, id: string): Promise<void> {
  await trx.deleteFrom("iam_policy_version").where("policy_id", "=", id).execute();
  await trx.deleteFrom("iam_policy").where("id", "=", id).execute();
}

/** Adds a version. */
export async function insertVersion(
  trx: WriteTransaction,
  policyId: string,
  { version, document, createdAt }: PolicyVersion,
): Promise<void> {
  await trx
    .insertInto("iam_policy_version")
    .values({ policy_id: policyId, version, document, created_at: createdAt.getTime() })
    .execute();
}

/** The versions of a policy, newest first. */
export async function listVersions(
  db: Readable,
  policyId: string,
): Promise<readonly PolicyVersion[]> {
  const rows = await db
    .selectFrom("iam_policy_version")
    .selectAll()
    .where("policy_id", "=", policyId)
    .orderBy("version", "desc")
    .execute();
  return rows.map((row) => ({
    version: row.version,
    document: row.document,
    createdAt: new Date(row.created_at),
  }));
}

/** Removes one version. */
export async function removeVersion(
  trx: WriteTransaction,
  policyId: string,
  version: number,
): Promise<void> {
  await trx
    .deleteFrom("iam_policy_version")
    .where("policy_id", "=", policyId)
    .where("version", "=", version)
    .execute();
}

/** The deciding document of a policy. */
export async function findDocument(db: Readable, arn: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("iam_policy")
    .innerJoin("iam_policy_version", (join) =>
      join
        .onRef("iam_policy_version.policy_id", "=", "iam_policy.id")
        .onRef("iam_policy_version.version", "=", "iam_policy.default_version"),
    )
    .select("iam_policy_version.document as document")
    .where("iam_policy.arn", "=", arn)
    .executeTakeFirst();
  return row?.document;
}

/** ARNs of the policies that a user, role or group uses in one way, in order. */
export async function listAttached(
  db: Readable,
  entityId: string,
  use: PolicyUse,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("iam_attachment")
    .select("policy_arn")
    .where("entity_id", "=", entityId)
    .where("use", "=", use)
    .orderBy("policy_arn")
    .execute();
  return rows.map((row) => row.policy_arn);
}

/** Attaches a policy; once more changes nothing. */
export async function attach(
  trx: WriteTransaction,
  entityId: string,
  { use, arn }: { readonly use: PolicyUse; readonly arn: string },
): Promise<void> {
  await trx
    .insertInto("iam_attachment")
    .values({ entity_id: entityId, use, policy_arn: arn })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Detaches one policy; whether it was attached. */
export async function detach(
  trx: WriteTransaction,
  entityId: string,
  { use, arn }: { readonly use: PolicyUse; readonly arn: string },
): Promise<boolean> {
  const result = await trx
    .deleteFrom("iam_attachment")
    .where("entity_id", "=", entityId)
    .where("use", "=", use)
    .where("policy_arn", "=", arn)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Who uses a policy, and how. */
export async function listUses(
  db: Readable,
  arn: string,
): Promise<readonly (Pick<IamEntity, "id" | "kind" | "name" | "path"> & { use: PolicyUse })[]> {
  const rows = await db
    .selectFrom("iam_attachment")
    .innerJoin("iam_entity", "iam_entity.id", "iam_attachment.entity_id")
    .select(["iam_entity.id", "iam_entity.kind", "iam_entity.name", "iam_entity.path", "use"])
    .where("policy_arn", "=", arn)
    .orderBy("iam_entity.id")
    .execute();
  return rows.map((row) => ({
    ...row,
    kind: row.kind as IamEntity["kind"],
    use: row.use as PolicyUse,
  }));
}

/** How often each policy is used, by ARN and use. */
export async function countUses(
  db: Readable,
): Promise<readonly { readonly arn: string; readonly use: PolicyUse; readonly count: number }[]> {
  const rows = await db
    .selectFrom("iam_attachment")
    .select(["policy_arn", "use", (eb) => eb.fn.countAll<number>().as("count")])
    .groupBy(["policy_arn", "use"])
    .execute();
  return rows.map((row) => ({
    arn: row.policy_arn,
    use: row.use as PolicyUse,
    count: Number(row.count),
  }));
}
