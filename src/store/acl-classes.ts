import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";

/** The class of documents without an access list. */
export const publicAclClass = 1;

/** An access list in canonical form; every document with that list has its id. */
export type AclClass = { readonly id: number; readonly canonical: string };

/** A class as it is since the change with this number. */
export type AclClassRevision = AclClass & { readonly revision: number };

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
  await insert(trx, { hash, canonical });
  const row = await trx
    .selectFrom("acl_class")
    .select("id")
    .where("hash", "=", hash)
    .executeTakeFirstOrThrow();
  return row.id;
}

/**
 * Makes classes whose content may change later, named by what they follow; gives their ids in order.
 * Unlike interned ones they are shared only by documents that follow the same. One that is there
 * already is given the content.
 */
export async function createNamed(
  trx: WriteTransaction,
  classes: readonly { readonly name: readonly string[]; readonly canonical: string }[],
): Promise<readonly number[]> {
  const rows = classes.map(({ name, canonical }) => {
    const digest = createHash("sha256").update(JSON.stringify(name)).digest("hex");
    return { hash: `rule ${digest}`, canonical };
  });
  const json = JSON.stringify(rows);
  await sql`
    insert into acl_class (hash, canonical, revision)
    select value ->> 'hash', value ->> 'canonical',
      (select max(revision) from acl_class) + row_number() over ()
    from json_each(${json}) where true
    on conflict (hash) do nothing
  `.execute(trx);
  const { rows: found } = await sql<{ id: number; canonical: string }>`
    select c.id, c.canonical from json_each(${json}) as asked
    cross join acl_class as c on c.hash = asked.value ->> 'hash' order by asked.key
  `.execute(trx);
  for (const [i, { id, canonical }] of found.entries()) {
    const wanted = rows[i]?.canonical ?? canonical;
    if (canonical !== wanted) await replace(trx, { id, canonical: wanted });
  }
  return found.map(({ id }) => id);
}

async function insert(
  trx: WriteTransaction,
  row: { readonly hash: string; readonly canonical: string },
): Promise<void> {
  await sql`
    insert into acl_class (hash, canonical, revision)
    values (${row.hash}, ${row.canonical}, (select max(revision) + 1 from acl_class))
    on conflict (hash) do nothing
  `.execute(trx);
}

/** Gives a named class other content: all its documents at once, at commit. */
export async function replace(trx: WriteTransaction, { id, canonical }: AclClass): Promise<void> {
  await sql`
    update acl_class
    set canonical = ${canonical}, revision = (select max(revision) + 1 from acl_class)
    where id = ${id} and canonical <> ${canonical}
  `.execute(trx);
}

/** Classes by id. */
export async function find(db: Readable, ids: readonly number[]): Promise<readonly AclClass[]> {
  if (ids.length === 0) return [];
  return db.selectFrom("acl_class").select(["id", "canonical"]).where("id", "in", ids).execute();
}

/** Classes made or changed after a revision, in that order: what a reader has not seen yet. */
export async function listAfter(
  db: Readable,
  after: number,
  limit: number,
): Promise<readonly AclClassRevision[]> {
  return db
    .selectFrom("acl_class")
    .select(["id", "canonical", "revision"])
    .where("revision", ">", after)
    .orderBy("revision")
    .limit(limit)
    .execute();
}
