import type { RunningServer, ServerConfig } from "../../core/server-config.ts";
import type { CliContext, StopSignal } from "../context.ts";

/** A context that keeps what is written, with a server that only remembers its configuration. */
export type TestConsole = CliContext & {
  readonly out: () => string;
  readonly err: () => string;
  /** Configurations that a server was started with. */
  readonly started: readonly ServerConfig[];
  readonly send: (signal: StopSignal) => void;
  readonly exits: readonly number[];
};

/** A console for one command. The server that it starts is `server`, or one that does nothing. */
export function testConsole(
  argv: readonly string[],
  options: Partial<Pick<CliContext, "env" | "cwd" | "isTerminal" | "projectRoot" | "now">> & {
    readonly server?: (config: ServerConfig) => Promise<RunningServer>;
  } = {},
): TestConsole {
  const written = { out: "", err: "" };
  const started: ServerConfig[] = [];
  const exits: number[] = [];
  const listeners = new Set<(signal: StopSignal) => void>();
  return {
    argv,
    env: {},
    isTerminal: false,
    now: () => new Date(0),
    projectRoot: "/nowhere",
    ...options,
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    serve: async (config) => {
      started.push(config);
      return options.server === undefined ? idleServer(config) : options.server(config);
    },
    signals: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exit: (code) => void exits.push(code),
    out: () => written.out,
    err: () => written.err,
    started,
    exits,
    send: (signal) => {
      for (const listener of listeners) listener(signal);
    },
  };
}

/** A server that answers nothing. */
export function idleServer(
  { host, port }: Pick<ServerConfig, "host" | "port">,
  overrides: Partial<RunningServer> = {},
): RunningServer {
  const url = `http://${host}:${port}`;
  return {
    url,
    publicUrl: url,
    rootKey: { accessKeyId: "AKIDROOT", secretAccessKey: "root-secret" },
    isRootKeyNew: false,
    close: async () => undefined,
    ...overrides,
  };
}

/** Resolves when `isTrue` holds; rejects after two seconds. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400; turn += 1) {
    if (isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("It did not happen in time.");
}
