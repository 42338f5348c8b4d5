import { type Kysely, sql } from "kysely";

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
  `create trigger sync_report_after_document after update of sync_action on document
  when new.sync_id <> '' begin
    insert into sync_report (
      job_sequence, document_id, object_key, action, status, error_code, error_message, title, uri,
      acl_before, guard_before, acl_after, guard_after, counted, at
    )
    select
      sequence, new.document_id, new.object_key, new.sync_action, new.status, new.error_code,
      new.error_message, new.title, new.uri,
      iif(old.published_version = 0, 0, old.acl_class),
      iif(old.published_version = 0, 0, old.guard_acl_class),
      iif(new.published_version = 0, 0, new.acl_class),
      iif(new.published_version = 0, 0, new.guard_acl_class),
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
];

/** What a sync did with each document: one line per job and document. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
