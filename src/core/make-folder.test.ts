import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder } from "./make-folder.ts";

test("a folder is made with those above it, for its owner alone, and again without harm", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "quarry-folder-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const path = join(root, "a", "b", "c");
  await Promise.all([makeFolder(path), makeFolder(path)]);
  await makeFolder(path);
  const { mode } = await stat(path);
  if (process.platform !== "win32") assert.equal(mode & 0o777, 0o700);
});

test("a file in its place, or above it, is an error", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "quarry-folder-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const file = join(root, "file");
  await writeFile(file, "");
  await assert.rejects(makeFolder(file), { code: "EEXIST" });
  await assert.rejects(makeFolder(join(file, "below")), { code: "ENOTDIR" });
});

test("below a folder that takes none it fails, and does not try for ever", async (t) => {
  if (!existsSync("/proc/self")) return t.skip("there is no /proc here");
  await assert.rejects(makeFolder("/proc/quarry-nowhere/below"), { code: "ENOENT" });
});
