import type { RunningServer, ServerConfig } from "../core/server-config.ts";

/** Where text goes: standard output and standard error, or a test's memory. */
export type TextSink = {
  readonly write: (text: string) => unknown;
  /** Width of the terminal, where it is one. */
  readonly columns?: number;
};

/** Signals that ask a server to end. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** Calls `listener` at each signal; the result takes the listener away again. */
export type Signals = (listener: (signal: StopSignal) => void) => () => void;

/** What a command may touch of the outside world; nothing else reaches it. */
export type CliContext = {
  /** What stands after the program's name: `["ask", "…"]`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** Standard input; the process's own unless given. */
  readonly stdin?: AsyncIterable<unknown>;
  /** Whether standard output is a terminal: progress bars are for terminals only. */
  readonly isTerminal: boolean;
  readonly now: () => Date;
  /** Starts a server in this process. */
  readonly serve: (config: ServerConfig) => Promise<RunningServer>;
  /** Folder that holds package.json and sample-bucket. */
  readonly projectRoot: string;
  /** Folder that relative paths start from; the process's own unless given. */
  readonly cwd?: string;
  /** The process's own signals unless given. */
  readonly signals?: Signals;
  /** Ends the process at once; the process's own exit unless given. */
  readonly exit?: (code: number) => void;
};

/** Exit codes: all went well; the task failed; the command or its configuration is wrong. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** A failure that is told in one line, without a stack trace. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Wrong use or configuration: exit code 2. The message names the setting and the way out. */
export function usageError(message: string, options?: ErrorOptions): CliError {
  return new CliError(message, exitCodes.usage, options);
}

/** The process's SIGINT and SIGTERM. */
export const processSignals: Signals = (listener) => {
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return () => {
    process.off("SIGINT", listener);
    process.off("SIGTERM", listener);
  };
};
