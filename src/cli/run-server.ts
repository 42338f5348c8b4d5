import type { RunningServer, ServerConfig } from "../core/server-config.ts";
import { type CliContext, CliError, exitCodes, processSignals, usageError } from "./context.ts";

const endedAtOnce = 130;

/**
 * Starts a server, says what is to be said once, and waits for SIGTERM or SIGINT. The ready line
 * comes first of all work: `afterReady` runs beside the server, and its failure does not end it.
 *
 * @returns 0 after a graceful end, 130 where a second signal cut it short.
 */
export async function runServer(
  config: ServerConfig,
  context: CliContext,
  afterReady: (server: RunningServer, stopping: AbortSignal) => Promise<void> = async () => {},
): Promise<number> {
  const { stdout, stderr } = context;
  const stopping = new AbortController();
  const asked = Promise.withResolvers<void>();
  const insisted = Promise.withResolvers<void>();
  const release = (context.signals ?? processSignals)(() => {
    if (stopping.signal.aborted) {
      insisted.resolve();
      (context.exit ?? process.exit)(endedAtOnce);
    }
    stopping.abort();
    asked.resolve();
  });
  try {
    const server = await start(config, context);
    if (server.isRootKeyNew) stdout.write(rootKeyNotice(server, config));
    stdout.write(`Quarry is ready at ${server.url}\n`);
    const work = afterReady(server, stopping.signal).catch((error: unknown) => {
      if (stopping.signal.aborted) return;
      if (!(error instanceof CliError)) throw error;
      stderr.write(`quarry: ${error.message}\n`);
    });
    // A bug in the work beside the server ends the command; a signal must not wait for that work.
    await Promise.race([asked.promise, work.then(() => asked.promise)]);
    const closed = server.close().then(() => exitCodes.ok);
    return await Promise.race([closed, insisted.promise.then(() => endedAtOnce)]);
  } finally {
    release();
  }
}

async function start(config: ServerConfig, context: CliContext): Promise<RunningServer> {
  try {
    return await context.serve(config);
  } catch (error) {
    throw config.logLevel === "debug" ? error : explainStart(error, config);
  }
}

/** What kept a server from starting, in one line. `--log-level debug` shows the stack trace. */
export function explainStart(error: unknown, config: ServerConfig): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  const { host, port } = config;
  if (code === "EADDRINUSE") {
    return usageError(`Port ${port} of ${host} is in use; choose another with --port.`);
  }
  if (code === "EACCES" && isBind(error)) {
    return usageError(
      `Port ${port} of ${host} may not be used; choose one above 1023 with --port.`,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return usageError(`--host ${host} is no address of this machine; use 127.0.0.1 or 0.0.0.0.`);
  }
  const line = error.message.split("\n", 1)[0] ?? "";
  return new CliError(`The server could not start: ${line}`, exitCodes.failed, { cause: error });
}

function codeOf(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : "";
}

function isBind(error: Error): boolean {
  const isHere = "syscall" in error && error.syscall === "listen";
  return isHere || (error.cause instanceof Error && isBind(error.cause));
}

function rootKeyNotice({ rootKey }: RunningServer, config: ServerConfig): string {
  return [
    "",
    "  The root key of this installation, shown this once:",
    "",
    `    AWS_ACCESS_KEY_ID=${rootKey.accessKeyId}`,
    `    AWS_SECRET_ACCESS_KEY=${rootKey.secretAccessKey}`,
    "",
    `  It may do everything. It is kept in ${config.dataDir}, readable by its owner alone.`,
    "",
    "",
  ].join("\n");
}
