import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { silentLog } from "../core/log.ts";
import { kmsStore, openDatabase } from "../store/store.ts";
import { startKeyMaintenance } from "./kms.ts";

test("a key is destroyed when its waiting period is over, and no earlier", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-maintenance-"));
  try {
    await using db = await openDatabase(join(folder, "quarry.db"));
    let time = Date.UTC(2026, 0, 1);
    let sweeps = 0;
    await using maintenance = startKeyMaintenance({
      db,
      vault: { sweep: () => void (sweeps += 1) },
      now: () => new Date(time),
      log: silentLog,
    });
    const deletionAt = new Date(time + 1000);
    const key = { accountId: "111122223333", description: "", policy: "{}", policyPins: {} };
    await db.write(async (trx) => {
      for (const id of ["going", "staying"]) {
        const createdAt = new Date(time);
        await kmsStore.insertKey(trx, { ...key, id, arn: `arn:${id}`, createdAt });
      }
      await kmsStore.updateKey(trx, "going", { state: "PendingDeletion", deletionAt });
    });
    await maintenance.tick();
    assert.ok(await kmsStore.findKey(db.read, "going"));
    time += 1000;
    await maintenance.tick();
    assert.equal(await kmsStore.findKey(db.read, "going"), undefined);
    assert.ok(await kmsStore.findKey(db.read, "staying"));
    await maintenance.tick();
    assert.equal(sweeps, 3);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
