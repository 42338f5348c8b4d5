// Syncs from an S3 server in another process: 10,000 small documents, and 100,000 objects of which
// none has changed, against the time that the AWS SDK's own paginator takes to list them. How long
// the server's own client takes for the listing alone stands beside it.
import { paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { createObjectStore } from "../src/objects/objects.ts";
import { makeDocsApp, syncDocs } from "./support/docs-app.ts";
import { atLeast, atMost, median, plainRow, type Row } from "./support/row.ts";
import { s3Credentials, startS3Process, type S3Process } from "./support/s3-process.ts";
import { startServerProcess } from "./support/server-process.ts";

const documentsPerSecondMin = 400;
const unchangedMax = 1.3;
const manyObjects = 100_000;
const rounds = 5;

/** Measures the first sync of 10,000 documents and the second one of 100,000. */
export default async function syncS3(): Promise<readonly Row[]> {
  await using s3 = await startS3Process();
  return [await firstSync(s3), ...(await unchangedSyncs(s3))];
}

async function firstSync(s3: S3Process): Promise<Row> {
  await using server = await startServer(s3);
  const app = await makeDocsApp(server, { bucket: "made-10000" });
  const { job, ms } = await syncDocs(app);
  const added = Number(job.metrics?.documentsAdded);
  if (added !== 10_000) throw new Error(`${added} documents were added.`);
  const name = "sync: 10,000 Markdown objects over S3";
  return atLeast(name, (added * 1000) / ms, "documents/s", documentsPerSecondMin);
}

async function unchangedSyncs(s3: S3Process): Promise<readonly Row[]> {
  await using server = await startServer(s3);
  const bucket = `tiny-${manyObjects}`;
  const app = await makeDocsApp(server, { bucket, units: 10 });
  const first = await syncDocs(app);
  const listings: number[] = [];
  const ownListings: number[] = [];
  const unchanged: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    listings.push(await timeOf((name) => listWithSdk(s3, name), bucket));
    ownListings.push(await timeOf((name) => listAsServer(s3, name), bucket));
    const { job, ms } = await syncDocs(app);
    if (job.metrics?.documentsScanned !== String(manyObjects)) throw new Error("not all scanned");
    if (job.metrics.documentsModified !== "0") throw new Error("something was modified");
    unchanged.push(ms);
  }
  const ratios = unchanged.map((ms, round) => ms / (listings[round] ?? NaN));
  return [
    plainRow(
      "sync: 100,000 objects of one sentence",
      (manyObjects * 1000) / first.ms,
      "documents/s",
    ),
    plainRow("sync: the AWS SDK lists 100,000 objects over S3", median(listings), "ms"),
    plainRow("sync: the server's client lists them", median(ownListings), "ms"),
    plainRow("sync: the same without a change", median(unchanged), "ms"),
    atMost("sync: without a change, against listing", median(ratios), "x", unchangedMax),
  ];
}

function startServer(s3: S3Process): ReturnType<typeof startServerProcess> {
  return startServerProcess({ flags: ["--s3-endpoint", s3.endpoint], env: s3.env });
}

/** Milliseconds to list every object, by code that is warm as the server's is. */
async function timeOf(list: (bucket: string) => Promise<number>, bucket: string): Promise<number> {
  await list("made-10000");
  const start = performance.now();
  const count = await list(bucket);
  if (count !== manyObjects) throw new Error(`Only ${count} objects were listed.`);
  return performance.now() - start;
}

async function listWithSdk({ endpoint }: S3Process, bucket: string): Promise<number> {
  const where = { endpoint, region: "us-east-1", forcePathStyle: true };
  const client = new S3Client({ ...where, credentials: s3Credentials });
  let count = 0;
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket })) {
    count += page.Contents?.length ?? 0;
  }
  client.destroy();
  return count;
}

async function listAsServer({ endpoint }: S3Process, bucket: string): Promise<number> {
  const s3 = { endpoint, region: "us-east-1", credentials: s3Credentials };
  await using objects = createObjectStore({ buckets: {}, s3: { ...s3, listingOrder: "bytes" } });
  let count = 0;
  for await (const page of objects.list({ bucket, prefix: "" })) {
    if (page.kind === "failed") throw new Error(page.failure.message);
    count += page.objects.length;
  }
  return count;
}
