import { type Document, documents, type WriteTransaction } from "../store/store.ts";
import { capacityMessage, exceeds, type IndexLimits, type IndexStatistics } from "./capacity.ts";

/** Documents that an index has no room for, by key, with the reason. */
export type Refusals = ReadonlyMap<number, string>;

/** What an index takes, and what the owner of a document that it does not take is to do then. */
export type Room = { readonly limits: IndexLimits; readonly advice: string };

/**
 * Finds those of an index's documents that would make it larger than its capacity, in the
 * transaction that would publish them; in their order, as long as there is room.
 */
export async function refusalsOf(
  trx: WriteTransaction,
  indexId: string,
  read: readonly { readonly document: { readonly key: number }; readonly textBytes: number }[],
  rows: ReadonlyMap<number, Document>,
  { limits, advice }: Room,
): Promise<Refusals> {
  let held: IndexStatistics = await documents.statistics(trx, indexId);
  const refusals = new Map<number, string>();
  for (const { document, textBytes } of read) {
    const before = rows.get(document.key);
    const isNew = before === undefined || before.publishedVersion === 0;
    const change = {
      documents: isNew ? 1 : 0,
      textBytes: textBytes - (before?.textBytes ?? 0),
    };
    if (exceeds(held, change, limits)) {
      refusals.set(document.key, capacityMessage(held, limits, advice));
    } else {
      held = {
        documentCount: held.documentCount + change.documents,
        textBytes: held.textBytes + change.textBytes,
      };
    }
  }
  return refusals;
}
