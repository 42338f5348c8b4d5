// Documents to blobs, ready to be stored.
import {
  buildSegment,
  type IndexableDocument,
  packAttributes,
  packChunks,
} from "./segment-builder.ts";
import type { PreparedDocuments } from "./thread-messages.ts";

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
