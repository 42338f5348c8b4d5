// What the retrieval engine knows of each document besides postings: the version that answers
// questions, and its chunks in compressed pages.
import { type Kysely, sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";
import type { SearchTables } from "./segments.ts";

/** A document as it was published. */
export type PublishedDocument = {
  readonly documentKey: number;
  readonly version: number;
  readonly aclClass: number;
  readonly title: string;
  /** JSON that only the engine reads. */
  readonly attributes: string;
  readonly chunks: number;
};

/** A published document with its pages of chunks, in order. */
export type DocumentPages = PublishedDocument & { readonly pages: readonly Uint8Array[] };

/** What the document table says of a passage's document, for the check after ranking. */
export type Standing = {
  readonly documentKey: number;
  readonly publishedVersion: number;
  readonly status: string;
  readonly aclClass: number;
  /** A further class that a viewer has to belong to; 0 for none. */
  readonly guardAclClass: number;
};

// SQLite takes many more parameters, but a statement is prepared once per number of them.
const keysPerStatement = 200;

function tables(db: Readable): Kysely<SearchTables> {
  return db.withTables<SearchTables>() as unknown as Kysely<SearchTables>;
}

async function inBatches<T>(
  keys: readonly number[],
  run: (batch: readonly number[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (let i = 0; i < keys.length; i += keysPerStatement) {
    found.push(...(await run(keys.slice(i, i + keysPerStatement))));
  }
  return found;
}

/** The published documents among `keys`. */
export async function find(
  db: Readable,
  indexId: string,
  keys: readonly number[],
): Promise<readonly PublishedDocument[]> {
  return inBatches(keys, (batch) =>
    tables(db)
      .selectFrom("search_document")
      .select(columns)
      .where("index_id", "=", indexId)
      .where("document_key", "in", batch)
      .execute(),
  );
}

const columns = [
  "document_key as documentKey",
  "version",
  "acl_class as aclClass",
  "title",
  "attributes",
  "chunks",
] as const;

/** Documents published with a number up to `sequence`, by key above `after`, with all their pages. */
export async function listWithPages(
  db: Readable,
  indexId: string,
  range: { readonly after: number; readonly sequence: number; readonly limit: number },
): Promise<readonly DocumentPages[]> {
  const documents = await tables(db)
    .selectFrom("search_document")
    .select(columns)
    .where("index_id", "=", indexId)
    .where("document_key", ">", range.after)
    .where("sequence", "<=", range.sequence)
    .orderBy("document_key")
    .limit(range.limit)
    .execute();
  const withPages: DocumentPages[] = [];
  for (const document of documents) {
    const rows = await tables(db)
      .selectFrom("search_chunk_page")
      .select("data")
      .where("index_id", "=", indexId)
      .where("document_key", "=", document.documentKey)
      .orderBy("page")
      .execute();
    withPages.push({ ...document, pages: rows.map((row) => row.data) });
  }
  return withPages;
}

/** One page of chunks, or undefined where it is missing. */
export async function page(
  db: Readable,
  key: { readonly indexId: string; readonly documentKey: number; readonly page: number },
): Promise<Uint8Array | undefined> {
  const row = await tables(db)
    .selectFrom("search_chunk_page")
    .select("data")
    .where("index_id", "=", key.indexId)
    .where("document_key", "=", key.documentKey)
    .where("page", "=", key.page)
    .executeTakeFirst();
  return row?.data;
}

/** Stores documents and their pages; those with the same keys must have been removed before. */
export async function insert(
  trx: WriteTransaction,
  key: { readonly indexId: string; readonly sequence: number },
  documents: readonly DocumentPages[],
): Promise<void> {
  const { indexId: index_id, sequence } = key;
  await inGroups(documents, (group) =>
    tables(trx)
      .insertInto("search_document")
      .values(
        group.map((document) => ({
          index_id,
          document_key: document.documentKey,
          version: document.version,
          sequence,
          acl_class: document.aclClass,
          title: document.title,
          attributes: document.attributes,
          chunks: document.chunks,
        })),
      )
      .execute(),
  );
  const pages = documents.flatMap((document) =>
    document.pages.map((data, page) => ({
      index_id,
      document_key: document.documentKey,
      page,
      data,
    })),
  );
  await inGroups(pages, (group) =>
    tables(trx).insertInto("search_chunk_page").values(group).execute(),
  );
}

// Rows in one insert: each number of them is a statement of its own to prepare.
const rowsPerInsert = 32;

async function inGroups<T>(
  rows: readonly T[],
  insertGroup: (group: T[]) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < rows.length; i += rowsPerInsert) {
    await insertGroup(rows.slice(i, i + rowsPerInsert));
  }
}

/** Removes published documents; gives the keys of those that were there. */
export async function remove(
  trx: WriteTransaction,
  indexId: string,
  keys: readonly number[],
): Promise<readonly number[]> {
  return inBatches(keys, async (batch) => {
    const list = sql.join(batch);
    const { rows } = await sql<{ key: number }>`
      delete from search_document where index_id = ${indexId} and document_key in (${list})
      returning document_key as key
    `.execute(trx);
    const gone = rows.map((row) => row.key);
    if (gone.length > 0) {
      await tables(trx)
        .deleteFrom("search_chunk_page")
        .where("index_id", "=", indexId)
        .where("document_key", "in", gone)
        .execute();
    }
    return gone;
  });
}

/** How much an index holds. */
export async function count(
  db: Readable,
  indexId: string,
): Promise<{ readonly documents: number; readonly chunks: number }> {
  const row = await tables(db)
    .selectFrom("search_document")
    .select((e) => [
      e.fn.countAll<number>().as("documents"),
      e.fn.coalesce(e.fn.sum<number>("chunks"), sql<number>`0`).as("chunks"),
    ])
    .where("index_id", "=", indexId)
    .executeTakeFirstOrThrow();
  return row;
}

/** How the documents with these keys stand in the document table; those that are gone are left out. */
export async function standings(
  db: Readable,
  indexId: string,
  keys: readonly number[],
): Promise<readonly Standing[]> {
  return inBatches(keys, (batch) =>
    db
      .selectFrom("document")
      .select([
        "key as documentKey",
        "published_version as publishedVersion",
        "status",
        "acl_class as aclClass",
        "guard_acl_class as guardAclClass",
      ])
      .where("index_id", "=", indexId)
      .where("key", "in", batch)
      .execute(),
  );
}
