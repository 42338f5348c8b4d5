import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { createFolderBucket } from "./folder-bucket.ts";
import { collect, keysOf, textOf } from "./test-listing.test.ts";

type Folder = AsyncDisposable & {
  readonly path: string;
  put: (key: string, text: string) => Promise<void>;
};

async function tempFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "bucket-"));
  return {
    path,
    async put(key, text) {
      await mkdir(join(path, dirname(key)), { recursive: true });
      await writeFile(join(path, key), text);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

const at = { bucket: "b", prefix: "" };
const all = { bucket: "b", maxBytes: 1_000_000 };

test("a folder lists its files in UTF-8 byte order, directories sorting with their slash", async () => {
  await using folder = await tempFolder();
  const keys = ["a-b", "a.txt", "a/x", "a/y/z", "a0", "\uFF21.txt", "\u{1F600}.txt"];
  for (const key of keys.toReversed()) await folder.put(key, key);
  const listing = await collect(createFolderBucket(folder.path).list(at));
  assert.deepEqual(keysOf(listing), keys);
  assert.deepEqual(listing.objects[0]?.sizeBytes, 3);
});

test("a prefix is a plain starts-with, inside a name and across directories", async () => {
  await using folder = await tempFolder();
  for (const key of ["Data/a", "Data/sub/b", "Database/c", "other/Data/d"])
    await folder.put(key, "1");
  const list = (prefix: string): Promise<string[]> =>
    collect(createFolderBucket(folder.path).list({ bucket: "b", prefix })).then(keysOf);
  assert.deepEqual(await list("Data"), ["Data/a", "Data/sub/b", "Database/c"]);
  assert.deepEqual(await list("Data/s"), ["Data/sub/b"]);
  assert.deepEqual(await list("../"), []);
  assert.deepEqual(await list("none"), []);
});

test("any tree lists completely and in order, however small the window of names is", async () => {
  const segment = fc.constantFrom("a", "b", "a.", "a-", "z", "é", "\u{1F600}");
  const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const trees = fc.uniqueArray(key, { maxLength: 25 });
  const run = async (keys: string[], namesMax: number): Promise<void> => {
    await using folder = await tempFolder();
    const files = keys.filter((one) => !keys.some((other) => other.startsWith(`${one}/`)));
    for (const file of files) await folder.put(file, file);
    const listing = await collect(createFolderBucket(folder.path, { namesMax }).list(at));
    const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    assert.deepEqual(keysOf(listing), files.toSorted(bytes));
  };
  await fc.assert(fc.asyncProperty(trees, fc.integer({ min: 1, max: 4 }), run), { numRuns: 40 });
});

test("ten thousand files come in ten full pages and one empty rest", async () => {
  await using folder = await tempFolder();
  await mkdir(join(folder.path, "d"));
  for (let n = 0; n < 10_000; n += 1) writeFileSync(join(folder.path, "d", `${n}.md`), "x");
  const listing = await collect(createFolderBucket(folder.path, { namesMax: 3_000 }).list(at));
  assert.equal(listing.objects.length, 10_000);
  assert.equal(listing.pages, 11);
});

test("content comes with the etag of the listing, and ifMatch refuses another version", async () => {
  await using folder = await tempFolder();
  await folder.put("a.txt", "one");
  const bucket = createFolderBucket(folder.path);
  const etag = (await collect(bucket.list(at))).objects[0]?.etag ?? "";
  const got = await bucket.get({ ...all, key: "a.txt", ifMatch: etag });
  assert.equal(textOf(got), "one");
  assert.equal(got.kind === "object" && got.etag, etag);
  await folder.put("a.txt", "two");
  assert.equal(textOf(await bucket.get({ ...all, key: "a.txt", ifMatch: etag })), "[changed]");
});

test("a rewrite that restores size and time still changes the etag", async () => {
  await using folder = await tempFolder();
  await folder.put("a.txt", "one");
  const time = new Date(1_600_000_000_000);
  const path = join(folder.path, "a.txt");
  await utimes(path, time, time);
  const bucket = createFolderBucket(folder.path);
  const before = (await collect(bucket.list(at))).objects[0];
  await new Promise((done) => setTimeout(done, 15));
  await writeFile(path, "two");
  await utimes(path, time, time);
  const after = (await collect(bucket.list(at))).objects[0];
  assert.deepEqual(after?.lastModified, before?.lastModified);
  assert.notEqual(after?.etag, before?.etag);
});

test("a touched file has another etag and the same content hash", async () => {
  await using folder = await tempFolder();
  await folder.put("a.txt", "one");
  const bucket = createFolderBucket(folder.path);
  const before = await bucket.get({ ...all, key: "a.txt" });
  await utimes(join(folder.path, "a.txt"), new Date(), new Date(1_700_000_000_000));
  const after = await bucket.get({ ...all, key: "a.txt" });
  assert.ok(before.kind === "object" && after.kind === "object");
  assert.notEqual(after.etag, before.etag);
  assert.equal(after.contentHash, before.contentHash);
});

test("nothing outside the folder can be listed or read", async () => {
  await using folder = await tempFolder();
  await using outside = await tempFolder();
  await outside.put("secret.txt", "secret");
  await folder.put("in.txt", "in");
  await folder.put("sub/file.txt", "x");
  await symlink(join(outside.path, "secret.txt"), join(folder.path, "leak.txt"));
  await symlink(outside.path, join(folder.path, "leakdir"));
  await symlink(folder.path, join(folder.path, "sub", "circle"));
  await symlink(join(folder.path, "in.txt"), join(folder.path, "alias.txt"));
  await symlink("nowhere", join(folder.path, "dangling.txt"));
  const bucket = createFolderBucket(folder.path);
  assert.deepEqual(keysOf(await collect(bucket.list(at))), ["alias.txt", "in.txt", "sub/file.txt"]);
  assert.equal(textOf(await bucket.get({ ...all, key: "alias.txt" })), "in");
  const name = outside.path.split("/").at(-1) ?? "";
  const attempts = [
    "leak.txt",
    "leakdir/secret.txt",
    `../${name}/secret.txt`,
    "sub/../in.txt",
    "sub/circle/in.txt",
    "./in.txt",
    "/in.txt",
    "sub//file.txt",
    "in.txt/",
    "in.txt\0",
    "",
    ".",
    "..",
    "sub",
    "dangling.txt",
    "in.txt/x",
    "\uD800",
    "x".repeat(5000),
    `${outside.path}/secret.txt`,
  ];
  for (const key of attempts) {
    assert.equal(textOf(await bucket.get({ ...all, key })), "[noSuchKey]", key);
    const head = await bucket.head({ bucket: "b", key });
    assert.equal(head.kind === "failed" && head.failure.kind, "noSuchKey", key);
    assert.equal(head.kind === "failed" && head.failure.message, `No object "${key}".`);
  }
});

test("pipes and sockets are no objects and do not make a reader wait", async () => {
  await using folder = await tempFolder();
  await folder.put("a.txt", "a");
  execFileSync("mkfifo", [join(folder.path, "pipe")]);
  const server = createServer().listen(join(folder.path, "sock"));
  const bucket = createFolderBucket(folder.path);
  assert.deepEqual(keysOf(await collect(bucket.list(at))), ["a.txt"]);
  assert.equal(textOf(await bucket.get({ ...all, key: "pipe" })), "[noSuchKey]");
  assert.equal(textOf(await bucket.get({ ...all, key: "sock" })), "[noSuchKey]");
  server.close();
});

test("a file that vanishes after the listing is a missing key, not an error", async () => {
  await using folder = await tempFolder();
  await folder.put("a.txt", "a");
  await folder.put("sub/b.txt", "b");
  const bucket = createFolderBucket(folder.path, { namesMax: 1 });
  const pages = bucket.list(at)[Symbol.asyncIterator]();
  await rm(join(folder.path, "a.txt"));
  assert.equal(textOf(await bucket.get({ ...all, key: "a.txt" })), "[noSuchKey]");
  const page = (await pages.next()).value;
  assert.deepEqual(
    page.kind === "page" && page.objects.map((object: { key: string }) => object.key),
    ["sub/b.txt"],
  );
});

test("a folder that vanishes or is replaced in the middle fails the listing", async () => {
  await using folder = await tempFolder();
  for (let n = 0; n < 1_200; n += 1) writeFileSync(join(folder.path, `${n}.txt`), "x");
  const bucket = createFolderBucket(folder.path);
  const pages = bucket.list(at)[Symbol.asyncIterator]();
  await pages.next();
  await rename(folder.path, `${folder.path}-away`);
  await mkdir(folder.path);
  let last = await pages.next();
  while (last.value.kind === "page") last = await pages.next();
  assert.equal(last.value.failure.kind, "noSuchBucket");
  await rm(`${folder.path}-away`, { recursive: true });
});

test("a folder that may not be read fails the listing instead of hiding what is below", async (t) => {
  if (process.getuid?.() === 0) return t.skip("the superuser may read everything");
  await using folder = await tempFolder();
  await folder.put("closed/a.txt", "a");
  await chmod(join(folder.path, "closed"), 0);
  const listing = await collect(createFolderBucket(folder.path).list(at));
  await chmod(join(folder.path, "closed"), 0o700);
  assert.equal(listing.failed?.failure.kind, "denied");
  assert.ok(
    !listing.failed.failure.message.includes(folder.path),
    "no path of the disk in a message",
  );
});

test("a missing folder, or a file in its place, is a missing bucket", async () => {
  await using folder = await tempFolder();
  await folder.put("file", "x");
  for (const path of [join(folder.path, "none"), join(folder.path, "file")]) {
    const bucket = createFolderBucket(path);
    const exists = await bucket.bucketExists({ bucket: "b" });
    assert.equal(exists.kind === "failed" && exists.failure.kind, "noSuchBucket");
    assert.equal((await collect(bucket.list(at))).failed?.failure.kind, "noSuchBucket");
    assert.equal(textOf(await bucket.get({ ...all, key: "a" })), "[noSuchBucket]");
  }
});

test("content above the limit is refused, at the limit it is whole, and no file is left behind", async () => {
  await using folder = await tempFolder();
  await using target = await tempFolder();
  await folder.put("a.txt", "12345");
  const bucket = createFolderBucket(folder.path);
  const file = join(target.path, "copy");
  assert.equal(textOf(await bucket.get({ ...all, key: "a.txt", maxBytes: 4 })), "[tooLarge]");
  assert.equal(textOf(await bucket.get({ ...all, key: "a.txt", maxBytes: 5 })), "12345");
  const tooLarge = await bucket.getToFile({ ...all, key: "a.txt", maxBytes: 4, file });
  assert.equal(tooLarge.kind, "failed");
  await assert.rejects(readFile(file), { code: "ENOENT" });
  const got = await bucket.getToFile({ ...all, key: "a.txt", file });
  assert.equal(got.kind, "file");
  assert.equal(await readFile(file, "utf8"), "12345");
});

test("a raised signal ends a listing and a read with a value", async () => {
  await using folder = await tempFolder();
  await folder.put("a.txt", "a");
  const signal = AbortSignal.abort();
  const bucket = createFolderBucket(folder.path);
  assert.equal((await collect(bucket.list({ ...at, signal }))).failed?.failure.kind, "aborted");
  assert.equal(textOf(await bucket.get({ ...all, key: "a.txt", signal })), "[aborted]");
});
