import type { Fingerprint, Holder, IdLedger, KnownDocument } from "../../connectors/connectors.ts";
import { compareKeys } from "../../objects/objects.ts";
import {
  type ConnectorObject,
  connectorObjects,
  type Database,
  documentClaims,
  documents,
  type WriteTransaction,
} from "../../store/store.ts";

const pageRows = 1000;

/**
 * The connector's memory of one data source, on the store. What the plan decides is kept here
 * until the batch it belongs to is stored (`flush`), so that planning does not wait for the disk.
 */
export type SyncLedger = IdLedger & {
  /** What is remembered, in byte order of the keys, in pages. */
  readonly known: () => AsyncIterable<readonly KnownDocument[]>;
  /**
   * Says that the plan is at a key, and gives its remembered fingerprint. Remembered keys
   * that it went past are gone from the bucket and are forgotten; so is this one if it is no
   * document any more.
   */
  readonly arriveAt: (key: string, is: { readonly isDocument: boolean }) => Fingerprint | undefined;
  /** The crawl is complete: what it did not come to is gone. */
  readonly arriveAtEnd: () => void;
  /** Stores what was decided up to a batch; called in the transaction that stores the batch. */
  readonly flush: (trx: WriteTransaction, batch: number) => Promise<void>;
  /** Ends a batch of decisions; gives its number for `settle`. */
  readonly endBatch: () => number;
  /** The documents of batches up to this one have rows now: the overlay may forget them. */
  readonly settle: (batch: number) => void;
};

type Step = { readonly batch: number; readonly key: string } & (
  | { readonly kind: "take" | "release"; readonly documentId: string }
  | { readonly kind: "forget" }
  | { readonly kind: "evict" }
);

/** Opens the ledger of a data source. */
export function createSyncLedger(
  db: Database,
  scope: { readonly indexId: string; readonly dataSourceId: string },
): SyncLedger {
  const { dataSourceId } = scope;
  const overlay = new Map<
    string,
    { readonly holder: Holder | undefined; readonly batch: number }
  >();
  const recent = new Map<string, Fingerprint>();
  let steps: Step[] = [];
  let batch = 0;

  const holderOf = async (documentId: string): Promise<Holder | undefined> => {
    const decided = overlay.get(documentId);
    if (decided !== undefined) return decided.holder;
    const row = await documents.findById(db.read, { ...scope, documentId });
    // A row without a key tells of a failure and holds nothing.
    if (row === undefined || row.objectKey === "") return undefined;
    const { objectKey: key, isReleased, publishedVersion } = row;
    return { key, isReleased, isIndexed: publishedVersion > 0 };
  };

  const forget = (key: string): void => {
    recent.delete(key);
    steps.push({ batch, kind: "forget", key });
  };

  const flush = async (trx: WriteTransaction, upTo: number): Promise<void> => {
    const due = steps.filter((step) => step.batch <= upTo);
    steps = steps.filter((step) => step.batch > upTo);
    for (const step of due) {
      const objectKey = step.key;
      if (step.kind === "forget") await connectorObjects.remove(trx, { dataSourceId, objectKey });
      else if (step.kind === "evict") {
        await connectorObjects.markUnfinished(trx, { dataSourceId, objectKey });
      } else {
        const held = { ...scope, documentId: step.documentId, objectKey };
        if (step.kind === "take") await documentClaims.take(trx, held);
        else await documentClaims.release(trx, held);
      }
    }
  };

  return {
    holderOf,
    take: async ({ documentId, key }) => {
      const holder = await holderOf(documentId);
      const isIndexed = holder?.isIndexed ?? false;
      overlay.set(documentId, { holder: { key, isIndexed, isReleased: false }, batch });
      // A document without a row gets one, with this key, when its batch is accepted.
      if (holder !== undefined) steps.push({ batch, kind: "take", documentId, key });
    },
    release: async ({ documentId, key }) => {
      const holder = await holderOf(documentId);
      if (holder?.key === key) {
        const released = holder.isIndexed ? { ...holder, isReleased: true } : undefined;
        overlay.set(documentId, { holder: released, batch });
      }
      steps.push({ batch, kind: "release", documentId, key });
    },
    evict: async (key) => void steps.push({ batch, kind: "evict", key }),
    // The plan has waited until all that it decided was stored.
    countReleased: () => documentClaims.countReleased(db.read, dataSourceId),
    async *released() {
      for (let after = 0; ;) {
        const query = { dataSourceId, after, limit: pageRows };
        const page = await documentClaims.listReleased(db.read, query);
        for (const row of page) yield { documentId: row.documentId, key: row.objectKey };
        const last = page.at(-1);
        if (last === undefined) return;
        after = last.key;
      }
    },
    async *known() {
      for (let after = ""; ;) {
        const query = { dataSourceId, after, limit: pageRows };
        const page = await connectorObjects.list(db.read, query);
        const known = page.map(knownOf);
        for (const { key, fingerprint } of known) recent.set(key, fingerprint);
        yield known;
        const last = page.at(-1);
        if (last === undefined) return;
        after = last.objectKey;
      }
    },
    arriveAt: (key, { isDocument }) => {
      const fingerprint = recent.get(key);
      for (const earlier of recent.keys()) {
        if (earlier === key && isDocument) recent.delete(key);
        else if (earlier === key || compareKeys(earlier, key) < 0) forget(earlier);
        else break;
      }
      return fingerprint;
    },
    arriveAtEnd: () => {
      for (const key of recent.keys()) forget(key);
    },
    flush,
    endBatch: () => {
      batch += 1;
      return batch - 1;
    },
    settle: (settled) => {
      for (const [documentId, entry] of overlay) {
        if (entry.batch > settled) break;
        overlay.delete(documentId);
      }
    },
  };
}

function knownOf(object: ConnectorObject): KnownDocument {
  const { objectKey: key, documentId, wantedId, outcome } = object;
  return {
    key,
    ...(documentId === "" ? {} : { documentId }),
    ...(wantedId === "" ? {} : { wantedId }),
    outcome,
    fingerprint: JSON.parse(object.fingerprint) as Fingerprint,
  };
}
