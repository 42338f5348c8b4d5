import type { ContentVault } from "../../core/content-cipher.ts";
import type { ExtractResult } from "../../documents/documents.ts";
import {
  type Database,
  type DocumentContent,
  documentContent,
  type WriteTransaction,
} from "../../store/store.ts";
import { isCompressible, mimeTypeOf } from "./mime.ts";
import { extractedContent } from "./text.ts";
import type { ContentSource, ContentStore } from "./content-store.ts";
import { keepsCopies } from "../stored-records.ts";

/** A copy that is on the disk, and that no document refers to yet. */
export type Copy = Omit<DocumentContent, "documentKey" | "version">;

/** Where copies of an application's documents go, sealed with its key; undefined where none are kept. */
export async function copiesFor(
  services: {
    readonly db: Database;
    readonly contents: ContentStore;
    readonly vault: ContentVault;
  },
  applicationId: string,
): Promise<ContentStore | undefined> {
  const { db, contents, vault } = services;
  if (!(await keepsCopies(db, applicationId))) return undefined;
  const cipher = await vault.cipherOf(applicationId);
  if (cipher.keys === undefined) return contents;
  return {
    ...contents,
    write: (source, isCompressible) => contents.write(source, isCompressible, cipher),
  };
}

type Extracted = Extract<ExtractResult, { readonly outcome: "extracted" }>;

/**
 * Writes the copy of a document that has been read. Where a function changed what was indexed, its
 * text cannot be had from the bytes any more, so it is kept at once.
 */
export async function writeCopy(
  contents: ContentStore,
  read: {
    readonly source: ContentSource;
    readonly result: Extracted;
    readonly indexed: Extracted;
    readonly isChanged: boolean;
    readonly fileName: string;
    readonly contentType: string | undefined;
  },
): Promise<Copy> {
  const { source, result, indexed, isChanged, fileName, contentType = "" } = read;
  const file = await contents.write(source, isCompressible(result.format));
  const textFile = isChanged
    ? await contents.write({ bytes: extractedContent(indexed) }, true)
    : "";
  return { file, textFile, mimeType: mimeTypeOf(result.format), fileName, contentType };
}

/** A published version with what it has been made of. */
export type CopiedDocument = {
  readonly document: { readonly key: number; readonly version: number };
  /** Undefined where the document has no content. */
  readonly copy?: Copy | undefined;
};

/** Remembers the copies of documents, in the transaction that publishes them. */
export async function storeCopies(
  trx: WriteTransaction,
  published: readonly CopiedDocument[],
): Promise<void> {
  const copies = published.flatMap(({ document: { key: documentKey, version }, copy }) =>
    copy === undefined ? [] : [{ documentKey, version, ...copy }],
  );
  await documentContent.putMany(trx, copies);
  const without = published.filter(({ copy }) => copy === undefined);
  await documentContent.removeMany(
    trx,
    without.map(({ document }) => document.key),
  );
}

/** Puts files in their place once documents refer to them, and removes those of all others. */
export async function settleCopies(
  contents: ContentStore,
  outcomes: readonly { readonly isCurrent: boolean; readonly copy: Copy | undefined }[],
): Promise<void> {
  const files = (isCurrent: boolean): readonly string[] =>
    outcomes
      .filter((outcome) => outcome.isCurrent === isCurrent)
      .flatMap(({ copy }) => (copy === undefined ? [] : [copy.file, copy.textFile]))
      .filter((file) => file !== "");
  await contents.settle(files(true));
  await contents.discard(files(false));
}
