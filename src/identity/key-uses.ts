import { type Database, type IamEntityRecord, iamStore } from "../store/store.ts";
import type { Caller } from "./caller.ts";

/** When and for what a key last signed a request. */
export type KeyUse = {
  readonly usedAt: Date;
  /** `qbusiness`, `iam`, `sts`, `kms`. */
  readonly service: string;
  readonly region: string;
};

/** As it stands in a user's record, by the id of the key. */
type StoredUses = Readonly<
  Record<string, { readonly at: number; readonly service: string; readonly region: string }>
>;
type UserRecord = IamEntityRecord & { readonly keyUses?: StoredUses };

type Noted = KeyUse & { readonly entityId: string };

const batchMs = 60_000;

/** The last uses of access keys. */
export type KeyUses = {
  readonly note: (caller: Caller, use: KeyUse) => void;
  /** Undefined for a key that has never been used. */
  readonly find: (key: {
    readonly id: string;
    readonly entityId: string;
  }) => Promise<KeyUse | undefined>;
  /** Stores what has been noted; to be awaited before the process ends. */
  readonly flush: () => Promise<void>;
};

/**
 * Keeps the last use of each user's keys. A use costs an entry in memory; entries are stored
 * together, a minute after the first of them at the earliest. A process that is killed forgets the
 * last minute, where the service itself is hours late ("GetAccessKeyLastUsed", IAM API Reference).
 */
export function createKeyUses(db: Database): KeyUses {
  let noted = new Map<string, Noted>();
  let since: number | undefined;

  const flush = async (): Promise<void> => {
    const batch = noted;
    noted = new Map();
    since = undefined;
    if (batch.size === 0) return;
    try {
      await store(db, batch);
    } catch (error) {
      // Later uses win over those that have to wait for the next batch.
      noted = new Map([...batch, ...noted]);
      throw error;
    }
  };

  return {
    flush,
    note: ({ accessKeyId, entityId }, use) => {
      if (accessKeyId === undefined || entityId === undefined) return;
      noted.set(accessKeyId, { ...use, entityId });
      since ??= use.usedAt.getTime();
      if (use.usedAt.getTime() - since < batchMs) return;
      // A failure is no reason to refuse the request: the entries wait, and a minute passes again.
      void flush().catch(() => (since = use.usedAt.getTime()));
    },
    find: async ({ id, entityId }) => {
      const known = noted.get(id);
      if (known !== undefined) {
        const { usedAt, service, region } = known;
        return { usedAt, service, region };
      }
      const user = await iamStore.findEntityById(db.read, entityId);
      const { keyUses = {} }: UserRecord = user?.record ?? {};
      const stored = Object.hasOwn(keyUses, id) ? keyUses[id] : undefined;
      if (stored === undefined) return undefined;
      const { at, ...rest } = stored;
      return { usedAt: new Date(at), ...rest };
    },
  };
}

/** Writes uses into the records of their users, and forgets those of keys that are gone. */
async function store(db: Database, batch: ReadonlyMap<string, Noted>): Promise<void> {
  const entityIds = new Set([...batch.values()].map(({ entityId }) => entityId));
  await db.write(async (trx) => {
    for (const entityId of entityIds) {
      const user = await iamStore.findEntityById(trx, entityId);
      if (user === undefined) continue;
      const record: UserRecord = user.record;
      const keys = await iamStore.listKeys(trx, entityId);
      const keyUses = keys.flatMap(({ id }) => {
        const use = batch.get(id);
        const stored = use && {
          at: use.usedAt.getTime(),
          service: use.service,
          region: use.region,
        };
        const kept = stored ?? record.keyUses?.[id];
        return kept === undefined ? [] : [[id, kept] as const];
      });
      const changed: UserRecord = { ...record, keyUses: Object.fromEntries(keyUses) };
      await iamStore.setRecord(trx, entityId, changed);
    }
  });
}
