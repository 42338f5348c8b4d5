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
    // Before the first look nothing was missed but what came due since a schedule was set.
    const checkedAt = new Date(Number((await settings.find(db.read, checkedAtSetting)) ?? 0));
    for (const { id } of scheduled.filter((source) => isDue(source, checkedAt, at))) {
      await startOne(options, id, (source) => isDue(source, checkedAt, at));
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
  return sources.filter(({ record }) => record.syncSchedule);
}

function isDue(source: Resource<SourceRecord>, checkedAt: Date, now: Date): boolean {
  if (source.status !== "ACTIVE") return false;
  const schedule = parseSchedule(source.record.syncSchedule ?? "");
  if (schedule === undefined || "error" in schedule) return false;
  const from = source.updatedAt > checkedAt ? source.updatedAt : checkedAt;
  const next = schedule.nextRun(from);
  return next !== undefined && next <= now;
}

async function startOne(
  options: Parameters<typeof startSchedules>[0],
  id: string,
  isStillDue: (source: Resource<SourceRecord>) => boolean,
): Promise<void> {
  await options.db.write(async (trx) => {
    // Since the look it may have been deleted, or been given another schedule.
    const source = await resources.find<SourceRecord>(trx, "dataSource", id);
    if (source === undefined || !isStillDue(source)) return;
    if ((await syncJobs.findRunning(trx, id)) !== undefined) return;
    await options.start(trx, source, options.ids.uuid());
  });
}
