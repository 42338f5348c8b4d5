import { type Kysely, sql } from "kysely";

// A name means something within a scope: an index, or one data source of it. Memberships are found
// by who is a member (the primary key) and by the group (the index), so both lie in key order.
const statements = [
  `create table principal_user (
    key integer primary key autoincrement,
    application_id text not null,
    user_id text not null,
    name text not null,
    subject_id text not null,
    created_at integer not null
  )`,
  `create unique index principal_user_by_id on principal_user (application_id, user_id)`,
  `create table principal_alias (
    key integer primary key autoincrement,
    user_key integer not null,
    application_id text not null,
    index_id text not null,
    data_source_id text not null,
    alias text not null,
    name text not null
  )`,
  `create unique index principal_alias_by_name
    on principal_alias (application_id, index_id, data_source_id, alias)`,
  `create index principal_alias_by_user on principal_alias (user_key)`,
  `create table principal_scope (
    key integer primary key autoincrement,
    application_id text not null,
    index_id text not null,
    data_source_id text not null
  )`,
  `create unique index principal_scope_by_id on principal_scope (index_id, data_source_id)`,
  `create table principal_group (
    key integer primary key autoincrement,
    scope_key integer not null,
    name text not null,
    epoch integer not null,
    is_deleted integer not null,
    accepted_at integer not null
  )`,
  `create unique index principal_group_by_name on principal_group (scope_key, name)`,
  `create table principal_group_event (
    sequence integer primary key autoincrement,
    group_key integer not null,
    status text not null,
    error_code text not null,
    error_message text not null,
    at integer not null
  )`,
  `create index principal_group_event_by_group on principal_group_event (group_key, sequence)`,
  `create table principal_member (
    scope_key integer not null,
    kind integer not null,
    name text not null,
    group_key integer not null,
    primary key (scope_key, kind, name, group_key)
  ) without rowid`,
  `create index principal_member_by_group on principal_member (group_key, scope_key, kind, name)`,
  `create table principal_version (
    scope text not null primary key,
    version integer not null
  ) without rowid`,
];

/** Users with their aliases, groups with their members. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
