import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startPlainS3Server } from "../../src/objects/plain-s3-server.test.ts";
import { startChild } from "../support/child-server.ts";
import { ask, counts, listDocuments, makeSite, makeSource, sync } from "../support/site.ts";

const keys = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
const env = { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };

type S3rver = { run: () => Promise<{ port: number }>; close: () => Promise<void> };

async function startS3rver(directory: string, bucket: string) {
  const require = createRequire(import.meta.url);
  const Server = require("s3rver") as new (options: object) => S3rver;
  const configureBuckets = [{ name: bucket }];
  const options = { port: 0, address: "127.0.0.1", silent: true, directory, configureBuckets };
  const server = new Server(options);
  const { port } = await server.run();
  return { endpoint: `http://127.0.0.1:${port}`, close: () => server.close() };
}

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "quarry-s3-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("a bucket of an S3 store is synced over HTTP, page by page", async () => {
  await using folder = await temporary();
  await using dataDir = await temporary();
  const store = await startS3rver(folder.path, "over-http");
  const s3 = new S3Client({
    endpoint: store.endpoint,
    region: "us-east-1",
    credentials: keys,
    forcePathStyle: true,
  });
  const put = (Key: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket: "over-http", Key, Body }));
  await put("birds/heron.txt", "The heron at the mill weighs two kilograms.");
  await put("birds/swan.md", "# Swan\n\nThe swan at the weir weighs eleven kilograms.");
  await put("birds/heron.txt.metadata.json", '{"Title":"About the heron"}');
  const server = await startChild(dataDir.path, {}, { s3Endpoint: store.endpoint, env });
  try {
    const source = await makeSource(await makeSite(server), "over-http");
    assert.equal(counts(await sync(source)), "2 2 0 0 0");
    const { sourceAttributions = [], systemMessage } = await ask(
      source,
      "How much does the heron at the mill weigh?",
    );
    assert.match(systemMessage ?? "", /two kilograms/);
    assert.equal(sourceAttributions[0]?.title, "About the heron");
    assert.equal(sourceAttributions[0]?.url, `${store.endpoint}/over-http/birds/heron.txt`);
    assert.equal(counts(await sync(source)), "2 0 0 0 0");
    await put("birds/heron.txt", "The heron at the mill weighs three kilograms.");
    await s3.send(new DeleteObjectCommand({ Bucket: "over-http", Key: "birds/swan.md" }));
    assert.equal(counts(await sync(source)), "1 0 1 1 0");
    const missing = await makeSource(await makeSite(server), "no-such-bucket");
    const failed = await sync(missing);
    assert.deepEqual([failed.status, failed.dataSourceErrorCode], ["FAILED", "S3-5101"]);
  } finally {
    await server.stop();
    await store.close();
    s3.destroy();
  }
});

test("a bucket that vanishes in the middle of a sync fails the job and deletes nothing", async () => {
  await using dataDir = await temporary();
  await using store = await startPlainS3Server("plain");
  store.pageKeysMax = 10;
  for (let n = 0; n < 40; n += 1) {
    store.objects.set(`d/${n}.txt`, Buffer.from(`The heron number ${n}.`));
  }
  const server = await startChild(dataDir.path, {}, { s3Endpoint: store.endpoint, env });
  try {
    const source = await makeSource(await makeSite(server), "plain");
    assert.equal(counts(await sync(source)), "40 40 0 0 0");
    for (let n = 0; n < 40; n += 1) {
      store.objects.set(`d/${n}.txt`, Buffer.from(`The swan number ${n}.`));
    }
    store.objects.delete("d/0.txt");
    let pages = 0;
    store.fault = (path) => {
      if (!path.includes("list-type")) return undefined;
      pages += 1;
      return pages <= 2 ? undefined : { kind: "status", status: 404, code: "NoSuchBucket" };
    };
    const job = await sync(source);
    assert.equal(job.status, "FAILED");
    assert.equal(job.dataSourceErrorCode, "S3-5101");
    assert.equal(job.metrics?.documentsDeleted, "0");
    assert.equal((await listDocuments(source)).size, 40);
    store.fault = () => undefined;
    const mended = await sync(source);
    assert.equal(mended.status, "SUCCEEDED");
    assert.equal(mended.metrics?.documentsDeleted, "1");
    assert.equal((await listDocuments(source)).size, 39);
  } finally {
    await server.stop();
  }
});
