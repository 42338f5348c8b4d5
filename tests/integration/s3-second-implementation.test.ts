import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { startMoto } from "../support/moto.ts";
import { ask, counts, listDocuments, makeSite, makeSource, sync } from "../support/site.ts";

const bucket = "second";
const credentials = { accessKeyId: "ANY", secretAccessKey: "any" };
const env = { AWS_ACCESS_KEY_ID: "ANY", AWS_SECRET_ACCESS_KEY: "any" };
const odd = ["a b+c%2F.txt", "q?x=1&y#z.txt", "\u00e9/\u00f6.txt", "e\u0301.txt", "\u{1F600}.txt"];

/** Uploads in two parts, so that the etag is no hash of the content. */
async function putInParts(s3: S3Client, Key: string, parts: readonly Buffer[]): Promise<string> {
  const where = { Bucket: bucket, Key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(where));
  const Parts = [];
  for (const [at, Body] of parts.entries()) {
    const PartNumber = at + 1;
    const part = { ...where, UploadId, PartNumber, Body };
    const { ETag } = await s3.send(new UploadPartCommand(part));
    Parts.push({ ETag, PartNumber });
  }
  const MultipartUpload = { Parts };
  const done = { ...where, UploadId, MultipartUpload };
  return (await s3.send(new CompleteMultipartUploadCommand(done))).ETag ?? "";
}

async function putAll(s3: S3Client, keys: readonly string[]): Promise<void> {
  const queue = keys.values();
  const work = async (): Promise<void> => {
    for (const Key of queue) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: `The heron at ${Key}.` }));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

test("a bucket of a second S3 implementation syncs: versions, parts and odd keys", async (t) => {
  await using moto = await startMoto();
  if (moto === undefined) return t.skip("moto_server is not on this machine");
  const { endpoint } = moto;
  const s3 = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-moto-"));
  let server: ChildServer | undefined;
  const put = (Key: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  const remove = (Key: string) => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
  try {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    await putAll(s3, [...odd, "left/out.skip"]);
    await put("z/swan.md", "# Swan\n\nThe swan weighs ten kilograms.");
    await put("z/swan.md", "# Swan\n\nThe swan weighs eleven kilograms.");
    await put("z/swan.md.metadata.json", '{"Title":"About the swan"}');
    await put("z/gone.txt", "The dodo weighs twelve kilograms.");
    await remove("z/gone.txt");
    const filler = `<!--${"x".repeat(5 * 1024 * 1024)}-->`;
    const halves = [filler, "<p>The stork weighs four kilograms.</p>"].map((half) =>
      Buffer.from(half),
    );
    assert.match(await putInParts(s3, "z/stork.html", halves), /-2"?$/);

    server = await startChild(dataDir, {}, { s3Endpoint: endpoint, env });
    const source = await makeSource(await makeSite(server), bucket, {
      exclusionPatterns: ["*.skip"],
    });
    const first = await sync(source);
    assert.equal(counts(first), "7 7 0 0 0", first.error?.errorMessage);
    assert.deepEqual(
      [...(await listDocuments(source)).keys()].toSorted(),
      [...odd, "z/stork.html", "z/swan.md"].map((key) => `s3://${bucket}/${key}`).toSorted(),
    );
    const swan = await ask(source, "How much does the swan weigh?");
    assert.match(swan.systemMessage ?? "", /eleven/, "only the newest version counts");
    assert.equal(swan.sourceAttributions?.[0]?.title, "About the swan");
    assert.match((await ask(source, "How much does the stork weigh?")).systemMessage ?? "", /four/);
    assert.equal(counts(await sync(source)), "7 0 0 0 0");

    await remove("z/swan.md");
    await put(odd[0] ?? "", "The heron has moved.");
    assert.equal(counts(await sync(source)), "6 0 1 1 0", "a delete marker is a deletion");
    await put("z/swan.md", "# Swan\n\nThe swan weighs thirteen kilograms.");
    assert.equal(counts(await sync(source)), "7 1 0 0 0");

    const missing = await makeSource(await makeSite(server), "no-such-bucket");
    const failed = await sync(missing);
    assert.deepEqual([failed.status, failed.dataSourceErrorCode], ["FAILED", "S3-5101"]);
    await assert.rejects(s3.send(new DeleteBucketCommand({ Bucket: bucket })), /not empty/i);
  } finally {
    await server?.kill();
    s3.destroy();
    await rm(dataDir, { recursive: true, force: true });
  }
});
