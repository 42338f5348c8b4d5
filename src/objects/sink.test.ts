import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileSink, memorySink } from "./sink.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

test("both sinks forget an attempt that broke off, and hash what they keep", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sink-"));
  const file = join(folder, "f");
  for (const sink of [memorySink(10), fileSink(file, 10)]) {
    await sink.start();
    await sink.write(bytes("half of"));
    await sink.start();
    assert.ok(await sink.write(bytes("who")));
    assert.ok(await sink.write(bytes("le")));
    const { contentHash, sizeBytes } = await sink.finish();
    assert.deepEqual({ contentHash, sizeBytes }, { contentHash: hash("whole"), sizeBytes: 5 });
  }
  assert.equal(await readFile(file, "utf8"), "whole");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  await rm(folder, { recursive: true });
});

test("the limit counts over all chunks, and a discarded file is gone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sink-"));
  for (const sink of [memorySink(4), fileSink(join(folder, "f"), 4)]) {
    await sink.start();
    assert.equal(await sink.write(bytes("1234")), true);
    assert.equal(await sink.write(bytes("5")), false);
    await sink.discard();
    await sink.discard();
  }
  assert.deepEqual(await readdir(folder), []);
  await rm(folder, { recursive: true });
});
