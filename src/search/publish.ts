// Changes of an index, inside the transaction of whoever decides on them: all of it or nothing.
import { type ContentCipher, plainCipher } from "../core/content-cipher.ts";
import { aclChanges, chunks, segments, type WriteTransaction } from "../store/store.ts";
import { sealBlobs, sealDocuments } from "./sealing.ts";
import type { PreparedDocuments } from "./thread-messages.ts";

/** Makes prepared documents the ones that answer questions, instead of their older versions. */
export async function publish(
  trx: WriteTransaction,
  indexId: string,
  { documents, segment }: PreparedDocuments,
  cipher: ContentCipher = plainCipher,
): Promise<void> {
  if (documents.length === 0) return;
  const { sequence } = await segments.advance(trx, indexId, "content");
  const keys = documents.map((document) => document.documentKey);
  const replaced = await chunks.remove(trx, indexId, keys);
  // Tombstones reach only segments with a lower number, so not the new one.
  await segments.bury(
    trx,
    indexId,
    replaced.map((documentKey) => ({ documentKey, sequence })),
  );
  await chunks.insert(trx, { indexId, sequence }, sealDocuments(cipher, indexId, documents));
  const id = await segments.begin(trx, indexId);
  const parts = sealBlobs(cipher, id, segment.blobs);
  await segments.insertParts(trx, id, parts);
  const bytes = parts.reduce((sum, { data }) => sum + data.length, 0);
  const { chunks: count, documents: size } = segment;
  await segments.activate(trx, { id, sequence, chunks: count, documents: size, bytes });
}

/** Removes documents; keys that the index does not have are no error. */
export async function remove(
  trx: WriteTransaction,
  indexId: string,
  documentKeys: readonly number[],
): Promise<void> {
  const gone = await chunks.remove(trx, indexId, [...new Set(documentKeys)]);
  if (gone.length === 0) return;
  const { sequence } = await segments.advance(trx, indexId, "content");
  await segments.bury(
    trx,
    indexId,
    gone.map((documentKey) => ({ documentKey, sequence })),
  );
}

/** Gives published documents another ACL class; their text stays where it is. */
export async function reclassify(
  trx: WriteTransaction,
  indexId: string,
  change: { readonly documentKeys: readonly number[]; readonly aclClass: number },
): Promise<void> {
  if (change.documentKeys.length === 0) return;
  const { sequence } = await segments.advance(trx, indexId, "content");
  await aclChanges.put(trx, { indexId, sequence }, change);
}
