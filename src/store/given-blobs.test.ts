import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { giveAway, openDatabase, segments } from "./store.ts";

test("a blob that is given away is written whole and gone here; others are copied", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-given-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await using db = await openDatabase(join(folder, "quarry.db"));
  const content = (): Uint8Array => Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
  const shared = new Uint8Array(400_000);
  shared.set(content(), 1000);
  const given = giveAway(content());
  const part = giveAway(shared.subarray(1000, 201_000));
  const kept = content();
  const blobs = [given, part, kept];
  const id = await db.write(async (trx) => {
    const segmentId = await segments.begin(trx, "index");
    const parts = blobs.map((data, n) => ({ part: n, checksum: n, data }));
    await segments.insertParts(trx, segmentId, parts);
    return segmentId;
  });
  assert.deepEqual([given.length, part.length, kept.length], [0, 200_000, 200_000]);
  for (const n of blobs.keys()) {
    const stored = await segments.part(db.read, { segmentId: id, part: n });
    assert.deepEqual(Buffer.from(stored?.data ?? []), Buffer.from(content()));
  }
});
