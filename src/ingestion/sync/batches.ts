import {
  type FailItem,
  type Fingerprint,
  isScanned,
  type PlanItem,
  type PutItem,
} from "../../connectors/connectors.ts";
import type { SyncLedger } from "./ledger.ts";

/** Documents that are fetched and published together, and what was seen on the way to them. */
export type SyncBatch = {
  readonly puts: readonly PutItem[];
  readonly fails: readonly FailItem[];
  /** Seen unchanged, with a fingerprint that has to be remembered anew. */
  readonly refreshed: readonly Extract<PlanItem, { action: "unmodified" }>[];
  /** Objects that count as scanned, from the start of the crawl to the end of this batch. */
  readonly scanned: number;
  readonly deletes: readonly Extract<PlanItem, { action: "delete" }>[];
  /** Must this batch, and all before it, be stored before the plan goes on? */
  readonly isBarrier: boolean;
  /** The last item of the plan, in the last batch. */
  readonly end: Extract<PlanItem, { action: "end" | "listingFailed" }> | undefined;
};

const documentsMax = 64;
const bytesMax = 32 * 1024 * 1024;
/** Unchanged objects after which a batch is given out, so that counters move and a stop is seen. */
const seenMax = 5000;

/**
 * Cuts a plan into batches of bounded size, in its order, and tells the ledger where it is; `note`
 * is told of every item.
 */
export async function* cutBatches(
  plan: AsyncIterable<PlanItem>,
  ledger: Pick<SyncLedger, "arriveAt" | "arriveAtEnd">,
  note: (item: PlanItem) => Promise<void> | undefined = () => undefined,
): AsyncGenerator<SyncBatch> {
  let batch = emptyBatch();
  let scanned = 0;
  for await (const item of plan) {
    batch.seen += 1;
    if (isScanned(item)) scanned += 1;
    const noting = note(item);
    if (noting !== undefined) await noting;
    const remembered = arrive(ledger, item);
    addTo(batch, item, remembered);
    if (item.action === "end" || item.action === "listingFailed") {
      yield { ...batch, scanned, isBarrier: true, end: item };
      return;
    }
    const isBarrier = item.action === "crawled" || (batch.deletes.length > 0 && isFull(batch));
    if (isBarrier || isFull(batch)) {
      yield { ...batch, scanned, isBarrier, end: undefined };
      batch = emptyBatch();
    }
  }
  throw new Error("The plan of the sync stopped without an end.");
}

type OpenBatch = {
  readonly puts: PutItem[];
  readonly fails: FailItem[];
  readonly refreshed: Extract<PlanItem, { action: "unmodified" }>[];
  readonly deletes: Extract<PlanItem, { action: "delete" }>[];
  bytes: number;
  seen: number;
};

function emptyBatch(): OpenBatch {
  return { puts: [], fails: [], refreshed: [], deletes: [], bytes: 0, seen: 0 };
}

function arrive(
  ledger: Pick<SyncLedger, "arriveAt" | "arriveAtEnd">,
  item: PlanItem,
): Fingerprint | undefined {
  switch (item.action) {
    case "crawled":
      ledger.arriveAtEnd();
      return undefined;
    case "delete":
    case "end":
    case "listingFailed":
      return undefined;
    default:
      return ledger.arriveAt(item.key, { isDocument: item.action !== "skip" || isScanned(item) });
  }
}

function addTo(batch: OpenBatch, item: PlanItem, remembered: Fingerprint | undefined): void {
  switch (item.action) {
    case "add":
    case "modify":
      batch.puts.push(item);
      batch.bytes += item.object.sizeBytes;
      return;
    case "fail":
      batch.fails.push(item);
      return;
    case "unmodified":
      if (!isSame(item.fingerprint, remembered)) batch.refreshed.push(item);
      return;
    case "delete":
      batch.deletes.push(item);
      return;
    default:
  }
}

function isSame(fingerprint: Fingerprint, remembered: Fingerprint | undefined): boolean {
  // Almost always it is the very one that was remembered.
  if (fingerprint === remembered) return true;
  return JSON.stringify(fingerprint) === JSON.stringify(remembered);
}

function isFull({ puts, fails, refreshed, deletes, bytes, seen }: OpenBatch): boolean {
  const items = puts.length + fails.length + refreshed.length + deletes.length;
  return items >= documentsMax || bytes >= bytesMax || seen >= seenMax;
}
