import { type Document, documents, type WriteTransaction } from "../store/store.ts";
import { exceeds, type IndexLimits, type IndexStatistics } from "./sync/capacity.ts";

/** Documents that an index has no room for, by key, with the reason. */
export type Refusals = ReadonlyMap<number, string>;

/**
 * Finds those of an index's documents that would make it larger than its capacity, in the
 * transaction that would publish them; in their order, as long as there is room.
 */
export async function refusalsOf(
  trx: WriteTransaction,
  indexId: string,
  read: readonly { readonly document: { readonly key: number }; readonly textBytes: number }[],
  { rows, limits }: { readonly rows: ReadonlyMap<number, Document>; readonly limits: IndexLimits },
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
      refusals.set(document.key, messageOf(held, limits));
    } else {
      held = {
        documentCount: held.documentCount + change.documents,
        textBytes: held.textBytes + change.textBytes,
      };
    }
  }
  return refusals;
}

function messageOf(held: IndexStatistics, { units }: IndexLimits): string {
  const amount = `${held.documentCount} documents with ${held.textBytes} bytes of text`;
  const plural = units === 1 ? "unit" : "units";
  return `The index holds ${amount}, and its ${units} ${plural} cannot take this one. Add units with UpdateIndex, then put it again.`;
}
