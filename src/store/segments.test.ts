import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Database, openDatabase } from "./database.ts";
import * as segments from "./segments.ts";

let folder: string;
let db: Database;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarry-segments-"));
  db = await openDatabase(join(folder, "quarry.db"));
});
after(async () => {
  await db[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Rows have no prototype, which a strict comparison minds. */
const plain = <T extends object>(row: T): T => ({ ...row });

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function add(indexId: string, sequence: number): Promise<number> {
  return db.write(async (trx) => {
    const id = await segments.begin(trx, indexId);
    await segments.insertParts(trx, id, [
      { part: 0, checksum: 1, data: bytes(1, 2) },
      { part: 1, checksum: 2, data: bytes(3) },
    ]);
    await segments.activate(trx, { id, sequence, chunks: 5, documents: 2, bytes: 3 });
    return id;
  });
}

test("the numbers of an index only grow, one kind with every change, one with its content", async () => {
  assert.deepEqual(await segments.state(db.read, "numbers"), { generation: 0, sequence: 0 });
  const step = (kind: "content" | "layout"): Promise<segments.IndexState> =>
    db.write(async (trx) => plain(await segments.advance(trx, "numbers", kind)));
  assert.deepEqual(await step("content"), { generation: 1, sequence: 1 });
  assert.deepEqual(await step("layout"), { generation: 2, sequence: 1 });
  assert.deepEqual(await step("content"), { generation: 3, sequence: 2 });
  await db.write((trx) => segments.drop(trx, "numbers"));
  assert.deepEqual(plain(await segments.state(db.read, "numbers")), { generation: 4, sequence: 3 });
  assert.deepEqual(await segments.state(db.read, "other"), { generation: 0, sequence: 0 });
});

test("a segment is listed once it is active, and its parts are read one by one", async () => {
  const unfinished = await db.write((trx) => segments.begin(trx, "listed"));
  const id = await add("listed", 7);
  assert.deepEqual((await segments.list(db.read, "listed")).map(plain), [
    { id, sequence: 7, chunks: 5, documents: 2, bytes: 3 },
  ]);
  assert.deepEqual(await segments.unfinished(db.read), [unfinished]);
  const part = await segments.part(db.read, { segmentId: id, part: 1 });
  assert.deepEqual(part && plain(part), { part: 1, checksum: 2, data: bytes(3) });
  assert.equal(await segments.part(db.read, { segmentId: id, part: 2 }), undefined);
  await db.write((trx) => segments.remove(trx, [unfinished, id]));
  assert.deepEqual(await segments.list(db.read, "listed"), []);
  assert.deepEqual(await segments.unfinished(db.read), []);
  assert.equal(await segments.part(db.read, { segmentId: id, part: 0 }), undefined);
  await db.write((trx) => segments.remove(trx, []));
});

test("ids of removed segments are never given again", async () => {
  const first = await add("ids", 1);
  await db.write((trx) => segments.remove(trx, [first]));
  assert.ok((await add("ids", 1)) > first);
});

test("tombstones go when no segment is old enough to need them", async () => {
  const old = await add("buried", 3);
  const young = await add("buried", 5);
  const list = [3, 4, 5, 6].map((sequence) => ({ documentKey: 10 + sequence, sequence }));
  await db.write((trx) => segments.bury(trx, "buried", list));
  assert.equal(await segments.countTombstones(db.read, "buried", 4), 2);
  const left = async (): Promise<readonly number[]> => {
    await db.write((trx) => segments.sweepTombstones(trx, "buried"));
    return (await segments.tombstones(db.read, "buried", 0)).map(({ sequence }) => sequence);
  };
  assert.deepEqual(await left(), [4, 5, 6]);
  await db.write((trx) => segments.remove(trx, [old]));
  assert.deepEqual(await left(), [6]);
  await db.write((trx) => segments.remove(trx, [young]));
  assert.deepEqual(await left(), []);
});

test("many tombstones fit into one call", async () => {
  const list = Array.from({ length: 1234 }, (_, i) => ({ documentKey: i, sequence: 1 }));
  await db.write((trx) => segments.bury(trx, "many", list));
  assert.equal(await segments.countTombstones(db.read, "many", 0), 1234);
});

test("dropping an index leaves others alone", async () => {
  await add("dropped", 1);
  const kept = await add("kept", 1);
  await db.write((trx) => segments.drop(trx, "dropped"));
  assert.deepEqual(await segments.list(db.read, "dropped"), []);
  assert.deepEqual(
    (await segments.list(db.read, "kept")).map(({ id }) => id),
    [kept],
  );
  assert.ok((await segments.part(db.read, { segmentId: kept, part: 0 })) !== undefined);
});

test("a snapshot does not see what is committed meanwhile", async () => {
  const { openReader } = await import("./database.ts");
  const reader = openReader(db.path);
  const seen = await segments.snapshot(reader, async (inner) => {
    const earlier = await segments.state(inner, "snapshot");
    await db.write((trx) => segments.advance(trx, "snapshot", "content"));
    return [earlier, await segments.state(inner, "snapshot")];
  });
  assert.deepEqual(seen[0], seen[1]);
  assert.equal((await segments.state(reader, "snapshot")).sequence, 1);
  const failing = segments.snapshot(reader, async () => {
    throw new Error("while reading");
  });
  await assert.rejects(failing, /while reading/);
  assert.equal((await segments.state(reader, "snapshot")).sequence, 1);
  await reader.destroy();
});
