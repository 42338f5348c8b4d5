import { type Kysely, sql } from "kysely";

const statements = [
  // Tokens of identity providers that count once, by digest, for as long as they would be valid.
  `create table used_token (
    id_hash text not null primary key,
    expires_at integer not null
  ) without rowid`,
  `create index used_token_by_expiry on used_token (expires_at)`,
];

/** What signing in with tokens of identity providers has to remember. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
