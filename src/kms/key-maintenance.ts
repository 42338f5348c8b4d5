import type { Clock } from "../core/clock.ts";
import { type Log, reasonOf } from "../core/log.ts";
import { type Database, kmsStore } from "../store/store.ts";

const everyMs = 60_000;

/** Work on keys that nobody asks for. */
export type KeyMaintenance = AsyncDisposable & {
  /** Does what is due now. */
  readonly tick: () => Promise<void>;
};

/**
 * Destroys keys whose waiting period is over, and lets unwrapped data keys go that are old, once a
 * minute. A key counts as gone from its date on, whenever it is destroyed.
 */
export function startKeyMaintenance(options: {
  readonly db: Database;
  readonly vault: { readonly sweep: () => void };
  readonly now: Clock;
  readonly log: Log;
}): KeyMaintenance {
  const { db, vault, now, log } = options;
  const tick = async (): Promise<void> => {
    vault.sweep();
    const at = now();
    // Looking is a read; a write would wait for the disk.
    if (!(await kmsStore.hasExpiredKeys(db.read, at))) return;
    for (const { arn } of await db.write((trx) => kmsStore.removeExpiredKeys(trx, at))) {
      log("info", "kms.key-destroyed", { key: arn });
    }
  };
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(tick).catch((error: unknown) => {
      log("warn", "kms.maintenance", { reason: reasonOf(error) });
    });
  }, everyMs);
  timer.unref();
  return {
    tick,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
