import type { ContentCipher } from "../core/content-cipher.ts";
import type { Document, DocumentScope, SyncJob } from "../store/store.ts";

/** A document by what it is called before it has a row. */
export type DocumentName = Omit<DocumentScope, "applicationId"> & { readonly documentId: string };

/** Where a part of a document is stored, for the cipher. */
export function documentPlace(
  { indexId, dataSourceId, documentId }: DocumentName,
  part: "title" | "uri" | "attributes" | "error" | "job",
): string {
  return `document/${JSON.stringify([indexId, dataSourceId, documentId])}/${part}`;
}

/** Where the message of a sync job is stored, for the cipher. */
export function syncPlace({ id }: Pick<SyncJob, "id">): string {
  return `sync/${id}/error`;
}

/** A stored document with its texts opened. Ids, keys of objects and states are never sealed. */
export function openDocument(cipher: ContentCipher, document: Document): Document {
  if (cipher.keys === undefined) return document;
  const open = (part: Parameters<typeof documentPlace>[1], text: string): string =>
    cipher.openText(documentPlace(document, part), text);
  return {
    ...document,
    title: open("title", document.title),
    uri: open("uri", document.uri),
    attributes: open("attributes", document.attributes),
    errorMessage: open("error", document.errorMessage),
  };
}

/** Opens parts of the documents of one data source, by their ids. */
export type OpenPart = (
  documentId: string,
  part: Parameters<typeof documentPlace>[1],
  text: string,
) => string;

/** Opens what reports say of documents: lines hold the very texts that stood in the documents. */
export function partOpener(
  cipher: ContentCipher,
  scope: Omit<DocumentName, "documentId">,
): OpenPart {
  if (cipher.keys === undefined) return (_documentId, _part, text) => text;
  return (documentId, part, text) =>
    cipher.openText(documentPlace({ ...scope, documentId }, part), text);
}
