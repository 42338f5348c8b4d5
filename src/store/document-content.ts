// Copies of the documents' contents: which file holds whose. The files lie beside the database.
import { sql } from "kysely";
import type { Readable, WriteTransaction } from "./database.ts";

/** The copy of one published version. */
export type DocumentContent = {
  readonly documentKey: number;
  readonly version: number;
  /** Name of the file with the bytes as they came. */
  readonly file: string;
  readonly mimeType: string;
  /** How the bytes were read: `contentType` and name, for reading them again. */
  readonly contentType: string;
  readonly fileName: string;
  /** Name of the file with the extracted text; empty until somebody asked for it. */
  readonly textFile: string;
};

// A statement is prepared once per number of rows, so whole groups should be the rule.
const rowsPerStatement = 32;

/** Remembers copies, in the transaction that publishes their documents; earlier ones become garbage. */
export async function putMany(
  trx: WriteTransaction,
  contents: readonly DocumentContent[],
): Promise<void> {
  for (let begin = 0; begin < contents.length; begin += rowsPerStatement) {
    await trx
      .insertInto("document_content")
      .values(contents.slice(begin, begin + rowsPerStatement).map(toRow))
      .onConflict((conflict) =>
        conflict.column("document_key").doUpdateSet((e) => ({
          version: e.ref("excluded.version"),
          file: e.ref("excluded.file"),
          mime_type: e.ref("excluded.mime_type"),
          content_type: e.ref("excluded.content_type"),
          file_name: e.ref("excluded.file_name"),
          text_file: e.ref("excluded.text_file"),
        })),
      )
      .execute();
  }
}

function toRow(content: DocumentContent) {
  return {
    document_key: content.documentKey,
    version: content.version,
    file: content.file,
    mime_type: content.mimeType,
    content_type: content.contentType,
    file_name: content.fileName,
    text_file: content.textFile,
  };
}

/** Forgets the copies of documents that have no content any more. */
export async function removeMany(trx: WriteTransaction, keys: readonly number[]): Promise<void> {
  if (keys.length === 0) return;
  await trx.deleteFrom("document_content").where("document_key", "in", keys).execute();
}

/** The copy of a document. */
export async function find(
  db: Readable,
  documentKey: number,
): Promise<DocumentContent | undefined> {
  const row = await db
    .selectFrom("document_content")
    .select([
      "document_key as documentKey",
      "version",
      "file",
      "mime_type as mimeType",
      "content_type as contentType",
      "file_name as fileName",
      "text_file as textFile",
    ])
    .where("document_key", "=", documentKey)
    .executeTakeFirst();
  return row === undefined ? undefined : { ...row };
}

/** Adds the extracted text to a copy; false where the copy is another one by now. */
export async function setTextFile(
  trx: WriteTransaction,
  content: Pick<DocumentContent, "documentKey" | "file" | "textFile">,
): Promise<boolean> {
  const result = await trx
    .updateTable("document_content")
    .set({ text_file: content.textFile })
    .where("document_key", "=", content.documentKey)
    .where("file", "=", content.file)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Whether some copy is in that file. */
export async function isInUse(db: Readable, file: string): Promise<boolean> {
  const { rows } = await sql<{ found: number }>`
    select exists (select 1 from document_content where file = ${file})
      or exists (select 1 from document_content where text_file = ${file} and text_file <> '')
      as found
  `.execute(db);
  return rows[0]?.found === 1;
}

/** Files that nothing refers to any more. */
export async function listGarbage(db: Readable, limit: number): Promise<readonly string[]> {
  const rows = await db.selectFrom("content_garbage").select("file").limit(limit).execute();
  return rows.map(({ file }) => file);
}

/** Forgets files that are gone. */
export async function forgetGarbage(
  trx: WriteTransaction,
  files: readonly string[],
): Promise<void> {
  if (files.length === 0) return;
  await trx.deleteFrom("content_garbage").where("file", "in", files).execute();
}
