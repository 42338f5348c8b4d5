import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BrokenSealError, contentCipher } from "../core/content-cipher.ts";
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

test("content that could not be written leaves nothing behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-staging-"));
  try {
    await mkdir(join(folder, "taken"));
    const staging = await openStaging(folder, { ...systemIds, uuid: () => "taken" });
    await assert.rejects(staging.put(Buffer.from("a")), /EISDIR|ENOTEMPTY|EEXIST/);
    assert.deepEqual(await staging.list(), ["taken"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("sealed content is noise in its file, and opens under its own name only", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-staging-"));
  try {
    const staging = await openStaging(folder, systemIds);
    const keys = [{ id: 1, bytes: randomBytes(32) }];
    const cipher = contentCipher({ applicationId: "a", keys });
    const name = await staging.put(Buffer.from("a canary"), cipher);
    assert.equal((await readFile(join(folder, name))).includes("canary"), false);
    assert.equal(Buffer.from(await staging.read(name, cipher)).toString(), "a canary");
    await rename(join(folder, name), join(folder, "other"));
    await assert.rejects(staging.read("other", cipher), BrokenSealError);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
