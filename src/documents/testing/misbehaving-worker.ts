// A child whose reader does what the document says: hang, grow, crash, talk nonsense.
import { spawnSync } from "node:child_process";
import { writeFileSync, writeSync } from "node:fs";
import { env } from "node:process";
import type { ExtractResult } from "../extract.ts";
import { pipeDescriptor, serveJobs } from "../serve-jobs.ts";

const kept: Buffer[] = [];
/** What a reader that was taken over might try; each must throw. */
const mischief: Readonly<Record<string, () => unknown>> = {
  "write a file": () => writeFileSync("quarry-mischief.txt", "x"),
  "start a program": () => spawnSync("true"),
  "load native code": () => process.dlopen({ exports: {} }, "x.node"),
};

function whatWorked(): string {
  const worked = Object.entries(mischief).filter(([, act]) => {
    try {
      act();
      return true;
    } catch (error) {
      return !(error instanceof Error && "code" in error && isDenial(error.code));
    }
  });
  return worked.map(([name]) => name).join(", ") || "nothing";
}

function isDenial(code: unknown): boolean {
  return code === "ERR_ACCESS_DENIED" || code === "ERR_DLOPEN_DISABLED";
}

const orders: Readonly<Record<string, () => void>> = {
  hang() {
    for (;;) kept.length = 0;
  },
  grow() {
    for (;;) kept.push(Buffer.alloc(8_000_000, 1));
  },
  heap() {
    const held: string[][] = [];
    for (;;) held.push(Array.from({ length: 10_000 }, (_, index) => `${index} ${held.length}`));
  },
  exit: () => process.exit(3),
  nonsense: () => void writeSync(pipeDescriptor, Buffer.alloc(64, 0xff)),
  throw() {
    throw new Error("not foreseen");
  },
};

serveJobs(async (bytes, hints, onReader): Promise<ExtractResult> => {
  const [order = "", where] = bytes.toString().split(" ");
  const read = (): Promise<never> => Promise.reject(new Error("never read"));
  onReader?.({ read, hasFallback: where === "once" });
  if (hints.isFallback !== true) orders[order]?.();
  await new Promise((resolve) => setTimeout(resolve, order === "slow" ? 300 : 0));
  const environment = Object.keys(env).length;
  if (order === "mischief") return { outcome: "unsupported", reason: whatWorked() };
  const warnings = [`${environment} variables`, hints.isFallback === true ? "fallback" : "first"];
  return { outcome: "extracted", format: "txt", chunks: [], textBytes: bytes.length, warnings };
});
