import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Database, documents, openDatabase } from "../store/store.ts";
import { refusalsOf } from "./admission.ts";

const at = new Date("2026-02-03T04:05:06Z");
const limits = { units: 1, documentsMax: 3, textBytesMax: 100 };

/** An index that holds documents of these sizes. */
async function withIndex(
  sizes: readonly number[],
  run: (db: Database, keys: readonly number[]) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-admission-"));
  try {
    await using db = await openDatabase(join(folder, "quarry.db"));
    const keys: number[] = [];
    for (const [n, textBytes] of sizes.entries()) {
      const key = await db.write(async (trx) => {
        const accepted = await accept(trx, `d${n}`);
        const published = { ...accepted, title: "", uri: "", contentType: "", aclClass: 1, at };
        const more = { attributes: "[]", textBytes, syncId: "", syncAction: "" };
        await documents.publish(trx, { ...published, ...more });
        return accepted.key;
      });
      keys.push(key);
    }
    await run(db, keys);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function accept(trx: Parameters<typeof documents.accept>[0], documentId: string) {
  const scope = { applicationId: "app", indexId: "index", dataSourceId: "" };
  const status = "RECEIVED" as const;
  return documents.accept(trx, { ...scope, documentId, title: "", objectKey: "", status, at });
}

/** Places, in the batch, of those that are turned away. */
async function turnedAway(
  db: Database,
  batch: readonly { readonly key: number; readonly textBytes: number }[],
): Promise<readonly number[]> {
  return db.write(async (trx) => {
    const rows = await documents.findMany(
      trx,
      batch.map(({ key }) => key),
    );
    const byKey = new Map(rows.map((row) => [row.key, row]));
    const read = batch.map(({ key, textBytes }) => ({ document: { key }, textBytes }));
    const refusals = await refusalsOf(trx, "index", read, byKey, { limits, advice: "." });
    for (const message of refusals.values()) {
      assert.match(
        message,
        /^The index holds \d+ documents with \d+ bytes of text, .*UpdateIndex\.$/,
      );
    }
    return batch.flatMap(({ key }, place) => (refusals.has(key) ? [place] : []));
  });
}

test("new documents are taken in their order as long as there is room for them", () =>
  withIndex([10, 10], async (db) => {
    const keys: number[] = [];
    for (const id of ["a", "b", "c"])
      keys.push(await db.write((trx) => accept(trx, id)).then(keyOf));
    const [a = 0, b = 0, c = 0] = keys;
    const sized = (...sizes: readonly number[]) =>
      [a, b, c].map((key, n) => ({ key, textBytes: sizes[n] ?? 0 }));
    assert.deepEqual(await turnedAway(db, sized(1, 1, 1)), [1, 2], "three documents at most");
    assert.deepEqual(await turnedAway(db, sized(81, 80, 80)), [0, 2], "a hundred bytes at most");
    assert.deepEqual(await turnedAway(db, []), []);
  }));

test("of a document that is there only the difference counts, and it may always shrink", () =>
  withIndex([30, 30, 60], async (db, [first = 0, , third = 0]) => {
    assert.deepEqual(await turnedAway(db, [{ key: first, textBytes: 31 }]), [0], "it is over full");
    assert.deepEqual(await turnedAway(db, [{ key: first, textBytes: 30 }]), []);
    const shrunk = { key: third, textBytes: 20 };
    assert.deepEqual(await turnedAway(db, [shrunk, { key: first, textBytes: 50 }]), []);
  }));

function keyOf({ key }: { readonly key: number }): number {
  return key;
}
