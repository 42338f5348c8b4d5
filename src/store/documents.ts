import assert from "node:assert/strict";
import { type Selectable, sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";
import { type RowValues, runForRows } from "./row-groups.ts";
import type { DocumentTable } from "./schema.ts";

/** Where a document's id means something: an index, and a data source or none. */
export type DocumentScope = {
  readonly applicationId: string;
  readonly indexId: string;
  /** Empty for documents that were put directly. */
  readonly dataSourceId: string;
};

/** Status of a document as ListDocuments shows it. */
export type DocumentStatus =
  | "RECEIVED"
  | "PROCESSING"
  | "INDEXED"
  | "UPDATED"
  | "FAILED"
  | "DELETING"
  | "DELETED"
  | "DOCUMENT_FAILED_TO_INDEX";

/** A stored document, without its text. */
export type Document = DocumentScope & {
  readonly key: number;
  readonly documentId: string;
  readonly version: number;
  readonly publishedVersion: number;
  readonly status: DocumentStatus;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly title: string;
  readonly uri: string;
  readonly contentType: string;
  readonly aclClass: number;
  readonly guardAclClass: number;
  /** `[{ name, value }]` as JSON. */
  readonly attributes: string;
  readonly textBytes: number;
  readonly objectKey: string;
  /** The crawl found nothing more for it, and the safeguard or a crash kept it. */
  readonly isReleased: boolean;
  readonly syncId: string;
  readonly syncAction: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export type Row = Selectable<DocumentTable>;

/** Reads a row; for the files of this aggregate. */
export function fromRow(row: Row): Document {
  return {
    key: row.key,
    applicationId: row.application_id,
    indexId: row.index_id,
    dataSourceId: row.data_source_id,
    documentId: row.document_id,
    version: row.version,
    publishedVersion: row.published_version,
    status: row.status as DocumentStatus,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    title: row.title,
    uri: row.uri,
    contentType: row.content_type,
    aclClass: row.acl_class,
    guardAclClass: row.guard_acl_class,
    attributes: row.attributes,
    textBytes: row.text_bytes,
    objectKey: row.object_key,
    isReleased: row.is_released === 1,
    syncId: row.sync_id,
    syncAction: row.sync_action,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}

/** A document as it is accepted, before anything is known of its content. */
export type AcceptedDocument = DocumentScope & {
  readonly documentId: string;
  readonly title: string;
  readonly objectKey: string;
  readonly status: "RECEIVED" | "PROCESSING";
  readonly at: Date;
};

/**
 * Gives the document a row and its next version. What is published stays as it is: the old version
 * answers questions until the new one does.
 */
export async function accept(
  trx: WriteTransaction,
  document: AcceptedDocument,
): Promise<AcceptedVersion> {
  const [accepted] = await acceptMany(trx, [document]);
  if (accepted === undefined) throw new Error("The document was not stored.");
  return accepted;
}

/** The row of a document, and the version that is on its way. */
export type AcceptedVersion = { readonly key: number; readonly version: number };

/** As `accept`, for many documents of one data source, each named once; in their order. */
export async function acceptMany(
  trx: WriteTransaction,
  accepted: readonly AcceptedDocument[],
): Promise<readonly AcceptedVersion[]> {
  const rows = accepted.map((document) => {
    const { applicationId, indexId, dataSourceId, documentId, status, title, objectKey } = document;
    const at = document.at.getTime();
    return [applicationId, indexId, dataSourceId, documentId, status, title, objectKey, at, at];
  });
  const stored = await runForRows<AcceptedVersion & { id: string }>(trx, rows, insertAccepted);
  // In which order rows are returned, SQLite does not promise.
  const byId = new Map(stored.map(({ id, key, version }) => [id, { key, version }]));
  assert.equal(byId.size, accepted.length, "a document was accepted twice at once");
  return accepted.flatMap(({ documentId }) => byId.get(documentId) ?? []);
}

function insertAccepted(rows: string): string {
  return `
    with accepted (application_id, index_id, data_source_id, document_id, status, title, object_key,
      created_at, updated_at) as (values ${rows})
    insert into document (
      application_id, index_id, data_source_id, document_id, version, published_version, status,
      error_code, error_message, title, uri, content_type, acl_class, guard_acl_class, attributes,
      text_bytes, object_key, is_released, sync_id, sync_action, created_at, updated_at
    ) select
      application_id, index_id, data_source_id, document_id, 1, 0, status, '', '', title, '', '', 0,
      0, '[]', 0, object_key, 0, '', '', created_at, updated_at
    from accepted where true
    on conflict (index_id, data_source_id, document_id) do update set
      version = version + 1, status = excluded.status, error_code = '', error_message = '',
      object_key = excluded.object_key, is_released = 0, updated_at = excluded.updated_at
    returning document_id as id, key, version`;
}

/** Notes that work on versions has begun; those that something overtook stay as they are. */
export async function begin(
  trx: WriteTransaction,
  versions: readonly AcceptedVersion[],
  at: Date,
): Promise<void> {
  if (versions.length === 0) return;
  const pairs = versions.map(({ key, version }) => sql`(${key}, ${version})`);
  await sql`
    update document set status = 'PROCESSING', updated_at = ${at.getTime()}
    where (key, version) in (values ${sql.join(pairs)}) and status = 'RECEIVED'
  `.execute(trx);
}

/** What a published version consists of, besides its text. */
export type PublishedDocument = {
  readonly key: number;
  readonly version: number;
  readonly title: string;
  readonly uri: string;
  readonly contentType: string;
  readonly aclClass: number;
  readonly attributes: string;
  readonly textBytes: number;
  readonly syncId: string;
  readonly syncAction: string;
  readonly at: Date;
};

/**
 * Makes a version the one that answers questions. Called in the transaction that publishes its
 * text.
 *
 * @returns false where a newer version was accepted meanwhile or the document is gone: then nothing
 * of it may be published.
 */
export async function publish(
  trx: WriteTransaction,
  document: PublishedDocument,
): Promise<boolean> {
  return (await publishMany(trx, [document])).has(document.key);
}

/** As `publish`, for many documents of one index; gives the keys of those that are published. */
export async function publishMany(
  trx: WriteTransaction,
  published: readonly PublishedDocument[],
): Promise<ReadonlySet<number>> {
  const rows = await findMany(
    trx,
    published.map(({ key }) => key),
  );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const change = { documents: 0, textBytes: 0 };
  const done = new Map<number, RowValues>();
  for (const document of published) {
    const before = byKey.get(document.key);
    if (before?.version !== document.version) continue;
    const isFirst = before.publishedVersion === 0;
    done.set(document.key, publishedRow(document, isFirst ? "INDEXED" : "UPDATED"));
    change.documents += isFirst ? 1 : 0;
    change.textBytes += document.textBytes - before.textBytes;
  }
  await runForRows(trx, [...done.values()], updatePublished);
  const indexId = rows[0]?.indexId;
  if (indexId !== undefined && done.size > 0) await adjustStatistics(trx, indexId, change);
  return new Set(done.keys());
}

function publishedRow(document: PublishedDocument, status: "INDEXED" | "UPDATED"): RowValues {
  const { key, version, title, uri, contentType, aclClass, attributes, textBytes } = document;
  const { syncId, syncAction, at } = document;
  const content = [title, uri, contentType, aclClass, attributes, textBytes];
  return [key, version, status, ...content, syncId, syncAction, at.getTime()];
}

function updatePublished(rows: string): string {
  return `
    with published (key, version, status, title, uri, content_type, acl_class, attributes,
      text_bytes, sync_id, sync_action, at) as (values ${rows})
    update document set
      published_version = p.version, status = p.status, error_code = '', error_message = '',
      title = p.title, uri = p.uri, content_type = p.content_type, acl_class = p.acl_class,
      guard_acl_class = 0, attributes = p.attributes, text_bytes = p.text_bytes,
      sync_id = p.sync_id, sync_action = p.sync_action, updated_at = p.at
    from published as p where document.key = p.key`;
}

/** Why a version could not be published. */
export type FailedDocument = {
  readonly key: number;
  readonly version: number;
  readonly status: "FAILED" | "DOCUMENT_FAILED_TO_INDEX";
  readonly errorCode: string;
  readonly errorMessage: string;
  /** The class of the failed version: readers of the old one must pass it as well. 0: not known. */
  readonly guardAclClass: number;
  readonly syncId: string;
  readonly syncAction: string;
  readonly at: Date;
};

/** Notes a failure; an older published version goes on answering. False where it no longer counts. */
export async function fail(trx: WriteTransaction, failed: FailedDocument): Promise<boolean> {
  const result = await trx
    .updateTable("document")
    .set({
      status: failed.status,
      error_code: failed.errorCode,
      error_message: failed.errorMessage,
      ...(failed.guardAclClass === 0 ? {} : { guard_acl_class: failed.guardAclClass }),
      sync_id: failed.syncId,
      sync_action: failed.syncAction,
      updated_at: failed.at.getTime(),
    })
    .where("key", "=", failed.key)
    .where("version", "=", failed.version)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Notes that a job saw the document unchanged, so that a resumed job does not count it again. */
export async function touch(
  trx: WriteTransaction,
  keys: readonly number[],
  change: { readonly syncId: string; readonly syncAction: string },
): Promise<void> {
  if (keys.length === 0) return;
  await trx
    .updateTable("document")
    .set({ sync_id: change.syncId, sync_action: change.syncAction })
    .where("key", "in", keys)
    .execute();
}

/** Notes that a job gave documents other readers and left the rest as it was. */
export async function noteAccessChange(
  trx: WriteTransaction,
  keys: readonly number[],
  change: { readonly syncId: string; readonly syncAction: string; readonly at: Date },
): Promise<void> {
  if (keys.length === 0) return;
  await trx
    .updateTable("document")
    .set({
      status: "UPDATED",
      sync_id: change.syncId,
      sync_action: change.syncAction,
      updated_at: change.at.getTime(),
    })
    .where("key", "in", keys)
    .execute();
}

/** A document by its key. */
export async function findByKey(db: Readable, key: number): Promise<Document | undefined> {
  const row = await db.selectFrom("document").selectAll().where("key", "=", key).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Documents by key, in no particular order; unknown keys are left out. */
export async function findMany(
  db: Readable,
  keys: readonly number[],
): Promise<readonly Document[]> {
  if (keys.length === 0) return [];
  const rows = await db.selectFrom("document").selectAll().where("key", "in", keys).execute();
  return rows.map(fromRow);
}

/** A document by its id within its scope. */
export async function findById(
  db: Readable,
  key: Omit<DocumentScope, "applicationId"> & { readonly documentId: string },
): Promise<Document | undefined> {
  const row = await db
    .selectFrom("document")
    .selectAll()
    .where("index_id", "=", key.indexId)
    .where("data_source_id", "=", key.dataSourceId)
    .where("document_id", "=", key.documentId)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** One page of an index, or of one data source of it, in order of first acceptance. */
export async function list(
  db: Readable,
  query: {
    readonly indexId: string;
    readonly dataSourceId?: string;
    readonly after: number;
    readonly limit: number;
  },
): Promise<readonly Document[]> {
  let select = db
    .selectFrom("document")
    .selectAll()
    .where("index_id", "=", query.indexId)
    .where("key", ">", query.after);
  if (query.dataSourceId !== undefined) {
    select = select.where("data_source_id", "=", query.dataSourceId);
  }
  const rows = await select.orderBy("key").limit(query.limit).execute();
  return rows.map(fromRow);
}

/** Removes rows; the search engine's part goes in the same transaction. */
export async function remove(
  trx: WriteTransaction,
  documents: readonly Pick<Document, "key" | "indexId" | "textBytes" | "publishedVersion">[],
): Promise<void> {
  if (documents.length === 0) return;
  const keys = documents.map((document) => document.key);
  await trx.deleteFrom("document").where("key", "in", keys).execute();
  for (const indexId of new Set(documents.map((document) => document.indexId))) {
    const mine = documents.filter((d) => d.indexId === indexId && d.publishedVersion > 0);
    await adjustStatistics(trx, indexId, {
      documents: -mine.length,
      textBytes: -mine.reduce((sum, document) => sum + document.textBytes, 0),
    });
  }
}

/** How many documents of an index answer questions, and how much text they hold. */
export async function statistics(
  db: Readable,
  indexId: string,
): Promise<{ readonly documentCount: number; readonly textBytes: number }> {
  const row = await db
    .selectFrom("index_statistics")
    .select(["document_count as documentCount", "text_bytes as textBytes"])
    .where("index_id", "=", indexId)
    .executeTakeFirst();
  return row ?? { documentCount: 0, textBytes: 0 };
}

async function adjustStatistics(
  trx: WriteTransaction,
  indexId: string,
  change: { readonly documents: number; readonly textBytes: number },
): Promise<void> {
  await sql`
    insert into index_statistics (index_id, document_count, text_bytes)
    values (${indexId}, ${change.documents}, ${change.textBytes})
    on conflict (index_id) do update set
      document_count = document_count + excluded.document_count,
      text_bytes = text_bytes + excluded.text_bytes
  `.execute(trx);
}
