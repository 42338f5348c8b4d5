// A child whose reader does what the document says: hang, grow, crash, talk nonsense.
import { writeSync } from "node:fs";
import { env } from "node:process";
import type { ExtractResult } from "../extract.ts";
import { pipeDescriptor, serveJobs } from "../serve-jobs.ts";

const kept: Buffer[] = [];
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
  const warnings = [`${environment} variables`, hints.isFallback === true ? "fallback" : "first"];
  return { outcome: "extracted", format: "txt", chunks: [], textBytes: bytes.length, warnings };
});
