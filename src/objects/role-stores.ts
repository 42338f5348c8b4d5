import type { ObjectStore } from "./object-store.ts";
import type { BucketRole } from "./role-credentials.ts";

type Closable = ObjectStore & { readonly close: () => Promise<void> };

/**
 * One store for each role and session name, made at its first use: the clients inside keep their
 * sessions, so a sync asks for one, and the next sync of the same data source within the hour for
 * none. Beyond `storesMax` the one that was used longest ago is forgotten.
 */
export function createRoleStores<Store extends Closable>(
  make: (role: BucketRole) => Store,
  storesMax: number,
): { readonly of: (role: BucketRole) => Store; readonly close: () => Promise<void> } {
  const stores = new Map<string, Store>();
  return {
    of(role) {
      const key = JSON.stringify([role.arn, role.sessionName]);
      const store = stores.get(key) ?? make(role);
      stores.delete(key);
      stores.set(key, store);
      // It is not closed: a sync may be reading with it, and idle connections end by themselves.
      if (stores.size > storesMax) stores.delete(stores.keys().next().value ?? "");
      return store;
    },
    close: async () => {
      await Promise.all([...stores.values()].map((store) => store.close()));
    },
  };
}
