/** What a reading connection has read lately, by key. */
type Reads = { byKey: Map<string, unknown> };

const readsOf = new WeakMap<object, Reads>();
const entriesMax = 10_000;

/**
 * Lets `cachedRead` remember what is read through this connection. The result forgets everything;
 * it has to be called after each commit, before whoever asked for the change hears of it.
 */
export function rememberReads(db: object): () => void {
  const reads: Reads = { byKey: new Map() };
  readsOf.set(db, reads);
  return () => {
    // A new map, not an emptied one: a read that began before the commit must not land in it.
    reads.byKey = new Map();
  };
}

/**
 * The value of `key`, read at most once between two commits. Only what exists is kept: made-up ids
 * must not push out real ones. Values are shared, so nobody may change them. A transaction, which
 * sees changes of its own, always reads.
 */
export async function cachedRead<T>(
  db: object,
  key: string,
  load: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const into = readsOf.get(db)?.byKey;
  if (into === undefined) return load();
  // Each key is read by one function, so what stands there is of its type.
  const known = into.get(key) as T | undefined;
  if (known !== undefined) return known;
  const found = await load();
  if (found === undefined) return undefined;
  if (into.size >= entriesMax) into.clear();
  into.set(key, found);
  return found;
}
