import type { Fingerprint } from "./fingerprint.ts";

/** What is remembered of an object that became, or should have become, a document. */
export type KnownDocument = {
  readonly key: string;
  /** The id it holds in the ledger; absent when it holds none. */
  readonly documentId?: string;
  /** For a `clash`: the id that another key held. For one `unsupported`: the id it would have. */
  readonly wantedId?: string;
  /**
   * `failed`: for a reason that lies in the document; tried again only when it changes.
   * `clash`: another key held its id; tried again when that one has gone.
   * `unsupported`: of a format that documents do not have; as `failed`, but no failure.
   * `unfinished`: interrupted, or failed for a passing reason; tried again at the next sync.
   */
  readonly outcome: "indexed" | "failed" | "clash" | "unsupported" | "unfinished";
  readonly fingerprint: Fingerprint;
};

/** Who holds a document id. */
export type Holder = {
  readonly key: string;
  readonly isIndexed: boolean;
  /** The crawl found nothing more for it: to be deleted unless another key takes it. */
  readonly isReleased: boolean;
};

/**
 * The ids of one data source and the keys that hold them. It outlives the sync: ids released and
 * not deleted (the safeguard, a crash) stay released until they are taken again or deleted.
 * Planning calls it only for documents that come, go or change their id.
 */
export type IdLedger = {
  readonly holderOf: (documentId: string) => Promise<Holder | undefined>;
  /** Makes `key` the holder, whoever it was; an indexed document stays indexed. */
  readonly take: (claim: { readonly documentId: string; readonly key: string }) => Promise<void>;
  /** Lets go of an id if `key` is its holder. An id that is not indexed is forgotten at once. */
  readonly release: (claim: { readonly documentId: string; readonly key: string }) => Promise<void>;
  /** A key still to come has lost its id: a sync that begins anew must not find it unchanged. */
  readonly evict: (key: string) => Promise<void>;
  readonly countReleased: () => Promise<number>;
  /** Ids released and indexed. */
  readonly released: () => AsyncIterable<{ readonly documentId: string; readonly key: string }>;
};

/**
 * A ledger in memory: for tests, and as the plain statement of what a stored one must do.
 *
 * @param known what the store remembers, released ids included
 */
export function createMemoryLedger(
  known: Iterable<{
    documentId: string;
    key: string;
    isIndexed: boolean;
    isReleased?: boolean;
  }> = [],
): IdLedger {
  const holders = new Map<string, Holder>();
  for (const { documentId, key, isIndexed, isReleased = false } of known) {
    holders.set(documentId, { key, isIndexed, isReleased });
  }
  const released = (): [string, Holder][] =>
    [...holders].filter(([, { isReleased }]) => isReleased);
  return {
    holderOf: async (documentId) => holders.get(documentId),
    async take({ documentId, key }) {
      const isIndexed = holders.get(documentId)?.isIndexed ?? false;
      holders.set(documentId, { key, isIndexed, isReleased: false });
    },
    async release({ documentId, key }) {
      const holder = holders.get(documentId);
      if (holder?.key !== key) return;
      if (holder.isIndexed) holders.set(documentId, { ...holder, isReleased: true });
      else holders.delete(documentId);
    },
    evict: async () => undefined,
    countReleased: async () => released().length,
    async *released() {
      for (const [documentId, { key }] of released()) yield { documentId, key };
    },
  };
}
