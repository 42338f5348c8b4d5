import { type Kysely, sql } from "kysely";

// Whatever takes a document's row away, or gives it another copy, leaves the old file's name in
// `content_garbage` in the same transaction: a file is removed only after that has been committed.
const statements = [
  `create table document_content (
    document_key integer primary key,
    version integer not null,
    file text not null,
    mime_type text not null,
    content_type text not null,
    file_name text not null,
    text_file text not null
  )`,
  `create unique index document_content_by_file on document_content (file)`,
  `create index document_content_by_text_file on document_content (text_file)
    where text_file <> ''`,
  `create table content_garbage (file text not null primary key) without rowid`,
  `create trigger document_content_after_document after delete on document begin
    delete from document_content where document_key = old.key;
  end`,
  `create trigger document_content_after_delete after delete on document_content begin
    insert or ignore into content_garbage (file) values (old.file);
    insert or ignore into content_garbage (file) select old.text_file where old.text_file <> '';
  end`,
  `create trigger document_content_after_update after update on document_content begin
    insert or ignore into content_garbage (file) select old.file where old.file <> new.file;
    insert or ignore into content_garbage (file)
      select old.text_file where old.text_file <> '' and old.text_file <> new.text_file;
  end`,
];

/** Copies of what was ingested, one of each published document. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
