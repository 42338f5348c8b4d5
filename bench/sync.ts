// Syncs of the documentation pages from a folder bucket: the first one, and one without a change
// against the time that listing the bucket takes.
import { createObjectStore } from "../src/objects/objects.ts";
import { docsBucket, makeDocsApp, syncDocs, unpackDocs } from "./support/docs-app.ts";
import { familyCpuMsOf, residentMbOf } from "./support/process-usage.ts";
import { atLeast, atMost, median, percentile, plainRow, type Row } from "./support/row.ts";
import { startServerProcess } from "./support/server-process.ts";

const pagesPerSecondMin = 250;
const unchangedMax = 2;
const rounds = 3;
const unchangedRounds = 5;

/** Measures both kinds of sync, several times, each first one on a new server. */
export default async function sync(): Promise<readonly Row[]> {
  using docs = unpackDocs();
  if (docs === undefined) return [];
  const firsts: First[] = [];
  const ratios: number[] = [];
  const unchanged: number[] = [];
  const listings: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await using server = await startServerProcess({
      flags: ["--bucket", `${docsBucket}=${docs.folder}`],
    });
    const app = await makeDocsApp(server);
    const cpuBefore = familyCpuMsOf(server.pid);
    const { job, ms } = await syncDocs(app);
    const pages = Number(job.metrics?.documentsAdded);
    if (!(pages > 1500)) throw new Error(`Only ${pages} pages were added.`);
    const cpuAfter = familyCpuMsOf(server.pid);
    const cpuMs = cpuAfter === undefined ? undefined : cpuAfter - (cpuBefore ?? 0);
    firsts.push({ pages, ms, cpuMs, memoryMb: residentMbOf(server.pid) });
    for (let again = 0; again < unchangedRounds; again += 1) {
      const listing = await timeOfListing(docs.folder);
      const { ms: repeated } = await syncDocs(app);
      listings.push(listing);
      unchanged.push(repeated);
      ratios.push(repeated / listing);
    }
  }
  const rates = firsts.map(({ pages, ms }) => (pages * 1000) / ms);
  const memory = firsts.flatMap(({ memoryMb }) => memoryMb ?? []);
  const cpu = firsts.flatMap(({ cpuMs, pages }) => (cpuMs === undefined ? [] : [cpuMs / pages]));
  return [
    {
      ...atLeast("sync: first sync, 1,529 pages", median(rates), "pages/s", pagesPerSecondMin),
      ...(memory.length === 0 ? {} : { memoryMb: Math.round(Math.max(...memory)) }),
    },
    plainRow("sync: first sync, the best of three", percentile(rates, 1), "pages/s"),
    ...(cpu.length === 0
      ? []
      : [plainRow("sync: CPU time of all processes per page", median(cpu), "ms")]),
    plainRow("sync: listing the bucket", median(listings), "ms"),
    plainRow("sync: second sync, nothing changed", median(unchanged), "ms"),
    atMost("sync: second sync, against listing", median(ratios), "x", unchangedMax),
  ];
}

type First = {
  readonly pages: number;
  readonly ms: number;
  readonly cpuMs: number | undefined;
  readonly memoryMb: number | undefined;
};

/** Milliseconds to list every object, as the sync itself lists them. */
async function timeOfListing(folder: string): Promise<number> {
  await using objects = createObjectStore({ buckets: { [docsBucket]: folder } });
  const start = performance.now();
  let count = 0;
  for await (const page of objects.list({ bucket: docsBucket, prefix: "" })) {
    if (page.kind === "failed") throw new Error(page.failure.message);
    count += page.objects.length;
  }
  if (count < 1500) throw new Error(`Only ${count} objects were listed.`);
  return performance.now() - start;
}
