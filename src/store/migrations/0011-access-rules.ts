import { type Kysely, sql } from "kysely";

// `revision` orders what became of access lists: a class that is given other content gets a new one.
const statements = [
  `alter table acl_class add column revision integer not null default 0`,
  `update acl_class set revision = id`,
  `create unique index acl_class_by_revision on acl_class (revision)`,
  // Classes whose content follows a rule of a data source's ACL file. Rule "" stands for what no
  // other one covers, "=p" for prefix p.
  `create table acl_rule (
    data_source_id text not null,
    bucket text not null,
    rule text not null,
    acl_class integer not null,
    state text not null,
    primary key (data_source_id, bucket, rule)
  ) without rowid`,
  // Published documents that were given another class: what segments with a lower number say of
  // them does not count.
  `create table search_acl_change (
    index_id text not null,
    document_key integer not null,
    sequence integer not null,
    acl_class integer not null,
    primary key (index_id, document_key)
  ) without rowid`,
  `create index search_acl_change_by_sequence on search_acl_change (index_id, sequence)`,
];

/** Access lists that change in place, and documents that change their list without being read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
