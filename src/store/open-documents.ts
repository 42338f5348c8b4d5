import type { Readable } from "./database.ts";
import { publicAclClass } from "./acl-classes.ts";
import { type Document, fromRow } from "./documents.ts";

const open = JSON.stringify("public");

/**
 * One page of an index's documents that no list keeps from anybody, in order of their keys. Reads
 * the index's rows from `after` on, so that a page costs what it steps over.
 */
export async function list(
  db: Readable,
  query: { readonly indexId: string; readonly after: number; readonly limit: number },
): Promise<readonly Document[]> {
  const rows = await db
    .selectFrom("document as d")
    .innerJoin("acl_class as c", "c.id", "d.acl_class")
    .leftJoin("acl_class as g", "g.id", "d.guard_acl_class")
    .selectAll("d")
    .where("d.index_id", "=", query.indexId)
    .where("d.key", ">", query.after)
    .where("d.published_version", ">", 0)
    // A class that follows a rule may say "public" as well as the one that always does.
    .where((eb) => eb.or([eb("c.id", "=", publicAclClass), eb("c.canonical", "=", open)]))
    .where((eb) => eb.or([eb("d.guard_acl_class", "=", 0), eb("g.canonical", "=", open)]))
    .orderBy("d.key")
    .limit(query.limit)
    .execute();
  return rows.map(fromRow);
}
