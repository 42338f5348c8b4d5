// Documents of the retrieval engine that got another ACL class since they were published. A change
// counts in every segment with a lower number, as a tombstone does; segments stay as they are.
import { sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";

/** A published document and the class that it has since then. */
export type AclChange = {
  readonly documentKey: number;
  readonly sequence: number;
  readonly aclClass: number;
};

/** Gives published documents another class; those that are not published are left out. */
export async function put(
  trx: WriteTransaction,
  { indexId, sequence }: { readonly indexId: string; readonly sequence: number },
  change: { readonly documentKeys: readonly number[]; readonly aclClass: number },
): Promise<void> {
  const keys = JSON.stringify(change.documentKeys);
  await sql`
    update search_document set acl_class = ${change.aclClass}
    where index_id = ${indexId} and document_key in (select value from json_each(${keys}))
  `.execute(trx);
  await sql`
    insert into search_acl_change (index_id, document_key, sequence, acl_class)
    select index_id, document_key, ${sequence}, acl_class from search_document
    where index_id = ${indexId} and document_key in (select value from json_each(${keys}))
    on conflict (index_id, document_key) do update
    set sequence = excluded.sequence, acl_class = excluded.acl_class
  `.execute(trx);
}

/** Changes with a number above `after`. */
export async function listAfter(
  db: Readable,
  indexId: string,
  after: number,
): Promise<readonly AclChange[]> {
  // As one text: that takes a third of the time of many rows.
  const { rows } = await sql<{ readonly found: string }>`
    select json_group_array(json_array(document_key, sequence, acl_class)) as found
    from search_acl_change where index_id = ${indexId} and sequence > ${after}
  `.execute(db);
  type Found = readonly (readonly [number, number, number])[];
  const found = JSON.parse(rows[0]?.found ?? "[]") as Found;
  return found.map(([documentKey, sequence, aclClass]) => ({ documentKey, sequence, aclClass }));
}

/** Forgets changes that no segment is old enough to need. */
export async function sweep(trx: WriteTransaction, indexId: string): Promise<void> {
  await sql`
    delete from search_acl_change where index_id = ${indexId} and sequence <= coalesce(
      (select min(sequence) from search_segment where index_id = ${indexId} and is_live = 1),
      ${Number.MAX_SAFE_INTEGER})
  `.execute(trx);
}

/** Forgets all changes of an index. */
export async function drop(trx: WriteTransaction, indexId: string): Promise<void> {
  await sql`delete from search_acl_change where index_id = ${indexId}`.execute(trx);
}
