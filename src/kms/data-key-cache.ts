import type { Clock } from "../core/clock.ts";

/** Plain data keys by name, for a short time. */
export type DataKeyCache = {
  /** The key kept under `name`, if it is not too old and the KMS key has not changed since. */
  readonly find: (name: string, stamp: string) => Uint8Array | undefined;
  readonly keep: (name: string, stamp: string, key: Uint8Array) => void;
  readonly size: () => number;
};

/** What is kept in memory at most. */
export const cacheLimits = { entriesMax: 1000, ageMsMax: 5 * 60_000 } as const;

/**
 * Keeps unwrapped data keys. Each carries a *stamp* of the KMS key as it was: with the first change
 * of that key (disabled, another policy, a grant revoked) everything kept for it is worth nothing.
 */
export function createDataKeyCache(options: {
  readonly now: Clock;
  readonly entriesMax?: number;
  readonly ageMsMax?: number;
}): DataKeyCache {
  const { now, entriesMax = cacheLimits.entriesMax, ageMsMax = cacheLimits.ageMsMax } = options;
  const entries = new Map<string, { stamp: string; key: Uint8Array; until: number }>();
  return {
    find: (name, stamp) => {
      const found = entries.get(name);
      if (found === undefined) return undefined;
      entries.delete(name);
      if (found.stamp !== stamp || found.until <= now().getTime()) return undefined;
      // Set again, so that the oldest in the map is the one that nobody has asked for longest.
      entries.set(name, found);
      return found.key;
    },
    keep: (name, stamp, key) => {
      entries.delete(name);
      entries.set(name, { stamp, key, until: now().getTime() + ageMsMax });
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax) break;
        entries.delete(oldest);
      }
    },
    size: () => entries.size,
  };
}
