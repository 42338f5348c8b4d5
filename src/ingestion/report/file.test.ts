import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openUnchangedFiles, type UnchangedFiles, type UnchangedObject } from "./file.ts";

async function withFolder(
  run: (files: UnchangedFiles, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-unchanged-"));
  try {
    await run(await openUnchangedFiles(folder), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function collect(
  objects: AsyncIterable<UnchangedObject>,
): Promise<readonly UnchangedObject[]> {
  const all: UnchangedObject[] = [];
  for await (const object of objects) all.push(object);
  return all;
}

async function write(files: UnchangedFiles, id: string, objects: readonly UnchangedObject[]) {
  const writer = await files.write(id);
  for (const object of objects) await writer.note(object);
  await writer.end();
}

const unmodified = (at: number): UnchangedObject => ({
  key: `folder/${at}.md`,
  documentId: `s3://docs/folder/${at}.md`,
  reason: "unmodified",
});

test("objects come back as they were noted, whatever their keys hold", () =>
  withFolder(async (files) => {
    const objects: readonly UnchangedObject[] = [
      { key: 'a "b"\n\\c\r.md', documentId: "x\u2028y", reason: "unmodified" },
      { key: "größe\u{1f600}.pdf", documentId: undefined, reason: "failedBefore" },
      { key: "zero", documentId: undefined, reason: "empty" },
      { key: "huge", documentId: undefined, reason: "tooLarge" },
    ];
    await write(files, "job-1", objects);
    assert.deepEqual(await collect(files.read("job-1")), objects);
    assert.deepEqual(await collect(files.read("none")), []);
  }));

test("a job that begins again begins its file again", () =>
  withFolder(async (files) => {
    await write(files, "job-1", [unmodified(1), unmodified(2)]);
    await write(files, "job-1", [unmodified(3)]);
    assert.deepEqual(await collect(files.read("job-1")), [unmodified(3)]);
  }));

test("a file that a crash cut off is read to where it ends", () =>
  withFolder(async (files, folder) => {
    const count = 20_000;
    await write(
      files,
      "job-1",
      Array.from({ length: count }, (_, at) => unmodified(at)),
    );
    const path = join(folder, "job-1.gz");
    const bytes = await readFile(path);
    assert.ok(bytes.length < count * 20, `${bytes.length} bytes are compressed`);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    const read = await collect(files.read("job-1"));
    assert.ok(read.length > 1000 && read.length < count, `${read.length} lines`);
    assert.deepEqual(read[999], unmodified(999));
    await writeFile(path, "");
    assert.deepEqual(await collect(files.read("job-1")), []);
  }));

test("a reader may leave early, and damage is an error", () =>
  withFolder(async (files, folder) => {
    await write(
      files,
      "job-1",
      Array.from({ length: 5000 }, (_, at) => unmodified(at)),
    );
    for await (const object of files.read("job-1")) {
      assert.deepEqual(object, unmodified(0));
      break;
    }
    await writeFile(join(folder, "job-1.gz"), "this was never compressed");
    await assert.rejects(collect(files.read("job-1")), /incorrect header/);
  }));

test("only the files of jobs that are kept stay", () =>
  withFolder(async (files, folder) => {
    for (const id of ["a", "b", "c"]) await write(files, id, [unmodified(1)]);
    await files.keep(new Set(["b"]));
    assert.deepEqual(await readdir(folder), ["b.gz"]);
    await assert.rejects(files.write("../elsewhere"), /form of its own/);
  }));
