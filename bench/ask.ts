// From a question to its answer, over the wire: ChatSync on the documentation pages, by a client
// that keeps its connection, one question after the other.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import {
  type DocsApp,
  docsBucket,
  docsQuestions,
  makeDocsApp,
  syncDocs,
  unpackDocs,
} from "./support/docs-app.ts";
import { cpuMsOf, residentMbOf } from "./support/process-usage.ts";
import { atMost, percentile, plainRow, type Row } from "./support/row.ts";
import { startServerProcess } from "./support/server-process.ts";

const p95MsMax = 40;
const rounds = 6;
const syncedMeanwhile = 5_000;

/** Measures the first question, then all of them several times. */
export default async function ask(): Promise<readonly Row[]> {
  using docs = unpackDocs();
  if (docs === undefined) return [];
  await using server = await startServerProcess({
    flags: ["--bucket", `${docsBucket}=${docs.folder}`],
  });
  const app = await makeDocsApp(server);
  await syncDocs(app);
  const { client, applicationId } = app;
  const questions = docsQuestions();
  const times: number[] = [];
  let first = NaN;
  let cited = 0;
  let cpuBefore: number | undefined;
  for (let round = 0; round <= rounds; round += 1) {
    // The first round lets the code compile.
    if (round === 1) cpuBefore = cpuMsOf(server.pid);
    for (const userMessage of questions) {
      const start = performance.now();
      const answer = await client.call("ChatSync", { applicationId, userMessage });
      const ms = performance.now() - start;
      if (Number.isNaN(first)) first = ms;
      if (round === 0) cited += (answer.sourceAttributions ?? []).length > 0 ? 1 : 0;
      else times.push(ms);
    }
  }
  if (cited < questions.length / 2) throw new Error(`Only ${cited} answers have sources.`);
  const cpuAfter = cpuMsOf(server.pid);
  const cpu = cpuAfter === undefined ? [] : [(cpuAfter - (cpuBefore ?? 0)) / times.length];
  const memoryMb = residentMbOf(server.pid);
  const during = await askDuringSync(app, docs.folder, questions);
  return [
    plainRow("ask: the first question after a sync", first, "ms"),
    plainRow("ask: question to answer, p50", percentile(times, 0.5), "ms"),
    {
      ...atMost("ask: question to answer, p95", percentile(times, 0.95), "ms", p95MsMax),
      ...(memoryMb === undefined ? {} : { memoryMb: Math.round(memoryMb) }),
    },
    ...cpu.map((ms) => plainRow("ask: CPU time per question", ms, "ms")),
    plainRow("ask: while 5,000 documents are synced, p50", percentile(during, 0.5), "ms"),
    plainRow("ask: while 5,000 documents are synced, p95", percentile(during, 0.95), "ms"),
  ];
}

/** How long answers take while the same index grows by thousands of documents. */
async function askDuringSync(
  app: DocsApp,
  folder: string,
  questions: readonly string[],
): Promise<readonly number[]> {
  mkdirSync(join(folder, "more"));
  for (let i = 0; i < syncedMeanwhile; i += 1) {
    // Words of the questions, so that what is new counts for them.
    const said = Array.from({ length: 8 }, (_, n) => questions[(i * 8 + n) % questions.length]);
    writeFileSync(join(folder, "more", `page-${i}.md`), `# Page ${i}\n\n${said.join("\n\n")}\n`);
  }
  const over = new AbortController();
  const sync = syncDocs(app).finally(() => over.abort());
  const times: number[] = [];
  for (let i = 0; !over.signal.aborted; i += 1) {
    const userMessage = questions[i % questions.length] ?? "";
    const start = performance.now();
    await app.client.call("ChatSync", { applicationId: app.applicationId, userMessage });
    times.push(performance.now() - start);
  }
  const { job } = await sync;
  const added = Number(job.metrics?.documentsAdded);
  if (added !== syncedMeanwhile) throw new Error(`${added} documents were added meanwhile.`);
  return times;
}
