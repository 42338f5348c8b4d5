import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { plainCipher } from "../core/content-cipher.ts";
import { systemIds } from "../core/ids.ts";
import { openStaging } from "../ingestion/ingestion.ts";
import { stageContents } from "./stage-contents.ts";

const contents = ["a", "b", "c"].map((text) => Buffer.from(text));

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-stage-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("contents are staged in their order", () =>
  inFolder(async (folder) => {
    const staging = await openStaging(folder, systemIds);
    const names = await stageContents(staging, contents, plainCipher);
    const read = await Promise.all(names.map((name) => staging.read(name)));
    assert.deepEqual(
      read.map((bytes) => Buffer.from(bytes).toString()),
      ["a", "b", "c"],
    );
  }));

test("where one cannot be written, nothing stays of the others", () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, "3"));
    let count = 0;
    const staging = await openStaging(folder, { ...systemIds, uuid: () => String((count += 1)) });
    await assert.rejects(stageContents(staging, contents, plainCipher));
    assert.deepEqual(await readdir(folder), ["3"]);
  }));
