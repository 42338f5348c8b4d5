// Memory of a sync against the number of objects: the server with its threads and the parsers'
// processes, at its highest, for 10,000 and for 200,000 documents, and for listing a million objects
// of which none is wanted. Takes about a quarter of an hour, so it runs only where it is named.
import { setInterval } from "node:timers";
import { makeDocsApp, syncDocs } from "./support/docs-app.ts";
import { residentMbOf } from "./support/process-usage.ts";
import { atMost, plainRow, type Row } from "./support/row.ts";
import { startS3Process, type S3Process } from "./support/s3-process.ts";
import { startServerProcess } from "./support/server-process.ts";

const growthMbMax = 50;
const sampleMs = 250;
/** One unit holds 20,000 documents. */
const units = 12;
// Fewer are listed in a second, in which V8 has not yet taken the memory that it takes for work.
const listedForWarmth = 100_000;

type Measured = {
  readonly peakMb: number;
  readonly ms: number;
  readonly scanned: number;
  readonly added: number;
};

/** Measures the three syncs, each on a new server. */
export default async function syncMemory(): Promise<readonly Row[]> {
  await using s3 = await startS3Process();
  const small = await peakOf(s3, "tiny-10000");
  const large = await peakOf(s3, "tiny-200000");
  const few = await peakOf(s3, `photo-${listedForWarmth}`, { exclusionPatterns: ["*.jpg"] });
  const million = await peakOf(s3, "photo-1000000", { exclusionPatterns: ["*.jpg"] });
  if (small === undefined || large === undefined) return [];
  if (small.added !== 10_000 || large.added !== 200_000) throw new Error("not all were added");
  if (few === undefined || million === undefined || million.scanned !== 0) return [];
  const growth = large.peakMb - small.peakMb;
  const listedGrowth = million.peakMb - few.peakMb;
  return [
    plainRow("sync memory: peak for 10,000 documents", small.peakMb, "MB"),
    plainRow("sync memory: peak for 200,000 documents", large.peakMb, "MB"),
    atMost("sync memory: growth from 10,000 to 200,000", growth, "MB", growthMbMax),
    plainRow("sync memory: 200,000 documents", (large.added * 1000) / large.ms, "documents/s"),
    plainRow("sync memory: peak of listing 100,000 objects", few.peakMb, "MB"),
    plainRow("sync memory: peak of listing 1,000,000 objects", million.peakMb, "MB"),
    plainRow("sync memory: listing 1,000,000 objects", million.ms / 1000, "s"),
    atMost("sync memory: growth from listing 100,000", listedGrowth, "MB", growthMbMax),
  ];
}

async function peakOf(
  s3: S3Process,
  bucket: string,
  settings: Readonly<Record<string, readonly string[]>> = {},
): Promise<Measured | undefined> {
  const flags = ["--s3-endpoint", s3.endpoint];
  await using server = await startServerProcess({ flags, env: s3.env });
  const app = await makeDocsApp(server, { bucket, units, settings });
  let peakMb = 0;
  const sample = (): void => {
    peakMb = Math.max(peakMb, residentMbOf(server.pid) ?? 0);
  };
  const timer = setInterval(sample, sampleMs);
  const { job, ms } = await syncDocs(app).finally(() => clearInterval(timer));
  const scanned = Number(job.metrics?.documentsScanned);
  const added = Number(job.metrics?.documentsAdded);
  return peakMb === 0 ? undefined : { peakMb, ms, scanned, added };
}
