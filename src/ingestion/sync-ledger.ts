import type { Fingerprint, Holder, IdLedger, KnownDocument } from "../connectors/connectors.ts";
import {
  connectorObjects,
  type Database,
  documentClaims,
  documents,
  type WriteTransaction,
} from "../store/store.ts";

const pageRows = 1000;

/**
 * The connector's memory of one data source, on the store. What the plan decides is kept here
 * until the batch it belongs to is stored (`flush`), so that planning does not wait for the disk.
 */
export type SyncLedger = IdLedger & {
  /** What is remembered, in byte order of the keys. */
  readonly known: () => AsyncIterable<KnownDocument>;
  /** The remembered fingerprint of a key that the plan is at, as JSON. */
  readonly rememberedJson: (key: string) => string | undefined;
  /** Stores what was decided up to a batch; called in the transaction that stores the batch. */
  readonly flush: (trx: WriteTransaction, batch: number) => Promise<void>;
  /** Ends a batch of decisions; gives its number for `settle`. */
  readonly endBatch: () => number;
  /** The documents of batches up to this one have rows now: the overlay may forget them. */
  readonly settle: (batch: number) => void;
};

type Step = {
  readonly batch: number;
  readonly kind: "take" | "release";
  readonly documentId: string;
  readonly key: string;
};

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
  const recent = new Map<string, string>();
  let steps: Step[] = [];
  let batch = 0;

  const holderOf = async (documentId: string): Promise<Holder | undefined> => {
    const decided = overlay.get(documentId);
    if (decided !== undefined) return decided.holder;
    const row = await documents.findById(db.read, { ...scope, documentId });
    if (row === undefined) return undefined;
    const { objectKey: key, isReleased, publishedVersion } = row;
    return { key, isReleased, isIndexed: publishedVersion > 0 };
  };

  const flush = async (trx: WriteTransaction, upTo: number): Promise<void> => {
    const due = steps.filter((step) => step.batch <= upTo);
    steps = steps.filter((step) => step.batch > upTo);
    for (const { kind, documentId, key: objectKey } of due) {
      const held = { ...scope, documentId, objectKey };
      if (kind === "take") await documentClaims.take(trx, held);
      else {
        await documentClaims.release(trx, held);
        await connectorObjects.remove(trx, { dataSourceId, objectKey });
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
      // The key itself is forgotten in any case.
      steps.push({ batch, kind: "release", documentId, key });
    },
    countReleased: async () => {
      await db.write((trx) => flush(trx, batch));
      return documentClaims.countReleased(db.read, dataSourceId);
    },
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
        for (const { objectKey: key, documentId, outcome, isIndexed, fingerprint } of page) {
          recent.set(key, fingerprint);
          yield {
            key,
            documentId,
            outcome,
            isIndexed,
            fingerprint: JSON.parse(fingerprint) as Fingerprint,
          };
        }
        const last = page.at(-1);
        if (last === undefined) return;
        after = last.objectKey;
      }
    },
    rememberedJson: (key) => {
      const json = recent.get(key);
      // Keys come in order: what lies before this one is not asked for any more.
      for (const earlier of recent.keys()) {
        recent.delete(earlier);
        if (earlier === key) break;
      }
      return json;
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
