import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createS3Buckets, type S3Options } from "./s3-bucket.ts";
import type { ObjectStore } from "./object-store.ts";
import { startPlainS3Server, type Fault } from "./plain-s3-server.test.ts";
import { collect, keysOf, textOf } from "./test-listing.test.ts";

const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
const at = { bucket: "b", prefix: "" };
const all = { bucket: "b", maxBytes: 1_000_000 };

type Store = ObjectStore & AsyncDisposable & { readonly waits: number[] };

function storeAt(endpoint: string, options: Partial<S3Options> = {}): Store {
  const waits: number[] = [];
  const retries = { random: () => 1, sleep: async (ms: number) => void waits.push(ms) };
  const store = createS3Buckets({
    endpoint,
    region: "us-east-1",
    credentials,
    retries,
    ...options,
  });
  return { ...store, waits, [Symbol.asyncDispose]: store.close };
}

/** A fault for the first `times` requests whose path matches. */
function faults(times: number, fault: Fault, path = /./): (path: string) => Fault | undefined {
  let left = times;
  return (asked) => (path.test(asked) && left-- > 0 ? fault : undefined);
}

type S3rver = { run: () => Promise<{ port: number }>; close: () => Promise<void> };

async function startS3rver(): Promise<
  AsyncDisposable & { endpoint: string; put: (key: string, text: string) => Promise<void> }
