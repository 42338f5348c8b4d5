import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemIds } from "../../core/ids.ts";
import { type Database, documentContent, documents, openDatabase } from "../../store/store.ts";
import { settleCopies, storeCopies, writeCopy } from "./copy.ts";
import { type ContentStore, openContentStore } from "./content-store.ts";

type Place = { readonly folder: string; readonly db: Database; readonly open: Open };
type Open = () => Promise<ContentStore>;

async function withFolder(run: (place: Place) => Promise<void>): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), "quarry-contents-"));
  const folder = join(base, "content");
  const db = await openDatabase(join(base, "quarry.db"));
  try {
    await run({ folder, db, open: () => openContentStore(db, folder, systemIds) });
  } finally {
    await db[Symbol.asyncDispose]();
    await rm(base, { recursive: true, force: true });
  }
}

async function readAll(store: ContentStore, file: string): Promise<Buffer | undefined> {
  const body = await store.read(file);
  if (body === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** Gives a new document a copy in these files. */
async function refer(db: Database, file: string, textFile = ""): Promise<number> {
  const scope = { applicationId: "app", indexId: "index", dataSourceId: "" };
  const document = { ...scope, documentId: file, title: file, objectKey: "", at: new Date(0) };
  return db.write(async (trx) => {
    const accepted = await documents.accept(trx, { ...document, status: "PROCESSING" });
    const copy = { file, textFile, mimeType: "text/plain", contentType: "", fileName: "a" };
    await storeCopies(trx, [{ document: accepted, copy }]);
    return accepted.key;
  });
}

test("what is written is read, compressed or not, from bytes or a file, settled or not", () =>
  withFolder(async ({ folder, open }) => {
    const store = await open();
    const path = join(folder, "source");
    const bytes = Buffer.concat([Buffer.from("text ".repeat(100_000)), randomBytes(1000)]);
    await writeFile(path, bytes);
    for (const source of [{ bytes }, { path }]) {
      for (const isCompressible of [true, false]) {
        const file = await store.write(source, isCompressible);
        const { size, mode } = await stat(join(folder, "new", file));
        assert.equal(size < bytes.length / 10, isCompressible);
        assert.equal(mode & 0o777, 0o600);
        assert.deepEqual(await readAll(store, file), bytes);
        await store.settle([file]);
        assert.deepEqual(await readAll(store, file), bytes);
        await store.settle([file]);
        await store.discard([file]);
        assert.equal(await store.read(file), undefined);
      }
    }
    assert.deepEqual(await filesIn(folder), ["source"]);
  }));

test("a copy that cannot be written leaves nothing", () =>
  withFolder(async ({ folder, open }) => {
    const store = await open();
    await assert.rejects(store.write({ path: join(folder, "missing") }, true), /ENOENT/);
    assert.deepEqual(await filesIn(folder), []);
  }));

test("a start finishes what a crash interrupted, whichever side of the commit", () =>
  withFolder(async ({ folder, db, open }) => {
    const before = await open();
    const bytes = Buffer.from("The harbour.");
    const [committed, text, lost] = await Promise.all(
      [1, 2, 3].map(() => before.write({ bytes }, true)),
    );
    await refer(db, committed ?? "", text);
    assert.equal((await filesIn(join(folder, "new"))).length, 3);

    const after = await open();
    assert.deepEqual(await filesIn(join(folder, "new")), []);
    assert.deepEqual(await readAll(after, committed ?? ""), bytes);
    assert.deepEqual(await readAll(after, text ?? ""), bytes);
    assert.equal(await after.read(lost ?? ""), undefined);
  }));

test("garbage is collected once nothing refers to it, also what is gone already", () =>
  withFolder(async ({ folder, db, open }) => {
    const store = await open();
    const files = await Promise.all(
      Array.from({ length: 6 }, () => store.write({ bytes: Buffer.from("x") }, false)),
    );
    const [kept = "", first = "", text = "", second = "", fresh = "", early = ""] = files;
    await refer(db, kept);
    const one = await refer(db, first, text);
    const two = await refer(db, second);
    const three = await refer(db, early);
    await store.settle([kept, first, text, second]);
    await store.discard([early]);
    await store.collect();
    assert.equal((await filesIn(folder)).length, 5);
    await db.write((trx) => documentContent.removeMany(trx, [one, two, three]));
    await store.collect();
    assert.deepEqual((await filesIn(folder)).toSorted(), [kept, fresh].toSorted());
    assert.deepEqual(await documentContent.listGarbage(db.read, 10), []);
  }));

test("a damaged file is an error to whoever reads it, not a short document", () =>
  withFolder(async ({ folder, open }) => {
    const store = await open();
    const file = await store.write({ bytes: randomBytes(100_000) }, true);
    const path = join(folder, "new", file);
    await writeFile(path, (await readFile(path)).subarray(0, 50_000));
    await assert.rejects(readAll(store, file), /unexpected end of file/);
  }));

test("a folder of an earlier run is taken as it is", () =>
  withFolder(async ({ folder, open }) => {
    await mkdir(join(folder, "new"), { recursive: true });
    await writeFile(join(folder, "new", "stranger"), "x");
    await open();
    assert.deepEqual(await filesIn(folder), []);
  }));

const chunk = {
  ordinal: 0,
  text: "The harbour.",
  headingPath: [],
  beginOffset: 0,
  endOffset: 12,
  tokens: 3,
};
type Extracted = Parameters<typeof writeCopy>[1]["result"];
const extracted: Extracted = {
  outcome: "extracted",
  format: "md",
  chunks: [chunk],
  textBytes: 12,
  warnings: [],
};

test("a text that a function changed is kept beside the bytes as they came", () =>
  withFolder(async ({ open }) => {
    const store = await open();
    const source = { bytes: Buffer.from("# The harbour.") };
    const indexed: Extracted = {
      ...extracted,
      format: "txt",
      chunks: [{ ...chunk, text: "A lighthouse" }],
    };
    const read = { source, result: extracted, fileName: "a.md", contentType: undefined };
    const plain = await writeCopy(store, { ...read, indexed: extracted, isChanged: false });
    assert.deepEqual(
      { ...plain, file: "" },
      { file: "", textFile: "", mimeType: "text/markdown", fileName: "a.md", contentType: "" },
    );
    const changed = { ...read, indexed, isChanged: true };
    const copy = await writeCopy(store, changed);
    assert.deepEqual(await readAll(store, copy.file), source.bytes);
    assert.deepEqual(JSON.parse(String(await readAll(store, copy.textFile))), {
      schemaVersionId: "V1",
      outputFormat: "JSON",
      plainTextDocumentContent: "A lighthouse",
    });
    await settleCopies(store, [
      { isCurrent: true, copy },
      { isCurrent: false, copy: plain },
      { isCurrent: true, copy: undefined },
    ]);
    assert.equal(await store.read(plain.file), undefined, "it was overtaken");
    assert.ok(await readAll(store, copy.textFile));
  }));
