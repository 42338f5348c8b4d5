import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");

/** The program itself in a process of its own. */
export type RealServer = AsyncDisposable & {
  readonly url: string;
  readonly out: () => string;
  readonly process: ChildProcess;
  /** Resolves when the output matches. */
  readonly says: (pattern: RegExp) => Promise<void>;
};

/** Starts `quarry …` on a free port and waits for its ready line. */
export async function realServer(argv: readonly string[]): Promise<RealServer> {
  const program = [join(root, "src", "main.ts"), ...argv, "--port", "0"];
  const child = spawn(process.execPath, program, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] },
  });
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.err += chunk));
  const says = async (pattern: RegExp): Promise<void> => {
    const deadline = AbortSignal.timeout(30_000);
    while (!pattern.test(text.out)) {
      if (deadline.aborted || child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`The server never said ${pattern}: ${text.out}${text.err}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await says(/^Quarry is ready at .+$/m);
  return {
    url: /^Quarry is ready at (.+)$/m.exec(text.out)?.[1] ?? "",
    out: () => text.out,
    process: child,
    says,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
    },
  };
}
