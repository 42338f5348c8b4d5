// All benchmarks, one after the other, each in a process of its own, in one table:
//   npm run bench                 all of them but the long ones
//   npm run bench -- search ask   some of them
//   npm run bench -- --json       for programs
import { fork } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Row } from "./support/row.ts";

/** What a benchmark's process tells at its end. */
type Report = { readonly rows: readonly Row[]; readonly peakMb: number };

const here = fileURLToPath(import.meta.url);
/** Take many minutes, and run only where they are named. */
const long: readonly string[] = ["sync-memory"];

async function runOne(name: string): Promise<void> {
  const { default: bench } = (await import(`./${name}.ts`)) as {
    readonly default: () => Promise<readonly Row[]>;
  };
  const rows = await bench();
  const peakMb = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
  process.send?.({ rows, peakMb } satisfies Report, () => process.exit());
}

/** Runs a benchmark in a process of its own; its memory is its own then, too. */
async function report(name: string): Promise<Report> {
  const child = fork(here, ["--one", name], { execArgv: ["--expose-gc"] });
  const message = once(child, "message") as Promise<[Report]>;
  const ended = once(child, "exit").then(() => undefined);
  const answer = await Promise.race([message, ended]);
  if (answer === undefined) throw new Error(`The benchmark ${name} ended without a result.`);
  await ended;
  return answer[0];
}

async function runAll(args: readonly string[]): Promise<number> {
  const isJson = args.includes("--json");
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const known = globSync("*.ts", { cwd: new URL(".", import.meta.url) })
    .map((file) => basename(file, ".ts"))
    .filter((name) => name !== "run")
    .sort();
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`No benchmark ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
    return 2;
  }
  const lines: Line[] = [];
  const usual = known.filter((name) => !long.includes(name));
  for (const name of wanted.length > 0 ? wanted : usual) {
    console.error(`${name} …`);
    const [before = 0] = loadavg();
    try {
      const { rows, peakMb } = await report(name);
      if (rows.length === 0) console.error(`${name}: its data is not at hand; nothing measured.`);
      lines.push(...rows.map((row) => ({ memoryMb: peakMb, ...row, loadBefore: before })));
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      lines.push({ name, value: NaN, unit: "failed", ok: false, loadBefore: before });
    }
  }
  console.log(isJson ? JSON.stringify({ machine: machine(), rows: lines }, null, 2) : table(lines));
  return lines.some(({ ok }) => ok === false) ? 1 : 0;
}

/** `loadBefore`: the load average when its benchmark began; high means that others worked too. */
type Line = Row & { readonly loadBefore: number };

function machine(): string {
  return `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? "?"}, Node ${process.version}`;
}

function table(lines: readonly Line[]): string {
  const head = ["benchmark", "value", "unit", "target", "", "memory MB", "load"];
  const cells = lines.map(({ name, value, unit, target, ok, memoryMb, loadBefore }) => [
    name,
    String(value),
    unit,
    target ?? "",
    ok === undefined ? "" : ok ? "ok" : "miss",
    memoryMb === undefined ? "" : String(memoryMb),
    loadBefore.toFixed(1) + (loadBefore > availableParallelism() / 2 ? " busy" : ""),
  ]);
  const rows = [head, ...cells];
  const widths = head.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const isNumber = [false, true, false, false, false, true, true];
  const text = rows.map((row) =>
    row
      .map((cell, column) =>
        isNumber[column] === true
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [machine(), "", ...text].join("\n");
}

const [first, ...rest] = process.argv.slice(2);
if (first === "--one") await runOne(rest[0] ?? "");
else process.exitCode = await runAll(process.argv.slice(2));
