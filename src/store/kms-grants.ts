import type { Readable, WriteTransaction } from "./database.ts";
import { type KmsPage, updateKey } from "./kms.ts";
import type { KmsGrantTable } from "./schema.ts";

type ContextPairs = Readonly<Record<string, string>>;

/** What one principal may do with one key, besides policies. */
export type KmsGrant = {
  readonly id: string;
  readonly keyId: string;
  readonly name: string | undefined;
  readonly granteePrincipal: string;
  readonly granteeId: string | undefined;
  readonly retiringPrincipal: string | undefined;
  readonly retiringId: string | undefined;
  readonly issuingAccount: string;
  readonly operations: readonly string[];
  readonly constraints: {
    readonly EncryptionContextEquals?: ContextPairs;
    readonly EncryptionContextSubset?: ContextPairs;
  };
  readonly createdAt: Date;
};

function grantOf(row: KmsGrantTable): KmsGrant {
  return {
    id: row.id,
    keyId: row.key_id,
    name: row.name ?? undefined,
    granteePrincipal: row.grantee,
    granteeId: row.grantee_id ?? undefined,
    retiringPrincipal: row.retiring ?? undefined,
    retiringId: row.retiring_id ?? undefined,
    issuingAccount: row.issuing_account,
    operations: JSON.parse(row.operations) as readonly string[],
    constraints: JSON.parse(row.constraints) as KmsGrant["constraints"],
    createdAt: new Date(row.created_at),
  };
}

/** Stores a grant; it counts from the commit on. */
export async function insertGrant(trx: WriteTransaction, grant: KmsGrant): Promise<void> {
  await trx
    .insertInto("kms_grant")
    .values({
      id: grant.id,
      key_id: grant.keyId,
      name: grant.name ?? null,
      grantee: grant.granteePrincipal,
      grantee_id: grant.granteeId ?? null,
      retiring: grant.retiringPrincipal ?? null,
      retiring_id: grant.retiringId ?? null,
      issuing_account: grant.issuingAccount,
      operations: JSON.stringify(grant.operations),
      constraints: JSON.stringify(grant.constraints),
      created_at: grant.createdAt.getTime(),
    })
    .execute();
  await updateKey(trx, grant.keyId, {});
}

/** How many grants a key has. */
export async function countGrants(db: Readable, keyId: string): Promise<number> {
  const row = await db
    .selectFrom("kms_grant")
    .select((on) => on.fn.countAll<number>().as("count"))
    .where("key_id", "=", keyId)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Grants of a key by id; of some grantees, of one name, or one grant. */
export async function listGrants(
  db: Readable,
  query: KmsPage & {
    readonly keyId: string;
    readonly grantees?: readonly string[] | undefined;
    readonly name?: string;
    readonly id?: string | undefined;
  },
): Promise<readonly KmsGrant[]> {
  let rows = db
    .selectFrom("kms_grant")
    .selectAll()
    .where("key_id", "=", query.keyId)
    .where("id", ">", query.after);
  if (query.grantees !== undefined) rows = rows.where("grantee", "in", query.grantees);
  if (query.name !== undefined) rows = rows.where("name", "=", query.name);
  if (query.id !== undefined) rows = rows.where("id", "=", query.id);
  const found = await rows.orderBy("id").limit(query.limit).execute();
  return found.map(grantOf);
}

/** Takes a grant away; it counts no more from the commit on. */
export async function removeGrant(
  trx: WriteTransaction,
  { id, keyId }: Pick<KmsGrant, "id" | "keyId">,
): Promise<void> {
  await trx.deleteFrom("kms_grant").where("id", "=", id).where("key_id", "=", keyId).execute();
  await updateKey(trx, keyId, {});
}
