import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openDatabase, segments } from "../store/store.ts";
import { createSearch } from "./search.ts";
import { collectionOn } from "./testing/collection.ts";

const indexId = "11111111-2222-3333-4444-555555555555";

/** Publishes versions of ten documents for ever, merges beside it, and prints what is committed. */
const program = (path: string): string => `
  const href = (name) => new URL(name, ${JSON.stringify(import.meta.url)}).href;
  const { openDatabase } = await import(href("../store/store.ts"));
  const { createSearch } = await import(href("./search.ts"));
  const { collectionOn } = await import(href("./testing/collection.ts"));
  const db = await openDatabase(${JSON.stringify(path)});
  const search = createSearch({ db, threads: 1 });
  const collection = collectionOn({ db, search }, ${JSON.stringify(indexId)});
  const merge = async () => {
    await search.mergeNow(${JSON.stringify(indexId)});
    // Not at once: without segments there is nothing that would let others have a turn.
    setTimeout(merge, 1);
  };
  void merge();
  for (let version = 1; ; version += 1) {
    const id = "d" + (version % 10);
    await collection.put([{ id, texts: ["common word number v" + version] }]);
    process.stdout.write(version + "\\n");
  }`;

test("after kill -9 in the middle of publishing and merging every committed version is found", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-crash-"));
  try {
    const path = join(folder, "quarry.db");
    const child = spawn(process.execPath, ["--input-type=module", "-e", program(path)]);
    let printed = "";
    let errors = "";
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    child.stdout.on("data", (data: Buffer) => {
      printed += data.toString();
      if (printed.split("\n").length > 60) child.kill("SIGKILL");
    });
    const tooSlow = setTimeout(() => child.kill("SIGTERM"), 30_000);
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    clearTimeout(tooSlow);
    assert.equal(signal, "SIGKILL", errors);
    const committed = Number(printed.trim().split("\n").at(-1));
    assert.ok(committed >= 60);

    await using db = await openDatabase(path);
    await using search = createSearch({ db, threads: 1 });
    const collection = collectionOn({ db, search }, indexId);
    const versions = async (): Promise<readonly number[]> => {
      const found = await collection.passages("common", { limit: 100 });
      return found.map(({ text }) => Number(text.split("v").at(-1))).sort((a, b) => a - b);
    };
    const found = await versions();
    // The last commit may have been made without having been told.
    const last = found.at(-1) ?? 0;
    assert.ok(last === committed || last === committed + 1, `${last} after ${committed}`);
    assert.deepEqual(
      found,
      Array.from({ length: 10 }, (_, i) => last - 9 + i),
    );
    await search.mergeNow(indexId);
    assert.deepEqual(await versions(), found);
    assert.deepEqual(await segments.unfinished(db.read), []);
  } finally {
    await rm(folder, { recursive: true });
  }
});
