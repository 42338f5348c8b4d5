import type { Readable, WriteTransaction } from "./database.ts";

/** What a connector remembers of one object. */
export type ConnectorObject = {
  readonly dataSourceId: string;
  readonly objectKey: string;
  /** The document id that it holds, or empty. */
  readonly documentId: string;
  /** The id that it wants and another object holds, or that it would have, or empty. */
  readonly wantedId: string;
  /** The id under which its failure stands in listings, without holding it, or empty. */
  readonly reportedId: string;
  readonly outcome: "indexed" | "failed" | "clash" | "unsupported" | "unfinished";
  /** JSON that only the connector reads. */
  readonly fingerprint: string;
};

type ObjectKey = Pick<ConnectorObject, "dataSourceId" | "objectKey">;

/** Remembers an object, in the transaction that did with it what the outcome says. */
export async function put(trx: WriteTransaction, object: ConnectorObject): Promise<void> {
  await putMany(trx, [object]);
}

// A statement is prepared once per number of rows, so whole groups should be the rule.
const rowsPerStatement = 32;

/** As `put`, for many objects of one data source, each named once. */
export async function putMany(
  trx: WriteTransaction,
  objects: readonly ConnectorObject[],
): Promise<void> {
  for (let start = 0; start < objects.length; start += rowsPerStatement) {
    await putGroup(trx, objects.slice(start, start + rowsPerStatement));
  }
}

async function putGroup(trx: WriteTransaction, objects: readonly ConnectorObject[]): Promise<void> {
  await removeReports(trx, objects);
  await trx
    .insertInto("connector_object")
    .values(
      objects.map((object) => ({
        data_source_id: object.dataSourceId,
        object_key: object.objectKey,
        outcome: object.outcome,
        fingerprint: object.fingerprint,
        document_id: object.documentId,
        wanted_id: object.wantedId,
        reported_id: object.reportedId,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["data_source_id", "object_key"]).doUpdateSet((row) => ({
        outcome: row.ref("excluded.outcome"),
        fingerprint: row.ref("excluded.fingerprint"),
        document_id: row.ref("excluded.document_id"),
        wanted_id: row.ref("excluded.wanted_id"),
        reported_id: row.ref("excluded.reported_id"),
      })),
    )
    .execute();
}

/** Has an object looked at anew by the next sync, whatever is remembered of it. */
export async function markUnfinished(
  trx: WriteTransaction,
  { dataSourceId, objectKey }: ObjectKey,
): Promise<void> {
  await trx
    .updateTable("connector_object")
    .set({ outcome: "unfinished" })
    .where("data_source_id", "=", dataSourceId)
    .where("object_key", "=", objectKey)
    .execute();
}

/** Forgets an object that is gone. */
export async function remove(trx: WriteTransaction, key: ObjectKey): Promise<void> {
  await removeReports(trx, [{ ...key, reportedId: "" }]);
  await trx
    .deleteFrom("connector_object")
    .where("data_source_id", "=", key.dataSourceId)
    .where("object_key", "=", key.objectKey)
    .execute();
}

/** Removes the rows that told of the objects' failures, unless they go on telling of them. */
async function removeReports(
  trx: WriteTransaction,
  objects: readonly (ObjectKey & Pick<ConnectorObject, "reportedId">)[],
): Promise<void> {
  const [first] = objects;
  if (first === undefined) return;
  const { dataSourceId } = first;
  const before = await trx
    .selectFrom("connector_object")
    .select(["object_key as objectKey", "reported_id as reportedId"])
    .where("data_source_id", "=", dataSourceId)
    .where(
      "object_key",
      "in",
      objects.map(({ objectKey }) => objectKey),
    )
    .where("reported_id", "!=", "")
    .execute();
  const kept = new Map(objects.map(({ objectKey, reportedId }) => [objectKey, reportedId]));
  const over = before.filter(({ objectKey, reportedId }) => kept.get(objectKey) !== reportedId);
  for (const { reportedId } of over) {
    await trx
      .deleteFrom("document")
      .where("data_source_id", "=", dataSourceId)
      .where("document_id", "=", reportedId)
      .where("object_key", "=", "")
      .where("published_version", "=", 0)
      .execute();
  }
}

/** Forgets all objects of a data source. */
export async function removeOfDataSource(
  trx: WriteTransaction,
  dataSourceId: string,
): Promise<void> {
  await trx.deleteFrom("connector_object").where("data_source_id", "=", dataSourceId).execute();
}

/** One page in byte order of the keys (SQLite compares texts as UTF-8 bytes). */
export async function list(
  db: Readable,
  query: { readonly dataSourceId: string; readonly after: string; readonly limit: number },
): Promise<readonly ConnectorObject[]> {
  const { dataSourceId } = query;
  const rows = await db
    .selectFrom("connector_object")
    .select(["object_key", "document_id", "wanted_id", "reported_id", "outcome", "fingerprint"])
    .where("data_source_id", "=", dataSourceId)
    .where("object_key", ">", query.after)
    .orderBy("object_key")
    .limit(query.limit)
    .execute();
  // Member by member: a sync without a change does little else than read these rows.
  return rows.map((row) => ({
    dataSourceId,
    objectKey: row.object_key,
    documentId: row.document_id,
    wantedId: row.wanted_id,
    reportedId: row.reported_id,
    outcome: row.outcome as ConnectorObject["outcome"],
    fingerprint: row.fingerprint,
  }));
}
