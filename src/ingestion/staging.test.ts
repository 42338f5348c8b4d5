import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemIds } from "../core/ids.ts";
import { openStaging } from "./staging.ts";

test("content is kept under a name of its own until it is removed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-staging-"));
  try {
    const place = join(folder, "staging");
    const staging = await openStaging(place, systemIds);
    const bytes = Buffer.from([0, 255, 10, 13]);
    const [a, b] = await Promise.all([staging.put(bytes), staging.put(bytes)]);
    assert.notEqual(a, b);
    assert.deepEqual(Buffer.from(await staging.read(a)), bytes);
    assert.deepEqual((await staging.list()).toSorted(), [a, b].toSorted());
    const again = await openStaging(place, systemIds);
    assert.deepEqual(Buffer.from(await again.read(b)), bytes, "it outlives the process");
    await again.remove(a);
    await again.remove(a);
    assert.deepEqual(await again.list(), [b]);
    assert.equal((await stat(join(place, b))).mode & 0o777, 0o600);
    assert.equal((await stat(place)).mode & 0o777, 0o700);
    assert.equal((await again.read(await again.put(Buffer.alloc(0)))).length, 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
