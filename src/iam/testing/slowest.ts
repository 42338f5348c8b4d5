import process from "node:process";

/** The input that took the most CPU time, in milliseconds. */
export type Slowest = { readonly ms: number; readonly input: string };

const suspiciousMs = 5;
const repeats = 3;

/**
 * Watches for slow inputs by CPU time, so that other work on the machine does not count. What looks
 * slow is run again, and the least time counts: collecting garbage is no fault of an input.
 */
export function slowestOf(): {
  readonly run: <Value>(input: string, work: () => Value) => Value;
  readonly runLater: <Value>(input: string, work: () => Promise<Value>) => Promise<Value>;
  readonly found: () => Slowest;
} {
  let slowest: Slowest = { ms: 0, input: "" };
  const note = (input: string, ms: number): void => {
    if (ms > slowest.ms) slowest = { ms, input };
  };
  return {
    run(input, work) {
      const start = process.cpuUsage();
      const value = work();
      let ms = msSince(start);
      for (let turn = 0; turn < repeats && ms > suspiciousMs && ms > slowest.ms; turn += 1) {
        const again = process.cpuUsage();
        work();
        ms = Math.min(ms, msSince(again));
      }
      note(input, ms);
      return value;
    },
    async runLater(input, work) {
      const start = process.cpuUsage();
      const value = await work();
      let ms = msSince(start);
      for (let turn = 0; turn < repeats && ms > suspiciousMs && ms > slowest.ms; turn += 1) {
        const again = process.cpuUsage();
        await work();
        ms = Math.min(ms, msSince(again));
      }
      note(input, ms);
      return value;
    },
    found: () => slowest,
  };
}

function msSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
