import { type Kysely, sql } from "kysely";

// Everything here can be made again from the documents themselves; what a search needs and nothing
// else stands in it. Rows that are found by a composite key lie in key order (without rowid).
const statements = [
  // One row per index, kept after the index is dropped: its numbers must never run backwards,
  // because readers recognise by them what they have in memory.
  `create table search_index (
    index_id text not null primary key,
    generation integer not null,
    sequence integer not null
  ) without rowid`,
  `create table search_document (
    index_id text not null,
    document_key integer not null,
    version integer not null,
    sequence integer not null,
    acl_class integer not null,
    title text not null,
    attributes text not null,
    chunks integer not null,
    primary key (index_id, document_key)
  ) without rowid`,
  `create table search_chunk_page (
    index_id text not null,
    document_key integer not null,
    page integer not null,
    data blob not null,
    primary key (index_id, document_key, page)
  )`,
  `create table search_segment (
    id integer primary key autoincrement,
    index_id text not null,
    sequence integer not null,
    is_live integer not null,
    chunks integer not null,
    documents integer not null,
    bytes integer not null
  )`,
  `create index search_segment_by_index on search_segment (index_id, is_live)`,
  `create table search_segment_part (
    segment_id integer not null,
    part integer not null,
    checksum integer not null,
    data blob not null,
    primary key (segment_id, part)
  )`,
  `create table search_tombstone (
    index_id text not null,
    sequence integer not null,
    document_key integer not null,
    primary key (index_id, sequence, document_key)
  ) without rowid`,
];

/** The tables of the retrieval engine. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
