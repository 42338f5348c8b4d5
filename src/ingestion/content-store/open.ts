import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  type ContentCipher,
  ContentLockedError,
  type ContentVault,
} from "../../core/content-cipher.ts";
import type { Extractor } from "../../documents/documents.ts";
import {
  type Database,
  type Document,
  type DocumentContent,
  documentContent,
  documents,
} from "../../store/store.ts";
import { type ContentClaims, readContentToken, writeContentToken } from "./address.ts";
import { extractedContent } from "./text.ts";
import type { ContentSource, ContentStore } from "./content-store.ts";

/** What an address leads to. */
export type OpenedContent = {
  readonly mimeType: string;
  /** Without folders. */
  readonly fileName: string;
  readonly body: AsyncIterable<Uint8Array>;
};

/** Addresses of copies. Who may have one, the caller decides. */
export type Contents = {
  /**
   * Makes the token of an address that opens one form of a document's published version for five
   * minutes ("GetDocumentContent", API reference). Undefined where there is no copy of it.
   *
   * @throws Error where the text cannot be extracted any more, ContentLockedError.
   */
  readonly address: (
    document: Pick<Document, "key" | "publishedVersion">,
    request: { readonly form: ContentClaims["form"]; readonly now: Date; readonly key: Uint8Array },
  ) => Promise<{ readonly token: string; readonly mimeType: string } | undefined>;
  /** Opens what a token says, unless it has expired, or the document has changed, gone or is locked. */
  readonly open: (
    token: string,
    request: { readonly now: Date; readonly key: Uint8Array },
  ) => Promise<OpenedContent | undefined>;
};

const validMs = 5 * 60_000;
const extractedType = "application/json";

/** Addresses over the copies of a store. */
export function createContents(services: {
  readonly db: Database;
  readonly contents: ContentStore;
  readonly vault: ContentVault;
  readonly extractor: Extractor;
  readonly temporaryDir: string;
}): Contents {
  const { db, contents } = services;
  const cipherOf = async (documentKey: number): Promise<ContentCipher | undefined> => {
    const row = await documents.findByKey(db.read, documentKey);
    return row && services.vault.cipherOf(row.applicationId);
  };
  // Whoever asks again while a text is being extracted waits for the same one.
  const extracting = new Map<string, Promise<boolean>>();
  const hasText = (copy: DocumentContent, cipher: ContentCipher): Promise<boolean> => {
    if (copy.textFile !== "") return Promise.resolve(true);
    const running = extracting.get(copy.file) ?? extractText(services, copy, cipher);
    extracting.set(copy.file, running);
    return running.finally(() => extracting.delete(copy.file));
  };
  return {
    address: async ({ key: documentKey, publishedVersion: version }, { form, now, key }) => {
      const copy = await documentContent.find(db.read, documentKey);
      if (copy?.version !== version) return undefined;
      const cipher = await cipherOf(documentKey);
      if (cipher === undefined) return undefined;
      if (form === "EXTRACTED" && !(await hasText(copy, cipher))) return undefined;
      const expiresAt = new Date(now.getTime() + validMs);
      const token = writeContentToken({ documentKey, version, form, expiresAt }, key);
      return { token, mimeType: form === "RAW" ? copy.mimeType : extractedType };
    },
    open: async (token, { now, key }) => {
      const claims = readContentToken(token, key, now);
      if (claims === undefined) return undefined;
      const { documentKey, version, form } = claims;
      const row = await documents.findByKey(db.read, documentKey);
      const copy = await documentContent.find(db.read, documentKey);
      if (row?.publishedVersion !== version || copy?.version !== version) return undefined;
      const isRaw = form === "RAW";
      const cipher = await services.vault.cipherOf(row.applicationId).catch(ifLocked);
      if (cipher === undefined) return undefined;
      const body = await contents.read(isRaw ? copy.file : copy.textFile, cipher);
      if (body === undefined) return undefined;
      const name = basename(copy.fileName);
      return isRaw
        ? { body, fileName: name, mimeType: copy.mimeType }
        : { body, fileName: `${name}.json`, mimeType: extractedType };
    },
  };
}

/** Reads a copy once more and keeps its text; false where the copy has been replaced meanwhile. */
async function extractText(
  { db, contents, extractor, temporaryDir }: Parameters<typeof createContents>[0],
  { documentKey, file, fileName, contentType }: DocumentContent,
  cipher: ContentCipher,
): Promise<boolean> {
  const body = await contents.read(file, cipher);
  if (body === undefined) return false;
  const type = contentType === "" ? {} : { contentType };
  const result = await withSource(body, { temporaryDir, cipher }, (source) =>
    extractor.extract({ ...source, fileName, ...type }),
  );
  if (result.outcome !== "extracted") throw new Error(result.reason);
  const textFile = await contents.write({ bytes: extractedContent(result) }, true, cipher);
  const isKept = await db.write((trx) =>
    documentContent.setTextFile(trx, { documentKey, file, textFile }),
  );
  await (isKept ? contents.settle([textFile]) : contents.discard([textFile]));
  return isKept;
}

/** Content to be read once more: in a file, or in memory where it must not lie open on the disk. */
async function withSource<T>(
  body: AsyncIterable<Uint8Array>,
  { temporaryDir, cipher }: { readonly temporaryDir: string; readonly cipher: ContentCipher },
  use: (source: ContentSource) => Promise<T>,
): Promise<T> {
  if (cipher.keys !== undefined) return use({ bytes: await bytesOf(body) });
  const folder = await mkdtemp(join(temporaryDir, "text-"));
  try {
    const path = join(folder, "content");
    await writeFile(path, body, { mode: 0o600 });
    return await use({ path });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

function ifLocked(error: unknown): undefined {
  if (!(error instanceof ContentLockedError)) throw error;
}
