import { createHash } from "node:crypto";
import type { Readable, WriteTransaction } from "./database.ts";

/** The class of documents without an access list. */
export const publicAclClass = 1;

/** An access list in canonical form; every document with that list has its id. */
export type AclClass = { readonly id: number; readonly canonical: string };

/**
 * The id of the class with this canonical form, made where it is new. Equal lists share one class,
 * so a list on 100,000 documents is one row, and deciding who sees them is one decision.
 */
export async function intern(trx: WriteTransaction, canonical: string): Promise<number> {
  const known = internedIn.get(trx) ?? new Map<string, number>();
  internedIn.set(trx, known);
  const id = known.get(canonical) ?? (await insertOrFind(trx, canonical));
  known.set(canonical, id);
  return id;
}

/** What a transaction has interned: a batch of documents mostly shares its lists. */
const internedIn = new WeakMap<WriteTransaction, Map<string, number>>();

async function insertOrFind(trx: WriteTransaction, canonical: string): Promise<number> {
  const hash = createHash("sha256").update(canonical).digest("hex");
  await trx
    .insertInto("acl_class")
    .values({ hash, canonical })
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .execute();
  const row = await trx
    .selectFrom("acl_class")
    .select("id")
    .where("hash", "=", hash)
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Classes by id. */
export async function find(db: Readable, ids: readonly number[]): Promise<readonly AclClass[]> {
  if (ids.length === 0) return [];
  return db.selectFrom("acl_class").select(["id", "canonical"]).where("id", "in", ids).execute();
}

/** Classes with an id above `after`, in order: what a reader has not seen yet. */
export async function listAfter(
  db: Readable,
  after: number,
  limit: number,
): Promise<readonly AclClass[]> {
  return db
    .selectFrom("acl_class")
    .select(["id", "canonical"])
    .where("id", ">", after)
    .orderBy("id")
    .limit(limit)
    .execute();
}
