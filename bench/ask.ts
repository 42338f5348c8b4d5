// From a question to its answer, over the wire: ChatSync on the documentation pages, by a client
// that keeps its connection, one question after the other.
import { performance } from "node:perf_hooks";
import {
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
  return [
    plainRow("ask: the first question after a sync", first, "ms"),
    plainRow("ask: question to answer, p50", percentile(times, 0.5), "ms"),
    {
      ...atMost("ask: question to answer, p95", percentile(times, 0.95), "ms", p95MsMax),
      ...(memoryMb === undefined ? {} : { memoryMb: Math.round(memoryMb) }),
    },
    ...cpu.map((ms) => plainRow("ask: CPU time per question", ms, "ms")),
  ];
}
