// How soon a server answers, and what it holds in memory when nobody asks: `quarry serve`, and
// what `npm start` runs (the server and then the demo).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { residentMbOf } from "./support/process-usage.ts";
import { atMost, median, plainRow, type Row } from "./support/row.ts";
import { startServerProcess } from "./support/server-process.ts";

const readyMsMax = 2000;
const idleMbMax = 200;
const starts = 5;
const idleMs = 10_000;

/** Measures starts on a new and on a kept data directory. */
export default async function start(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const command of ["serve", "start"] as const) {
    const name = command === "serve" ? "start: quarry serve" : "start: npm start";
    const dataDir = mkdtempSync(join(tmpdir(), "quarry-bench-start-"));
    try {
      const first = await once(command, dataDir, 0);
      const times = [first.readyMs];
      for (let turn = 1; turn < starts; turn += 1) {
        times.push((await once(command, dataDir, 0)).readyMs);
      }
      rows.push(plainRow(`${name}, ready on an empty data directory`, first.readyMs, "ms"));
      rows.push(atMost(`${name}, ready`, median(times), "ms", readyMsMax));
      const { idleMb } = await once(command, dataDir, idleMs);
      if (idleMb !== undefined) {
        rows.push(atMost(`${name}, memory after 10 idle seconds`, idleMb, "MB", idleMbMax));
      }
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  }
  return rows;
}

async function once(
  command: "serve" | "start",
  dataDir: string,
  waitMs: number,
): Promise<{ readonly readyMs: number; readonly idleMb: number | undefined }> {
  await using server = await startServerProcess({ command, dataDir });
  await sleep(waitMs);
  return { readyMs: server.readyMs, idleMb: residentMbOf(server.pid) };
}
