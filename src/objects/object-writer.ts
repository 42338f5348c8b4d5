import type { Failed, ObjectStore } from "./object-store.ts";

/** Below this prefix, and nowhere else, objects are written: whose bucket it is will know them. */
export const exchangePrefix = "quarry-enrichment/";

type Where = {
  readonly bucket: string;
  /** `exchangePrefix` and one name. */
  readonly key: string;
  readonly signal?: AbortSignal;
};

/**
 * Puts content where a function can fetch it, and takes it away again. All else that is done with
 * buckets is reading.
 */
export type ObjectWriter = {
  readonly put: (
    request: Where & { readonly bytes: Uint8Array },
  ) => Promise<{ readonly kind: "stored" } | Failed>;
  /** An object that is not there is removed already. */
  readonly remove: (request: Where) => Promise<{ readonly kind: "removed" } | Failed>;
};

/** A store that can be written to. */
export type WritableStore = ObjectStore & ObjectWriter;

/** The name of an object below the prefix. @throws Error for any other key: that is a bug. */
export function exchangeName(key: string): string {
  const name = key.startsWith(exchangePrefix) ? key.slice(exchangePrefix.length) : "";
  if (!/^[a-zA-Z0-9-]{1,64}$/.test(name)) throw new Error(`"${key}" is no key to write to.`);
  return name;
}
