// The leak simulation at length: QUARRY_LEAK_SEEDS says how many seeds, QUARRY_LEAK_SEED which is
// the first. What leaks ends it, with the seed that shows it again.
import process from "node:process";
import { createExtractor } from "../src/documents/documents.ts";
import { runLeakWorlds } from "../tests/integration/leak-run.ts";
import { plainRow, type Row } from "./support/row.ts";

const seeds = Number(process.env["QUARRY_LEAK_SEEDS"] ?? 10_000);
const first = Number(process.env["QUARRY_LEAK_SEED"] ?? 1);

/** Looks for one answer that tells somebody what they may not see. */
export default async function simulation(): Promise<readonly Row[]> {
  await using extractor = createExtractor({ processes: 2 });
  const start = performance.now();
  const seen = await runLeakWorlds({ extractor, first, seeds, servers: 3 });
  for (const leak of seen.leaks) console.error(leak);
  const { leaks, questions, words, syncs, crashes } = seen;
  return [
    {
      name: `simulation: leaks in ${seen.seeds} seeds from ${first}`,
      value: leaks.length,
      unit: "",
      target: "<= 0",
      ok: leaks.length === 0,
    },
    plainRow("simulation: questions that were asked", questions, ""),
    plainRow("simulation: words that answers told", words, ""),
    plainRow("simulation: syncs", syncs, ""),
    plainRow("simulation: crashes", crashes, ""),
    plainRow("simulation: time", (performance.now() - start) / 1000, "s"),
  ];
}
