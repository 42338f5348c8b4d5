import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { networkAttachments, openDatabase } from "./store.ts";

const made = (n: number, dataSourceId = "ds-1") => ({
  id: `eni-${String(n).padStart(17, "0")}`,
  accountId: "111122223333",
  applicationId: "app",
  dataSourceId,
  executionId: `run-${n}`,
  subnetId: "subnet-0a1b2c3d",
  vpcId: "vpc-0a1b2c3d",
  availabilityZone: "us-east-1a",
  securityGroupIds: ["sg-0a1b2c3d", "sg-0a1b2c3e"],
  tags: { AMAZON_Q: "qbusiness_111122223333_app_ds-1" },
  createdAt: new Date(1000 + n),
});

test("an attachment goes through its states, is never taken up again, and is forgotten in time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-network-"));
  const db = await openDatabase(join(folder, "quarry.db"));
  try {
    const { insert, list, listHeld, setStatus, trim, removeOfDataSource } = networkAttachments;
    await db.write((trx) => insert(trx, made(1)));
    const [pending] = await listHeld(db.read);
    assert.deepEqual(pending, {
      ...made(1),
      status: "pending",
      releasedBy: undefined,
      updatedAt: new Date(1001),
    });
    const { id } = made(1);
    const at = new Date(5000);
    await db.write((trx) => setStatus(trx, id, { status: "in-use", at }));
    await db.write((trx) => setStatus(trx, id, { status: "released", releasedBy: "service", at }));
    await db.write((trx) => setStatus(trx, id, { status: "in-use", at }));
    const [released] = await list(db.read, "ds-1");
    assert.deepEqual([released?.status, released?.releasedBy], ["released", "service"]);
    assert.deepEqual(released?.updatedAt, at);
    assert.deepEqual(await listHeld(db.read), []);
    await db.write(async (trx) => {
      for (let n = 2; n <= 6; n += 1) {
        await insert(trx, made(n));
        if (n < 6) await setStatus(trx, made(n).id, { status: "released", at });
      }
      await insert(trx, made(7, "ds-2"));
      await trim(trx, "ds-1", 2);
    });
    const left = (await list(db.read, "ds-1")).map((row) => row.executionId);
    assert.deepEqual(left, ["run-4", "run-5", "run-6"], "what is held is never forgotten");
    assert.deepEqual(
      (await listHeld(db.read, { dataSourceId: "ds-1" })).map((row) => row.executionId),
      ["run-6"],
    );
    await db.write((trx) => removeOfDataSource(trx, "ds-1"));
    assert.deepEqual(await list(db.read, "ds-1"), []);
    assert.equal((await listHeld(db.read)).length, 1);
  } finally {
    await db[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
});
