import { type Selectable, sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";
import type { IamEntityTable } from "./schema.ts";

/** An OpenID Connect provider of an account. Rows lie among the entities, as a kind of their own. */
export type IamOidcProvider = {
  readonly accountId: string;
  /** What follows `oidc-provider/` in its ARN: the issuer's address without `https://`. */
  readonly name: string;
  readonly arn: string;
  /** Clients whose tokens count. */
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly createdAt: Date;
};

type ProviderKey = Pick<IamOidcProvider, "accountId" | "name">;
type Facts = Pick<IamOidcProvider, "clientIds" | "thumbprints">;

const kind = "oidcProvider";
/** What a deletion leaves: applications may go on naming the provider. */
const deletedKind = "deletedOidcProvider";

function providerOf(row: Selectable<IamEntityTable>): IamOidcProvider {
  const { clientIds, thumbprints } = JSON.parse(row.record) as Facts;
  const { account_id: accountId, name, arn, created_at: createdAt } = row;
  return { accountId, name, arn, clientIds, thumbprints, createdAt: new Date(createdAt) };
}

/** Stores a provider; from then on it was never deleted. */
export async function insert(trx: WriteTransaction, provider: IamOidcProvider): Promise<void> {
  const { accountId, name, arn, clientIds, thumbprints, createdAt } = provider;
  await trx
    .deleteFrom("iam_entity")
    .where("account_id", "=", accountId)
    .where("kind", "=", deletedKind)
    .where(sql`lower(name)`, "=", name.toLowerCase())
    .execute();
  await trx
    .insertInto("iam_entity")
    .values({
      id: arn,
      account_id: accountId,
      kind,
      name,
      path: "/",
      arn,
      trust_policy: "",
      record: JSON.stringify({ clientIds, thumbprints }),
      created_at: createdAt.getTime(),
    })
    .execute();
}

/** By account and name; names are not told apart by case. */
export async function find(
  db: Readable,
  { accountId, name }: ProviderKey,
): Promise<IamOidcProvider | undefined> {
  const row = await db
    .selectFrom("iam_entity")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("kind", "=", kind)
    .where(sql`lower(name)`, "=", name.toLowerCase())
    .executeTakeFirst();
  return row === undefined ? undefined : providerOf(row);
}

/** All of an account, by name; a quota keeps them few. */
export async function list(db: Readable, accountId: string): Promise<readonly IamOidcProvider[]> {
  const rows = await db
    .selectFrom("iam_entity")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("kind", "=", kind)
    .orderBy("name")
    .execute();
  return rows.map(providerOf);
}

/** Replaces clients and thumbprints. */
export async function change(
  trx: WriteTransaction,
  { arn }: Pick<IamOidcProvider, "arn">,
  { clientIds, thumbprints }: Facts,
): Promise<void> {
  await trx
    .updateTable("iam_entity")
    .set({ record: JSON.stringify({ clientIds, thumbprints }) })
    .where("id", "=", arn)
    .where("kind", "=", kind)
    .execute();
}

/** Removes a provider, and remembers that somebody did. */
export async function remove(
  trx: WriteTransaction,
  { accountId, name, arn, createdAt }: IamOidcProvider,
): Promise<void> {
  await trx.deleteFrom("iam_entity").where("id", "=", arn).where("kind", "=", kind).execute();
  await trx
    .insertInto("iam_entity")
    .values({
      id: `deleted:${arn}`,
      account_id: accountId,
      kind: deletedKind,
      name,
      path: "/",
      arn: "",
      trust_policy: "",
      record: "{}",
      created_at: createdAt.getTime(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whether a provider of that name was deleted, and has not been made again. */
export async function wasDeleted(db: Readable, { accountId, name }: ProviderKey): Promise<boolean> {
  const row = await db
    .selectFrom("iam_entity")
    .select("id")
    .where("account_id", "=", accountId)
    .where("kind", "=", deletedKind)
    .where(sql`lower(name)`, "=", name.toLowerCase())
    .executeTakeFirst();
  return row !== undefined;
}
