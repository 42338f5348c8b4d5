// Which object of a bucket holds which document id, as far as a sync has decided.
import type { Readable, WriteTransaction } from "./database.ts";
import { type Document, fromRow } from "./documents.ts";

/** Makes a key the holder of a document, whichever held it; without a row nothing happens. */
export async function take(
  trx: WriteTransaction,
  held: {
    readonly dataSourceId: string;
    readonly documentId: string;
    readonly objectKey: string;
  },
): Promise<void> {
  await trx
    .updateTable("document")
    .set({ object_key: held.objectKey, is_released: 0 })
    .where("data_source_id", "=", held.dataSourceId)
    .where("document_id", "=", held.documentId)
    .execute();
}

/**
 * The crawl found nothing more for a document of that key: if it answers questions it is marked for
 * deletion, else it is forgotten at once.
 */
export async function release(
  trx: WriteTransaction,
  held: {
    readonly dataSourceId: string;
    readonly documentId: string;
    readonly objectKey: string;
  },
): Promise<void> {
  const { dataSourceId, documentId, objectKey } = held;
  await trx
    .deleteFrom("document")
    .where("data_source_id", "=", dataSourceId)
    .where("document_id", "=", documentId)
    .where("object_key", "=", objectKey)
    .where("published_version", "=", 0)
    .execute();
  await trx
    .updateTable("document")
    .set({ is_released: 1 })
    .where("data_source_id", "=", dataSourceId)
    .where("document_id", "=", documentId)
    .where("object_key", "=", objectKey)
    .execute();
}

/** How many documents of a data source are marked for deletion. */
export async function countReleased(db: Readable, dataSourceId: string): Promise<number> {
  const row = await db
    .selectFrom("document")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("data_source_id", "=", dataSourceId)
    .where("is_released", "=", 1)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** One page of the documents of a data source that are marked for deletion. */
export async function listReleased(
  db: Readable,
  query: { readonly dataSourceId: string; readonly after: number; readonly limit: number },
): Promise<readonly Document[]> {
  const rows = await db
    .selectFrom("document")
    .selectAll()
    .where("data_source_id", "=", query.dataSourceId)
    .where("is_released", "=", 1)
    .where("key", ">", query.after)
    .orderBy("key")
    .limit(query.limit)
    .execute();
  return rows.map(fromRow);
}
