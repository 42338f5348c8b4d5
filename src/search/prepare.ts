// Documents to blobs, in a search thread: for publishing, and again from stored chunks for a rebuild.
import type { Chunk } from "../documents/documents.ts";
import { chunks, type Readable } from "../store/store.ts";
import {
  buildSegment,
  type IndexableDocument,
  packAttributes,
  packChunks,
  unpackAttributes,
  unpackChunks,
} from "./segment-builder.ts";
import type { PreparedDocuments, RebuiltBatch } from "./thread-messages.ts";

/** Documents of one step of a rebuild. */
const documentsPerBatch = 500;

/** Counts, encodes and compresses; nothing is stored yet. */
export function prepareDocuments(documents: readonly IndexableDocument[]): PreparedDocuments {
  return {
    segment: buildSegment(documents),
    documents: documents.map((document) => ({
      documentKey: document.documentKey,
      version: document.version,
      aclClass: document.aclClass,
      title: document.title,
      attributes: packAttributes(document.attributes),
      chunks: document.chunks.length,
      pages: packChunks(document.chunks),
    })),
  };
}

/**
 * A segment of the next documents with keys above `after` that were published up to `sequence`.
 * Documents whose stored text cannot be read are left out and named.
 */
export async function rebuildBatch(
  db: Readable,
  range: { readonly indexId: string; readonly after: number; readonly sequence: number },
): Promise<RebuiltBatch> {
  const rows = await chunks.listWithPages(db, range.indexId, {
    after: range.after,
    sequence: range.sequence,
    limit: documentsPerBatch,
  });
  const damaged: number[] = [];
  const documents: IndexableDocument[] = [];
  for (const row of rows) {
    const document = readBack(row);
    if (document === undefined) damaged.push(row.documentKey);
    else documents.push(document);
  }
  const last = rows.length < documentsPerBatch ? undefined : rows.at(-1)?.documentKey;
  return { segment: buildSegment(documents), damaged, last };
}

function readBack(row: chunks.DocumentPages): IndexableDocument | undefined {
  let read: readonly Chunk[];
  try {
    read = row.pages.flatMap(unpackChunks);
  } catch {
    // The decompressor checks the checksum; which way a page is broken does not matter.
    return undefined;
  }
  if (read.length !== row.chunks) return undefined;
  return { ...row, attributes: unpackAttributes(row.attributes), chunks: read };
}
