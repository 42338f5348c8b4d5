import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Client, Outcome, Target } from "./client.ts";

type Answer = Outcome | { readonly kind: "broken"; readonly message: string };

/** boto3 in a Python process; undefined where Python or boto3 is not at hand. */
export async function openBoto3(target: Target): Promise<Client | undefined> {
  const script = fileURLToPath(new URL("boto3_client.py", import.meta.url));
  const python = spawn("python3", [script], { stdio: ["pipe", "pipe", "ignore"] });
  python.on("error", () => undefined);
  python.stdin.on("error", () => undefined);
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const greeting = await lines.next();
  if (greeting.done === true) return undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    name: "boto3",
    call: async (call) => {
      // One line at a time: answers come in the order of the calls.
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await before;
      try {
        python.stdin.write(`${JSON.stringify({ ...call, ...target })}\n`);
        const line = await lines.next();
        if (line.done === true) throw new Error("The Python process has ended.");
        const answer = JSON.parse(line.value) as Answer;
        if (answer.kind === "broken") throw new Error(`boto3: ${answer.message}`);
        return answer;
      } finally {
        resolve();
      }
    },
    close: () => python.kill(),
  };
}