> {
  const require = createRequire(import.meta.url);
  const Server = require("s3rver") as new (options: object) => S3rver;
  const directory = await mkdtemp(join(tmpdir(), "s3rver-"));
  const configureBuckets = [{ name: "b" }];
  const server = new Server({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory,
    configureBuckets,
  });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  return {
    endpoint,
    put: async (Key, Body) =>
      void (await client.send(new PutObjectCommand({ Bucket: "b", Key, Body }))),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

test("a bucket of an S3 server lists sorted, and its objects read", async () => {
  await using server = await startS3rver();
  const odd = [
    "a b.txt",
    "a%20b.txt",
    "a+b&c.txt",
    "\u{1F600}/é.txt",
    "sub/a#?.txt",
    "sub-1/x",
    "'q\"<&>.txt",
  ];
  await Promise.all(odd.map((key) => server.put(key, `text of ${key}`)));
  await using store = storeAt(server.endpoint);
  const whole = keysOf(await collect(store.list(at)));
  assert.ok(
    whole.indexOf("sub-1/x") < whole.indexOf("sub/a#?.txt"),
    "this server lists sub/ first",
  );
  for (const key of odd) {
    const ifMatch = (await collect(store.list({ ...at, prefix: key }))).objects[0]?.etag ?? "";
    assert.equal(textOf(await store.get({ ...all, key, ifMatch })), `text of ${key}`);
    const head = await store.head({ bucket: "b", key });
    assert.equal(head.kind === "facts" && head.etag, ifMatch);
  }
  // This server ignores If-Match: the comparison of our own must notice.
  assert.equal(textOf(await store.get({ ...all, key: "a b.txt", ifMatch: "other" })), "[changed]");
  assert.equal(textOf(await store.get({ ...all, key: "none" })), "[noSuchKey]");
  assert.equal((await store.bucketExists({ bucket: "b" })).kind, "exists");
  assert.equal(
    (await collect(store.list({ bucket: "none", prefix: "" }))).failed?.failure.kind,
    "noSuchBucket",
  );
  const missing = await store.bucketExists({ bucket: "none" });
  assert.equal(missing.kind === "failed" && missing.failure.kind, "noSuchBucket");
});

test("a bucket of many pages lists completely, in as many pages as it takes", async () => {
  await using server = await startPlainS3Server("b");
  const keys = Array.from({ length: 2_500 }, (_, n) => `bulk/${String(n).padStart(4, "0")}`);
  for (const key of [...keys, "other"]) server.objects.set(key, Buffer.from("x"));
  for (const listingOrder of ["bytes", "none"] as const) {
    await using store = storeAt(server.endpoint, { listingOrder });
    const listing = await collect(store.list({ ...at, prefix: "bulk/" }));
    assert.deepEqual(keysOf(listing), keys);
    assert.equal(listing.pages, 3);
  }
});

test("a listing out of order, promised in order, is refused rather than merged wrongly", async () => {
  await using server = await startS3rver();
  await server.put("sub/a", "1");
  await server.put("sub-1/a", "2");
  await using store = storeAt(server.endpoint, { listingOrder: "bytes" });
  assert.equal((await collect(store.list(at))).failed?.failure.kind, "badListing");
});

test("keys with dot segments, control characters and every kind of mark come through", async () => {
  await using server = await startPlainS3Server("b");
  server.pageKeysMax = 3;
  const keys = [
    "../x",
    "a/../b",
    "a/./b",
    "//",
    "\u0001\u001f",
    "a\nb",
    "a\tb",
    " ",
    "+",
    "%2F",
    "\u{1F600}",
    "\uFF21",
    "日本/語.txt",
    "~!@$^*()_-=|;:,'`[]{}\\",
  ];
  for (const key of keys) server.objects.set(key, Buffer.from(key));
  await using store = storeAt(server.endpoint, { listingOrder: "bytes" });
  const listing = await collect(store.list(at));
  assert.deepEqual(keysOf(listing).toSorted(), keys.toSorted());
  assert.equal(listing.pages, 5);
  for (const key of keys) assert.equal(textOf(await store.get({ ...all, key })), key);
});

test("five attempts outlive four faults of any passing kind, with growing waits", async () => {
  const passing: Fault[] = [
    { kind: "status", status: 503, code: "SlowDown" },
    { kind: "status", status: 500, code: "InternalError" },
    { kind: "status", status: 429, code: "TooManyRequests" },
    { kind: "reset" },
    { kind: "cut" },
  ];
  for (const fault of passing) {
    await using server = await startPlainS3Server("b");
    server.objects.set("a", Buffer.from("a".repeat(100_000)));
    server.fault = faults(4, fault);
    await using store = storeAt(server.endpoint);
    assert.equal(textOf(await store.get({ ...all, key: "a" })).length, 100_000);
    assert.deepEqual(store.waits, [200, 400, 800, 1600]);
    if (fault.kind === "cut") continue;
    server.fault = faults(4, fault);
    assert.deepEqual(keysOf(await collect(store.list(at))), ["a"]);
  }
});

test("a store that stays broken is given up after five attempts, with a value", async () => {
  await using server = await startPlainS3Server("b");
  server.objects.set("a", Buffer.from("abcdef"));
  await using store = storeAt(server.endpoint);
  for (const fault of [
    { kind: "status", status: 503, code: "SlowDown" },
    { kind: "reset" },
    { kind: "cut" },
  ] as const) {
    server.fault = () => fault;
    server.requests.length = 0;
    assert.equal(textOf(await store.get({ ...all, key: "a" })), "[unreachable]");
    assert.equal(server.requests.length, 5);
  }
});

test("an access that is refused is refused at once", async () => {
  const refusals: readonly [number, string, string, string][] = [
    [403, "AccessDenied", "", "denied"],
    [403, "AccessDenied", "not authorized to perform: kms:Decrypt", "keyDenied"],
    [400, "KMS.DisabledException", "", "keyDenied"],
    [403, "InvalidObjectState", "", "archived"],
    [
      400,
      "InvalidRequest",
      "The object was stored using a form of Server Side Encryption.",
      "encrypted",
    ],
    [301, "PermanentRedirect", "", "wrongRegion"],
    [403, "InvalidAccessKeyId", "", "denied"],
    [404, "NoSuchBucket", "", "noSuchBucket"],
    [501, "NotImplemented", "", "unreachable"],
  ];
  for (const [status, code, message, kind] of refusals) {
    await using server = await startPlainS3Server("b");
    server.fault = () => ({ kind: "status", status, code, message });
    await using store = storeAt(server.endpoint);
    assert.equal(textOf(await store.get({ ...all, key: "a" })), `[${kind}]`, code);
    assert.equal(server.requests.length, 1, code);
  }
});

test("a failure on a later page ends the listing with that failure", async () => {
  await using server = await startPlainS3Server("b");
  for (const key of ["a", "b", "c"]) server.objects.set(key, Buffer.from(key));
  server.pageKeysMax = 1;
  server.fault = faults(99, { kind: "status", status: 404, code: "NoSuchBucket" }, /continuation/);
  for (const listingOrder of ["bytes", "none"] as const) {
    await using store = storeAt(server.endpoint, { listingOrder });
    const listing = await collect(store.list(at));
    assert.deepEqual(keysOf(listing), listingOrder === "bytes" ? ["a"] : []);
    assert.equal(listing.failed?.failure.kind, "noSuchBucket");
  }
});

test("an answer that is no listing is no empty bucket, and is asked for again", async () => {
  for (const text of ["", "<html><body>Please sign in.</body></html>"]) {
    await using server = await startPlainS3Server("b");
    server.objects.set("a", Buffer.from("a"));
    await using store = storeAt(server.endpoint);
    server.fault = faults(4, { kind: "body", text });
    assert.deepEqual(keysOf(await collect(store.list(at))), ["a"]);
    server.fault = () => ({ kind: "body", text });
    const listing = await collect(store.list(at));
    assert.deepEqual([keysOf(listing), listing.failed?.failure.kind], [[], "unreachable"]);
  }
});

test("the next page is on its way while one is worked on, and given up with the listing", async () => {
  await using server = await startPlainS3Server("b");
  for (const key of ["a", "b", "c", "d"]) server.objects.set(key, Buffer.from(key));
  server.pageKeysMax = 1;
  await using store = storeAt(server.endpoint, { listingOrder: "bytes" });
  const pages = store.list(at)[Symbol.asyncIterator]();
  await pages.next();
  while (server.requests.length < 2) await nextTurn();
  // The one that nobody comes for hangs; leaving the listing ends it.
  server.fault = () => ({ kind: "stall" });
  await pages.next();
  while (server.requests.length < 3) await nextTurn();
  await pages.return?.();
  server.fault = () => undefined;
  assert.deepEqual(keysOf(await collect(store.list(at))), ["a", "b", "c", "d"]);
  assert.equal(server.requests.length, 7);
});

test("a silent server is given up after the time limit", async () => {
  await using server = await startPlainS3Server("b");
  server.fault = () => ({ kind: "stall" });
  const retries = { attemptsMax: 2, sleep: async () => undefined };
  await using store = storeAt(server.endpoint, { timeouts: { silenceMs: 400 }, retries });
  assert.equal(textOf(await store.get({ ...all, key: "a" })), "[timedOut]");
  assert.equal((await collect(store.list(at))).failed?.failure.kind, "timedOut");
  assert.equal(server.requests.length, 4);
});

test("nobody listening is unreachable", async () => {
  const { endpoint } = await (async () => {
    await using server = await startPlainS3Server("b");
    return server;
  })();
  await using store = storeAt(endpoint);
  assert.equal(textOf(await store.get({ ...all, key: "a" })), "[unreachable]");
  assert.equal(store.waits.length, 4);
});

test("a raised signal ends a request that waits, without another attempt", async () => {
  await using server = await startPlainS3Server("b");
  server.fault = () => ({ kind: "stall" });
  await using store = storeAt(server.endpoint);
  const signal = AbortSignal.timeout(50);
  assert.equal(textOf(await store.get({ ...all, key: "a", signal })), "[aborted]");
  assert.equal(server.requests.length, 1);
});

test("a signal that outlives many requests keeps nothing of them", async () => {
  await using server = await startPlainS3Server("b");
  server.objects.set("a", Buffer.from("text"));
  await using store = storeAt(server.endpoint);
  const { signal } = new AbortController();
  for (let round = 0; round < 3; round += 1) {
    assert.equal(textOf(await store.get({ ...all, key: "a", signal })), "text");
    assert.equal(textOf(await store.get({ ...all, key: "none", signal })), "[noSuchKey]");
    assert.deepEqual(keysOf(await collect(store.list({ ...at, signal }))), ["a"]);
  }
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

test("a request under a signal that was raised before is not sent", async () => {
  await using server = await startPlainS3Server("b");
  await using store = storeAt(server.endpoint);
  const signal = AbortSignal.abort();
  assert.equal(textOf(await store.get({ ...all, key: "a", signal })), "[aborted]");
  assert.equal(server.requests.length, 0);
});

test("an object that changed between list and get is refused, and reads with its new etag", async () => {
  for (const ignoresIfMatch of [false, true]) {
    await using server = await startPlainS3Server("b");
    server.ignoresIfMatch = ignoresIfMatch;
    server.objects.set("a", Buffer.from("old"));
    await using store = storeAt(server.endpoint);
    const ifMatch = (await collect(store.list(at))).objects[0]?.etag ?? "";
    assert.equal(textOf(await store.get({ ...all, key: "a", ifMatch })), "old");
    server.objects.set("a", Buffer.from("new"));
    assert.equal(textOf(await store.get({ ...all, key: "a", ifMatch })), "[changed]");
    assert.equal(textOf(await store.get({ ...all, key: "a" })), "new");
  }
});

test("the limit holds in memory and in a file, and nothing is left of what was refused", async () => {
  await using server = await startPlainS3Server("b");
  server.objects.set("a", Buffer.alloc(300_000, "x"));
  const folder = await mkdtemp(join(tmpdir(), "got-"));
  const file = join(folder, "a");
  await using store = storeAt(server.endpoint);
  assert.equal(textOf(await store.get({ ...all, key: "a", maxBytes: 299_999 })), "[tooLarge]");
  assert.equal((await store.getToFile({ ...all, key: "a", maxBytes: 10, file })).kind, "failed");
  assert.deepEqual(await readdir(folder), []);
  server.fault = faults(1, { kind: "cut" });
  const got = await store.getToFile({ ...all, key: "a", maxBytes: 300_000, file });
  assert.equal(got.kind === "file" && got.sizeBytes, 300_000);
  assert.equal((await readFile(file)).length, 300_000);
  await rm(folder, { recursive: true });
});

test("the expected owner travels with every request", async () => {
  await using server = await startPlainS3Server("b");
  server.objects.set("a", Buffer.from("a"));
  await using store = storeAt(server.endpoint);
  const owner = { expectedOwner: "111122223333" };
  await collect(store.list({ ...at, ...owner }));
  await store.get({ ...all, ...owner, key: "a" });
  await store.head({ bucket: "b", ...owner, key: "a" });
  await store.bucketExists({ bucket: "b", ...owner });
  const sent = server.headers.map((headers) => headers["x-amz-expected-bucket-owner"]);
  assert.deepEqual(sent, Array(4).fill("111122223333"));
});
