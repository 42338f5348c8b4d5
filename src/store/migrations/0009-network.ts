import { type Kysely, sql } from "kysely";

const statements = [
  `create table network_attachment (
    id text primary key,
    account_id text not null,
    application_id text not null,
    data_source_id text not null,
    execution_id text not null,
    subnet_id text not null,
    vpc_id text not null,
    availability_zone text not null,
    security_group_ids text not null,
    tags text not null,
    status text not null,
    released_by text,
    created_at integer not null,
    updated_at integer not null
  )`,
  `create index network_attachment_by_source on network_attachment (data_source_id, created_at)`,
  `create index network_attachment_held on network_attachment (id) where status <> 'released'`,
];

/** Network interfaces of data sources, and what became of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
