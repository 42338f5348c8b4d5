// How fast passages are found in the documentation corpus, and what that costs in memory.
import { readPages, fill, askAll } from "../tests/evals/retrieval-data.ts";
import { createSearch } from "../src/search/search.ts";
import { collectionOn, testCollection } from "../src/search/testing/collection.ts";

/** One line of the table of benchmarks; `ok` says whether the target is met. */
type Row = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
  readonly ok?: boolean;
};

const p95MsMax = 15;
const coldMsMax = 300;
const warmUps = 100;

/** Measures publishing, first and later questions, and memory, on the documentation pages. */
export default async function search(): Promise<readonly Row[]> {
  const data = await readPages();
  if (data === undefined) return [];
  const { pages, questions } = data;
  await using collection = await testCollection({ threads: 2 });
  const chunks = pages.reduce((sum, page) => sum + page.chunks.length, 0);
  const filling = await timed(() => fill(collection, pages));
  const rows: Row[] = [
    {
      name: "search: prepare and publish",
      value: Math.round((chunks * 1000) / filling.ms),
      unit: "chunks/s",
    },
  ];
  const idle = process.memoryUsage().rss;
  await using fresh = createSearch({ db: collection.db, threads: 1 });
  const cold = collectionOn({ db: collection.db, search: fresh }, collection.indexId);
  const start = await timed(() => fresh.warmUp());
  rows.push({ name: "search: starting a thread", value: rounded(start.ms), unit: "ms" });
  const first = await timed(() => cold.passages(questions[0]?.question ?? ""));
  rows.push(atMost("search: first question that an index gets", first.ms, coldMsMax));
  // Titles of pages stand in for questions, so that hardly any is asked twice.
  const asked = pages.map(({ title = "" }) => `How do I use ${title}?`);
  const times: number[] = [];
  for (const [i, question] of asked.entries()) {
    const { ms } = await timed(() => cold.passages(question, { limit: 12 }));
    // The first ones let the code compile.
    if (i >= warmUps) times.push(ms);
  }
  const grown = process.memoryUsage().rss - idle;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? NaN;
  rows.push({ name: "search: question, p50", value: rounded(at(0.5)), unit: "ms" });
  rows.push(atMost("search: question, p95", at(0.95), p95MsMax));
  const parallel = await timed(() =>
    askAll(asked, (question) => collection.passages(question, { limit: 12 })),
  );
  const rate = Math.round((asked.length * 1000) / parallel.ms);
  rows.push({ name: "search: questions, four at a time on two threads", value: rate, unit: "1/s" });
  const { sizeBytes } = await collection.search.stats(collection.indexId);
  rows.push({ name: "search: segments", value: rounded(sizeBytes / 1e6), unit: "MB" });
  rows.push({
    name: "search: memory of one thread for questions",
    value: Math.round(grown / 1e6),
    unit: "MB",
  });
  return rows;
}

function atMost(name: string, ms: number, max: number): Row {
  return { name, value: rounded(ms), unit: "ms", target: `<= ${max}`, ok: ms <= max };
}

function rounded(value: number): number {
  return Number(value.toFixed(value < 10 ? 2 : 1));
}

async function timed<T>(run: () => Promise<T>): Promise<{ readonly ms: number }> {
  const start = performance.now();
  await run();
  return { ms: performance.now() - start };
}
