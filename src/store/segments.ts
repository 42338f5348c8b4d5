// Segments of the retrieval engine: immutable once they are live. A change of an index takes the
// next sequence number; a tombstone with number n says that the document is dead in every segment
// with a lower one. So a merge need not know what is deleted while it runs.
import { type Kysely, sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";

/** One blob of a segment with the CRC-32 of its bytes. Part 0 is the head. */
export type SegmentPart = {
  readonly part: number;
  readonly checksum: number;
  readonly data: Uint8Array;
};

/** A segment without its blobs. */
export type Segment = {
  readonly id: number;
  readonly sequence: number;
  readonly chunks: number;
  readonly documents: number;
  readonly bytes: number;
};

/** `generation` grows with every change of an index, `sequence` with every change of its content. */
export type IndexState = { readonly generation: number; readonly sequence: number };

/** A document that was deleted or replaced, and when. */
export type Tombstone = { readonly documentKey: number; readonly sequence: number };

/** The tables behind this file and `chunks.ts`; migration `0002-search` makes them. */
export type SearchTables = {
  search_index: { index_id: string; generation: number; sequence: number };
  search_document: {
    index_id: string;
    document_key: number;
    version: number;
    sequence: number;
    acl_class: number;
    title: string;
    attributes: string;
    chunks: number;
  };
  search_chunk_page: { index_id: string; document_key: number; page: number; data: Uint8Array };
  search_segment: {
    id: number;
    index_id: string;
    sequence: number;
    is_live: number;
    chunks: number;
    documents: number;
    bytes: number;
  };
  search_segment_part: { segment_id: number; part: number; checksum: number; data: Uint8Array };
  search_tombstone: { index_id: string; sequence: number; document_key: number };
};

function tables(db: Readable): Kysely<SearchTables> {
  return db.withTables<SearchTables>() as unknown as Kysely<SearchTables>;
}

/**
 * Runs reads that belong together on one state of the database, on a reader that nobody else uses
 * meanwhile.
 */
export async function snapshot<T>(
  reader: Readable,
  read: (db: Readable) => Promise<T>,
): Promise<T> {
  return reader.connection().execute(async (db) => {
    // Not Kysely's transaction: that one asks for the write lock, which a reader cannot have.
    await sql`begin`.execute(db);
    try {
      return await read(db);
    } finally {
      await sql`commit`.execute(db);
    }
  });
}

/** Where an index stands; zeros for one that nothing was ever published to. */
export async function state(db: Readable, indexId: string): Promise<IndexState> {
  const row = await tables(db)
    .selectFrom("search_index")
    .select(["generation", "sequence"])
    .where("index_id", "=", indexId)
    .executeTakeFirst();
  return row ?? { generation: 0, sequence: 0 };
}

/** Notes a change; `content` takes the next sequence number, `layout` keeps it. */
export async function advance(
  trx: WriteTransaction,
  indexId: string,
  kind: "content" | "layout",
): Promise<IndexState> {
  const step = kind === "content" ? 1 : 0;
  const { rows } = await sql<IndexState>`
    insert into search_index (index_id, generation, sequence) values (${indexId}, 1, ${step})
    on conflict (index_id) do update set generation = generation + 1, sequence = sequence + ${step}
    returning generation, sequence
  `.execute(trx);
  const row = rows[0];
  if (row === undefined) throw new Error("The row of the index was not returned.");
  return row;
}

/** The segments that answer questions, oldest first. */
export async function list(db: Readable, indexId: string): Promise<readonly Segment[]> {
  return tables(db)
    .selectFrom("search_segment")
    .select(["id", "sequence", "chunks", "documents", "bytes"])
    .where("index_id", "=", indexId)
    .where("is_live", "=", 1)
    .orderBy("id")
    .execute();
}

/** Makes room for a segment; it answers questions once `activate` is called. */
export async function begin(trx: WriteTransaction, indexId: string): Promise<number> {
  const row = await tables(trx)
    .insertInto("search_segment")
    .values({
      index_id: indexId,
      sequence: 0,
      is_live: 0,
      chunks: 0,
      documents: 0,
      bytes: 0,
    } as never)
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Adds blobs to a segment that is being built. */
export async function insertParts(
  trx: WriteTransaction,
  segmentId: number,
  parts: readonly SegmentPart[],
): Promise<void> {
  for (const { part, checksum, data } of parts) {
    await tables(trx)
      .insertInto("search_segment_part")
      .values({ segment_id: segmentId, part, checksum, data })
      .execute();
  }
}

/** Makes a built segment answer questions, for content up to its `sequence`. */
export async function activate(trx: WriteTransaction, segment: Segment): Promise<void> {
  const { id, ...row } = segment;
  await tables(trx)
    .updateTable("search_segment")
    .set({ ...row, is_live: 1 })
    .where("id", "=", id)
    .execute();
}

/** One blob of a segment, or undefined where it is missing. */
export async function part(
  db: Readable,
  key: { readonly segmentId: number; readonly part: number },
): Promise<SegmentPart | undefined> {
  const row = await tables(db)
    .selectFrom("search_segment_part")
    .select(["part", "checksum", "data"])
    .where("segment_id", "=", key.segmentId)
    .where("part", "=", key.part)
    .executeTakeFirst();
  return row;
}

/** Removes segments with their blobs. */
export async function remove(trx: WriteTransaction, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const db = tables(trx);
  await db.deleteFrom("search_segment_part").where("segment_id", "in", ids).execute();
  await db.deleteFrom("search_segment").where("id", "in", ids).execute();
}

/** Segments that an earlier process began and did not finish. */
export async function unfinished(db: Readable): Promise<readonly number[]> {
  const rows = await tables(db)
    .selectFrom("search_segment")
    .select("id")
    .where("is_live", "=", 0)
    .execute();
  return rows.map((row) => row.id);
}

/** Declares documents dead in every segment with a lower sequence number. */
export async function bury(
  trx: WriteTransaction,
  indexId: string,
  tombstones: readonly Tombstone[],
): Promise<void> {
  for (let i = 0; i < tombstones.length; i += 100) {
    const rows = tombstones
      .slice(i, i + 100)
      .map((t) => ({ index_id: indexId, sequence: t.sequence, document_key: t.documentKey }));
    await tables(trx).insertInto("search_tombstone").values(rows).execute();
  }
}

/** Tombstones with a number above `after`. */
export async function tombstones(
  db: Readable,
  indexId: string,
  after: number,
): Promise<readonly Tombstone[]> {
  return tables(db)
    .selectFrom("search_tombstone")
    .select(["document_key as documentKey", "sequence"])
    .where("index_id", "=", indexId)
    .where("sequence", ">", after)
    .execute();
}

/** How many tombstones have a number above `after`. */
export async function countTombstones(
  db: Readable,
  indexId: string,
  after: number,
): Promise<number> {
  const row = await tables(db)
    .selectFrom("search_tombstone")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("index_id", "=", indexId)
    .where("sequence", ">", after)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Forgets tombstones that no segment is old enough to need. */
export async function sweepTombstones(trx: WriteTransaction, indexId: string): Promise<void> {
  await sql`
    delete from search_tombstone where index_id = ${indexId} and sequence <= coalesce(
      (select min(sequence) from search_segment where index_id = ${indexId} and is_live = 1),
      ${Number.MAX_SAFE_INTEGER})
  `.execute(trx);
}

/** Removes everything of an index but its numbers. */
export async function drop(trx: WriteTransaction, indexId: string): Promise<void> {
  const db = tables(trx);
  const ids = db.selectFrom("search_segment").select("id").where("index_id", "=", indexId);
  await db.deleteFrom("search_segment_part").where("segment_id", "in", ids).execute();
  for (const table of [
    "search_segment",
    "search_tombstone",
    "search_chunk_page",
    "search_document",
  ] as const) {
    await sql`delete from ${sql.table(table)} where index_id = ${indexId}`.execute(trx);
  }
  await advance(trx, indexId, "content");
}
