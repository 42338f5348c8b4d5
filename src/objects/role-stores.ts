/** A role of an account elsewhere, and the name that its sessions get (2 to 64 characters). */
export type BucketRole = { readonly arn: string; readonly sessionName: string };

type Closable = { readonly close: () => Promise<void> };

/**
 * One store for each role and session name, made at its first use. Beyond `storesMax` the one that
 * was used longest ago is forgotten.
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
