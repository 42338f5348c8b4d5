import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ServerConfig } from "../../src/core/server-config.ts";
import type { Keys } from "./clients.ts";
import { accountId, region } from "./site.ts";

/** A server in a process of its own. */
export type ChildServer = {
  readonly url: string;
  readonly rootKey: Keys;
  /** Ends it without warning, as a loss of power would. */
  readonly kill: () => Promise<void>;
  /** Asks it to finish; gives the exit code. */
  readonly stop: () => Promise<number | null>;
};

const program = fileURLToPath(new URL("./serve-child.ts", import.meta.url));

/**
 * Starts a server on a data directory that outlives it.
 *
 * @param env added to this process's own
 * @param onLog takes the lines of its log, which otherwise go to this process's own
 */
export async function startChild(
  dataDir: string,
  buckets: Readonly<Record<string, string>>,
  {
    env = {},
    onLog,
    ...more
  }: Partial<ServerConfig> & {
    readonly env?: Readonly<Record<string, string>>;
    readonly onLog?: (line: string) => void;
  } = {},
): Promise<ChildServer> {
  const config = { host: "127.0.0.1", port: 0, accountId, region, buckets, dataDir };
  const argument = JSON.stringify({ ...config, logLevel: "error", ...more });
  const child: ChildProcess = spawn(process.execPath, [program, argument], {
    stdio: ["ignore", "pipe", onLog === undefined ? "inherit" : "pipe"],
    env: { ...process.env, ...env },
  });
  if (onLog !== undefined && child.stderr !== null) {
    createInterface({ input: child.stderr }).on("line", onLog);
  }
  const exited = once(child, "exit") as Promise<[number | null]>;
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [line] = (await Promise.race([
    once(lines, "line"),
    exited.then(([code]) => Promise.reject(new Error(`The server ended with code ${code}.`))),
  ])) as [string];
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<number | null> => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return {
    ...(JSON.parse(line) as { readonly url: string; readonly rootKey: Keys }),
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}
