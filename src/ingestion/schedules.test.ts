import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemIds } from "../core/ids.ts";
import { silentLog } from "../core/log.ts";
import { type Database, openDatabase, resources, syncJobs } from "../store/store.ts";
import { startSchedules } from "./schedules.ts";

const accountId = "111122223333";

/** A clock to be set, a data source with a schedule, and the syncs that were started. */
async function withSchedule(
  syncSchedule: string | undefined,
  run: (world: {
    readonly db: Database;
    readonly started: string[];
    readonly at: (iso: string) => Promise<void>;
    readonly restart: () => void;
  }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-schedules-"));
  try {
    await using db = await openDatabase(join(folder, "quarry.db"));
    let time = new Date("2026-01-01T00:00:00Z");
    const started: string[] = [];
    const start = () =>
      startSchedules({
        db,
        accountId,
        ids: systemIds,
        now: () => time,
        log: silentLog,
        start: async (trx, source, id) => {
          started.push(time.toISOString());
          const { applicationId, indexId, id: dataSourceId } = source;
          await syncJobs.insert(trx, { id, applicationId, indexId, dataSourceId, startedAt: time });
        },
      });
    await db.write((trx) =>
      resources.insert(trx, {
        id: "source",
        accountId,
        kind: "dataSource",
        applicationId: "app",
        indexId: "index",
        arn: "arn:source",
        status: "ACTIVE",
        record: { displayName: "s", type: "S3", configuration: {}, syncSchedule },
        at: time,
      }),
    );
    let schedules = start();
    await run({
      db,
      started,
      at: async (iso) => {
        time = new Date(iso);
        await schedules.tick();
      },
      restart: () => {
        schedules.close();
        schedules = start();
      },
    });
    schedules.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function endRunning(db: Database): Promise<void> {
  const running = await syncJobs.findRunning(db.read, "source");
  if (running === undefined) return;
  const end = { status: "SUCCEEDED", at: new Date() } as const;
  await db.write((trx) => syncJobs.end(trx, running.id, end));
}

test("a sync starts once when its time has come", () =>
  withSchedule("cron(0 3 * * ? *)", async ({ db, started, at }) => {
    await at("2026-01-01T02:59:00Z");
    assert.deepEqual(started, []);
    await at("2026-01-01T03:00:05Z");
    await endRunning(db);
    await at("2026-01-01T03:00:20Z");
    await at("2026-01-01T04:00:00Z");
    assert.deepEqual(started, ["2026-01-01T03:00:05.000Z"]);
    await at("2026-01-02T03:00:10Z");
    assert.equal(started.length, 2);
  }));

test("a time that comes while the last sync still runs is dropped", () =>
  withSchedule("cron(0 * * * ? *)", async ({ db, started, at }) => {
    await at("2026-01-01T00:30:00Z");
    await at("2026-01-01T01:00:01Z");
    await at("2026-01-01T02:00:01Z");
    assert.equal(started.length, 1);
    await endRunning(db);
    await at("2026-01-01T02:00:16Z");
    assert.equal(started.length, 1, "dropped, not put off");
    await at("2026-01-01T03:00:01Z");
    assert.equal(started.length, 2);
  }));

test("after a standstill what was missed is started once", () =>
  withSchedule("cron(0 * * * ? *)", async ({ db, started, at, restart }) => {
    await at("2026-01-01T00:30:00Z");
    restart();
    await at("2026-01-03T12:34:00Z");
    await endRunning(db);
    await at("2026-01-03T12:34:15Z");
    assert.deepEqual(started, ["2026-01-03T12:34:00.000Z"]);
  }));

test("a schedule that was set just now does not look back", () =>
  withSchedule("cron(0 3 * * ? *)", async ({ db, started, at }) => {
    await at("2026-01-01T00:30:00Z");
    await db.write((trx) =>
      resources.update(trx, "source", { at: new Date("2026-01-01T03:10:00Z") }),
    );
    await at("2026-01-01T03:10:05Z");
    assert.deepEqual(started, []);
  }));

test("a first time that comes before the first look is not missed", () =>
  withSchedule("cron(0 0 * * ? *)", async ({ db, started, at }) => {
    // The server had no schedule to look after until then.
    const set = { at: new Date("2026-01-01T23:59:55Z") };
    await db.write((trx) => resources.update(trx, "source", set));
    await at("2026-01-02T00:00:05Z");
    assert.deepEqual(started, ["2026-01-02T00:00:05.000Z"]);
  }));

for (const [name, change] of [
  ["deleted", { status: "DELETING" }],
  [
    "taken off its schedule",
    { record: { displayName: "s", type: "S3", configuration: {}, syncSchedule: "" } },
  ],
] as const) {
  test(`a data source that is ${name} while schedules are looked at is not started`, () =>
    withSchedule("cron(0 3 * * ? *)", async ({ db, started, at }) => {
      await at("2026-01-01T02:00:00Z");
      const looking = at("2026-01-01T03:00:05Z");
      const changing = db.write((trx) =>
        resources.update(trx, "source", { ...change, at: new Date("2026-01-01T03:00:04Z") }),
      );
      await Promise.all([looking, changing]);
      assert.deepEqual(started, []);
    }));
}

for (const [name, schedule] of [
  ["no schedule", undefined],
  ["an empty schedule", ""],
  ["a schedule that cannot be read", "cron(what)"],
] as const) {
  test(`${name} never starts anything`, () =>
    withSchedule(schedule, async ({ started, at }) => {
      await at("2026-01-01T03:00:00Z");
      await at("2027-01-01T03:00:00Z");
      assert.deepEqual(started, []);
    }));
}

test("a data source that is being deleted is not started", () =>
  withSchedule("cron(0 3 * * ? *)", async ({ db, started, at }) => {
    await at("2026-01-01T02:00:00Z");
    const change = { status: "DELETING", at: new Date("2026-01-01T02:00:00Z") };
    await db.write((trx) => resources.update(trx, "source", change));
    await at("2026-01-01T03:00:05Z");
    assert.deepEqual(started, []);
  }));
