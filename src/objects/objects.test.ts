import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createObjectStore, isPassing } from "./objects.ts";
import { startPlainS3Server } from "./plain-s3-server.test.ts";
import { collect, keysOf, textOf } from "./test-listing.test.ts";

test("a bucket with a folder is read from there, any other from the S3 store", async () => {
  const folder = await mkdtemp(join(tmpdir(), "route-"));
  await writeFile(join(folder, "a.txt"), "folder");
  await using server = await startPlainS3Server("remote");
  server.objects.set("a.txt", Buffer.from("server"));
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const s3 = { endpoint: server.endpoint, region: "us-east-1", credentials };
  await using objects = createObjectStore({ buckets: { local: folder }, s3 });
  const read = async (bucket: string): Promise<string> =>
    textOf(await objects.get({ bucket, key: "a.txt", maxBytes: 100 }));
  assert.equal(await read("local"), "folder");
  assert.equal(await read("remote"), "server");
  assert.deepEqual(keysOf(await collect(objects.list({ bucket: "remote", prefix: "" }))), [
    "a.txt",
  ]);
  await rm(folder, { recursive: true });
});

test("without an S3 store an unknown bucket does not exist, whatever its name", async () => {
  await using objects = createObjectStore({ buckets: {} });
  for (const bucket of ["none", "__proto__", "constructor"]) {
    const request = { bucket, key: "a", maxBytes: 1, file: "never", prefix: "" };
    const failures = [
      (await collect(objects.list(request))).failed,
      await objects.get(request),
      await objects.getToFile(request),
      await objects.head(request),
      await objects.bucketExists(request),
    ];
    for (const failure of failures) {
      assert.equal(failure?.kind === "failed" && failure.failure.kind, "noSuchBucket");
    }
  }
});

test("a failure that another day may heal is passing, one of the object itself is not", () => {
  const of = (kind: "denied" | "archived" | "tooLarge" | "encrypted"): boolean =>
    isPassing({ kind, bucket: "b", message: "" });
  assert.deepEqual(
    [of("denied"), of("archived"), of("tooLarge"), of("encrypted")],
    [true, true, false, false],
  );
});
