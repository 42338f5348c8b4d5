import type { Quotas } from "../core/quotas.ts";

/** Documents and bytes of extracted text that an index takes, whichever comes first. */
export type IndexLimits = {
  readonly units: number;
  readonly documentsMax: number;
  readonly textBytesMax: number;
};

/** What an index holds. */
export type IndexStatistics = { readonly documentCount: number; readonly textBytes: number };

/** The capacity of an index by its units ("Amazon Q Business index types", user guide). */
export function limitsOf(
  units: number,
  { documentsPerUnit, textBytesPerUnit }: Pick<Quotas, "documentsPerUnit" | "textBytesPerUnit">,
): IndexLimits {
  return { units, documentsMax: units * documentsPerUnit, textBytesMax: units * textBytesPerUnit };
}

/** Can an index take no new document at all? Then none need be fetched. */
export function isFull(held: IndexStatistics, limits: IndexLimits): boolean {
  return held.documentCount >= limits.documentsMax || held.textBytes >= limits.textBytesMax;
}

/**
 * Does an index become larger than its capacity by a change? One that makes it no larger is always
 * taken, so that documents of a full index can still shrink.
 */
export function exceeds(
  held: IndexStatistics,
  change: { readonly documents: number; readonly textBytes: number },
  limits: IndexLimits,
): boolean {
  const { documents, textBytes } = change;
  const isTooMany = documents > 0 && held.documentCount + documents > limits.documentsMax;
  return isTooMany || (textBytes > 0 && held.textBytes + textBytes > limits.textBytesMax);
}

/**
 * Why a document was not taken, and what its owner can do.
 *
 * @param advice what to do once there is room
 */
export function capacityMessage(
  held: IndexStatistics,
  { units }: Pick<IndexLimits, "units">,
  advice: string,
): string {
  const amount = `${held.documentCount} documents with ${held.textBytes} bytes of text`;
  const plural = units === 1 ? "unit" : "units";
  return `The index holds ${amount}, and its ${units} ${plural} cannot take this one. Add units with UpdateIndex${advice}`;
}
