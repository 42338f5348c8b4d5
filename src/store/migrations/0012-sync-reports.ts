import { type Kysely, sql } from "kysely";

const runningJob = `(select max(sequence) from sync_job where data_source_id = new.data_source_id
  and status in ('SYNCING', 'SYNCING_INDEXING', 'STOPPING'))`;

/** The snapshot of what a class says now; null for class 0. */
const snapshotOf = (aclClass: string): string => `(select s.id from acl_class c
  join acl_snapshot s on s.acl_class = c.id and s.canonical = c.canonical where c.id = ${aclClass})`;

const before = (aclClass: string): string =>
  `iif(old.published_version = 0 or ${aclClass} = 0, 0, coalesce(${snapshotOf(aclClass)}, 0))`;
const after = (aclClass: string): string =>
  `iif(new.published_version = 0 or ${aclClass} = 0, 0, coalesce(${snapshotOf(aclClass)}, 0))`;

// Classes may be given other content later, and a report says what they said then.
const takeSnapshots = `insert or ignore into acl_snapshot (acl_class, canonical)
  select id, canonical from acl_class
  where id in (old.acl_class, old.guard_acl_class, new.acl_class, new.guard_acl_class);`;

const columns = `job_sequence, document_id, object_key, action, status, error_code, error_message,
  title, uri, acl_before, guard_before, acl_after, guard_after, counted, at`;

// The line of a document is written by the statement that publishes it or notes its failure, so a
// report says what a crash left behind, and no caller can forget it. Deletions are noted by those
// who delete: a row that is gone does not know which job took it.
const statements = [
  `create table sync_report (
    job_sequence integer not null,
    document_id text not null,
    object_key text not null,
    action text not null,
    status text not null,
    error_code text not null,
    error_message text not null,
    title text not null,
    uri text not null,
    acl_before integer not null,
    guard_before integer not null,
    acl_after integer not null,
    guard_after integer not null,
    counted integer not null,
    at integer not null,
    primary key (job_sequence, document_id)
  ) without rowid`,
  `create table acl_snapshot (
    id integer primary key,
    acl_class integer not null,
    canonical text not null
  )`,
  `create unique index acl_snapshot_by_content on acl_snapshot (acl_class, canonical)`,
  `create table sync_report_class (
    job_sequence integer not null,
    acl_class integer not null,
    canonical_before text not null,
    canonical_after text not null,
    primary key (job_sequence, acl_class)
  ) without rowid`,
  `create trigger sync_report_after_document after update of sync_action on document
  when new.sync_id <> '' begin
    ${takeSnapshots}
    insert into sync_report (${columns})
    select
      sequence, new.document_id, new.object_key, new.sync_action, new.status, new.error_code,
      new.error_message, new.title, new.uri, ${before("old.acl_class")},
      ${before("old.guard_acl_class")}, ${after("new.acl_class")}, ${after("new.guard_acl_class")},
      0, new.updated_at
    from sync_job where id = new.sync_id
    on conflict (job_sequence, document_id) do update set
      object_key = excluded.object_key,
      action = case
        when action = 'added' and excluded.action = 'modified' then 'added'
        when action = 'deleted' and excluded.action = 'added' then 'modified'
        else excluded.action
      end,
      status = excluded.status,
      error_code = excluded.error_code,
      error_message = excluded.error_message,
      title = excluded.title,
      uri = excluded.uri,
      acl_after = excluded.acl_after,
      guard_after = excluded.guard_after,
      at = excluded.at;
  end`,
  // Another list without another text.
  `create trigger sync_report_after_access after update of acl_class, guard_acl_class on document
  when new.data_source_id <> '' and new.published_version > 0
    and new.version = old.version and new.published_version = old.published_version
    and new.updated_at = old.updated_at and new.sync_id = old.sync_id
    and (new.acl_class <> old.acl_class or new.guard_acl_class <> old.guard_acl_class)
  begin
    ${takeSnapshots}
    insert into sync_report (${columns})
    select
      ${runningJob}, new.document_id, new.object_key, 'modified', new.status, '', '', new.title,
      new.uri, ${before("old.acl_class")}, ${before("old.guard_acl_class")},
      ${after("new.acl_class")}, ${after("new.guard_acl_class")}, 0, new.updated_at
    where ${runningJob} is not null
    on conflict (job_sequence, document_id) do update set
      acl_after = excluded.acl_after,
      guard_after = excluded.guard_after;
  end`,
  // A list that all its documents share and that says something else now.
  `create trigger sync_report_after_class after update of canonical on acl_class
  when new.canonical <> old.canonical begin
    insert into sync_report_class (job_sequence, acl_class, canonical_before, canonical_after)
    select j.sequence, new.id, old.canonical, new.canonical
    from acl_rule r
    join sync_job j on j.data_source_id = r.data_source_id
      and j.status in ('SYNCING', 'SYNCING_INDEXING', 'STOPPING')
    where r.acl_class = new.id
    on conflict (job_sequence, acl_class) do update set canonical_after = excluded.canonical_after;
  end`,
];

/** What a sync did with each document: one line per job and document. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
