import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import { type Log, reasonOf } from "../core/log.ts";
import { parseSchedule } from "../connectors/connectors.ts";
import {
  type Database,
  type Resource,
  resources,
  settings,
  syncJobs,
  type WriteTransaction,
} from "../store/store.ts";
import type { SourceRecord } from "./stored-records.ts";

const tickMs = 15_000;
const checkedAtSetting = "schedules.checkedAt";

/** Starts due syncs of scheduled data sources. */
export type Schedules = { readonly tick: () => Promise<void>; readonly close: () => void };

/**
 * Looks every 15 seconds which schedules have come due since the last look. After a standstill a
 * missed sync is started once. A tick that comes while the last sync still runs is dropped.
 */
export function startSchedules(options: {
  readonly db: Database;
  readonly accountId: string;
  readonly ids: Ids;
  readonly now: Clock;
  readonly log: Log;
  readonly start: (
    trx: WriteTransaction,
    source: Resource<SourceRecord>,
    executionId: string,
  ) => Promise<void>;
}): Schedules {
  const { db, now, log } = options;
  const tick = async (): Promise<void> => {
    const at = now();
    const scheduled = await scheduledSources(options);
    if (scheduled.length === 0) return;
    const before = await settings.find(db.read, checkedAtSetting);
    const checkedAt = before === undefined ? at : new Date(Number(before));
    for (const source of scheduled) {
      if (isDue(source, checkedAt, at)) await startOne(options, source);
    }
    await db.write((trx) => settings.put(trx, checkedAtSetting, String(at.getTime())));
  };
  const timer = setInterval(() => {
    tick().catch((error: unknown) => log("error", "schedule.failed", { reason: reasonOf(error) }));
  }, tickMs);
  timer.unref();
  return { tick, close: () => clearInterval(timer) };
}

async function scheduledSources({
  db,
  accountId,
}: {
  readonly db: Database;
  readonly accountId: string;
}): Promise<readonly Resource<SourceRecord>[]> {
  const query = { accountId, kind: "dataSource" as const, limit: 10_000 };
  const sources = await resources.list<SourceRecord>(db.read, query);
  return sources.filter(({ status, record }) => status === "ACTIVE" && record.syncSchedule);
}

function isDue(source: Resource<SourceRecord>, checkedAt: Date, now: Date): boolean {
  const schedule = parseSchedule(source.record.syncSchedule ?? "");
  if (schedule === undefined || "error" in schedule) return false;
  const from = source.updatedAt > checkedAt ? source.updatedAt : checkedAt;
  const next = schedule.nextRun(from);
  return next !== undefined && next <= now;
}

async function startOne(
  options: Parameters<typeof startSchedules>[0],
  source: Resource<SourceRecord>,
): Promise<void> {
  await options.db.write(async (trx) => {
    if ((await syncJobs.findRunning(trx, source.id)) !== undefined) return;
    await options.start(trx, source, options.ids.uuid());
  });
}
