import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import nodeFlagsOf from "../../tools/node-flags.json" with { type: "json" };
import type { Credentials } from "../../src/sigv4/sigv4.ts";

/** A server in a process of its own, as an operator would start it. */
export type ServerProcess = AsyncDisposable & {
  readonly url: string;
  readonly pid: number;
  readonly key: Credentials;
  /** From the start of the process to the ready line. */
  readonly readyMs: number;
  /** Resolves with the first line of standard output that has `text` in it. */
  readonly line: (text: string) => Promise<string>;
};

const root = fileURLToPath(new URL("../..", import.meta.url));
const key: Credentials = {
  accessKeyId: "AKIABENCHMARKKEY0000",
  secretAccessKey: "benchmark/secret/key/of/no/use/elsewhere",
};

/**
 * Starts `quarry serve` (or another command) on a free port with a new data directory, unless one
 * is given; `start` with the flags for Node that `npm start` gives it. QUARRY_BENCH_NODE_FLAGS adds
 * others, such as `--cpu-prof`.
 */
export async function startServerProcess(
  options: {
    readonly command?: "serve" | "start";
    readonly flags?: readonly string[];
    readonly dataDir?: string;
    /** Added to this process's own environment. */
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<ServerProcess> {
  const { command = "serve", flags = [] } = options;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "quarry-bench-"));
  const asked = (process.env["QUARRY_BENCH_NODE_FLAGS"] ?? "").split(" ").filter(Boolean);
  const nodeFlags = [...(command === "start" ? nodeFlagsOf.start : []), ...asked];
  const logLevel = command === "serve" ? ["--log-level", "warn"] : [];
  const places = ["--port", "0", "--data-dir", dataDir, ...logLevel];
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [...nodeFlags, join(root, "src/main.ts"), command, ...places, ...flags],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        ...options.env,
        QUARRY_ROOT_ACCESS_KEY_ID: key.accessKeyId,
        QUARRY_ROOT_SECRET_ACCESS_KEY: key.secretAccessKey,
      },
    },
  );
  const exit = once(child, "exit");
  let text = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    for (const look of waiting) look();
  });
  const line = async (wanted: string): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = (): void => {
      const found = text
        .split("\n")
        .slice(0, -1)
        .find((part) => part.includes(wanted));
      if (found !== undefined) resolve(found);
    };
    waiting.add(look);
    look();
    const ended = exit.then(() => Promise.reject(new Error(`The server ended: ${text}`)));
    return Promise.race([promise, ended]).finally(() => waiting.delete(look));
  };
  const ready = await line("Quarry is ready at ");
  const readyMs = performance.now() - startedAt;
  return {
    url: ready.replace("Quarry is ready at ", ""),
    pid: child.pid ?? 0,
    key,
    readyMs,
    line,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exit;
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
