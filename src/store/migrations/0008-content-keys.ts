import { type Kysely, sql } from "kysely";

// Each row is a data key of one application, as a version of the KMS key wrapped it. What is sealed
// names the row: while something is, the row must stay.
const statements = [
  `create table content_key (
    id integer primary key autoincrement,
    application_id text not null,
    material_version integer not null,
    wrapped blob not null,
    created_at integer not null
  )`,
  `create index content_key_by_application on content_key (application_id, id)`,
];

/** Data keys of applications that have a key of their own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
