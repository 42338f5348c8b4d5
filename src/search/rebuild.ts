// The next documents of an index, from their stored chunks, as a segment.
import { type ContentCipher, plainCipher } from "../core/content-cipher.ts";
import type { Chunk } from "../documents/documents.ts";
import { chunks, type Readable } from "../store/store.ts";
import {
  buildSegment,
  type IndexableDocument,
  unpackAttributes,
  unpackChunks,
} from "./segment-builder.ts";
import { openDocument } from "./sealing.ts";
import type { RebuiltBatch } from "./thread-messages.ts";

/** Documents of one step of a rebuild. */
const documentsPerBatch = 500;

/**
 * A segment of the next documents with keys above `after` that were published up to `sequence`.
 * Documents whose stored text cannot be read are left out and named.
 */
export async function rebuildBatch(
  db: Readable,
  range: { readonly indexId: string; readonly after: number; readonly sequence: number },
  cipher: ContentCipher = plainCipher,
): Promise<RebuiltBatch> {
  const rows = await chunks.listWithPages(db, range.indexId, {
    after: range.after,
    sequence: range.sequence,
    limit: documentsPerBatch,
  });
  const damaged: number[] = [];
  const documents: IndexableDocument[] = [];
  for (const row of rows) {
    const document = readBack(cipher, range.indexId, row);
    if (document === undefined) damaged.push(row.documentKey);
    else documents.push(document);
  }
  const last = rows.length < documentsPerBatch ? undefined : rows.at(-1)?.documentKey;
  return { segment: buildSegment(documents), damaged, last };
}

function readBack(
  cipher: ContentCipher,
  indexId: string,
  stored: chunks.DocumentPages,
): IndexableDocument | undefined {
  let row: chunks.DocumentPages;
  let read: readonly Chunk[];
  try {
    row = openDocument(cipher, indexId, stored);
    read = row.pages.flatMap(unpackChunks);
  } catch {
    // The decompressor checks the checksum; which way a page is broken does not matter.
    return undefined;
  }
  if (read.length !== row.chunks) return undefined;
  return { ...row, attributes: unpackAttributes(row.attributes), chunks: read };
}
