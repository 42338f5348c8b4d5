import type { Readable, WriteTransaction } from "./database.ts";

/** What a connector remembers of one object. */
export type ConnectorObject = {
  readonly dataSourceId: string;
  readonly objectKey: string;
  /** The document id that it holds, or empty. */
  readonly documentId: string;
  /** The id that it wants and another object holds, or empty. */
  readonly wantedId: string;
  /** The id under which its failure stands in listings, without holding it, or empty. */
  readonly reportedId: string;
  readonly outcome: "indexed" | "failed" | "clash" | "unfinished";
  /** JSON that only the connector reads. */
  readonly fingerprint: string;
};

type ObjectKey = Pick<ConnectorObject, "dataSourceId" | "objectKey">;

/** Remembers an object, in the transaction that did with it what the outcome says. */
export async function put(trx: WriteTransaction, object: ConnectorObject): Promise<void> {
  await removeReport(trx, object, object.reportedId);
  const facts = {
    outcome: object.outcome,
    fingerprint: object.fingerprint,
    document_id: object.documentId,
    wanted_id: object.wantedId,
    reported_id: object.reportedId,
  };
  await trx
    .insertInto("connector_object")
    .values({ data_source_id: object.dataSourceId, object_key: object.objectKey, ...facts })
    .onConflict((conflict) => conflict.columns(["data_source_id", "object_key"]).doUpdateSet(facts))
    .execute();
}

/** Forgets an object that is gone. */
export async function remove(trx: WriteTransaction, key: ObjectKey): Promise<void> {
  await removeReport(trx, key, "");
  await trx
    .deleteFrom("connector_object")
    .where("data_source_id", "=", key.dataSourceId)
    .where("object_key", "=", key.objectKey)
    .execute();
}

/** Removes the row that told of an object's failure, unless it goes on telling of it. */
async function removeReport(
  trx: WriteTransaction,
  { dataSourceId, objectKey }: ObjectKey,
  keptId: string,
): Promise<void> {
  const before = await trx
    .selectFrom("connector_object")
    .select("reported_id")
    .where("data_source_id", "=", dataSourceId)
    .where("object_key", "=", objectKey)
    .executeTakeFirst();
  const reportedId = before?.reported_id ?? "";
  if (reportedId === "" || reportedId === keptId) return;
  await trx
    .deleteFrom("document")
    .where("data_source_id", "=", dataSourceId)
    .where("document_id", "=", reportedId)
    .where("object_key", "=", "")
    .where("published_version", "=", 0)
    .execute();
}

/** Forgets all objects of a data source. */
export async function removeOfDataSource(
  trx: WriteTransaction,
  dataSourceId: string,
): Promise<void> {
  await trx.deleteFrom("connector_object").where("data_source_id", "=", dataSourceId).execute();
}

/**
 * One page in byte order of the keys (SQLite compares texts as UTF-8 bytes), each with whether a
 * version of its document, held by this very key, answers questions.
 */
export async function list(
  db: Readable,
  query: { readonly dataSourceId: string; readonly after: string; readonly limit: number },
): Promise<readonly (ConnectorObject & { readonly isIndexed: boolean })[]> {
  const rows = await db
    .selectFrom("connector_object as o")
    .leftJoin("document as d", (join) =>
      join
        .onRef("d.data_source_id", "=", "o.data_source_id")
        .onRef("d.document_id", "=", "o.document_id")
        .onRef("d.object_key", "=", "o.object_key"),
    )
    .select([
      "o.data_source_id as dataSourceId",
      "o.object_key as objectKey",
      "o.document_id as documentId",
      "o.wanted_id as wantedId",
      "o.reported_id as reportedId",
      "o.outcome as outcome",
      "o.fingerprint as fingerprint",
      "d.published_version as publishedVersion",
    ])
    .where("o.data_source_id", "=", query.dataSourceId)
    .where("o.object_key", ">", query.after)
    .orderBy("o.object_key")
    .limit(query.limit)
    .execute();
  return rows.map(({ publishedVersion, outcome, ...row }) => ({
    ...row,
    outcome: outcome as ConnectorObject["outcome"],
    isIndexed: (publishedVersion ?? 0) > 0,
  }));
}
