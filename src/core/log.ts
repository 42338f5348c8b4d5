/** Fields of one log line. Values are written as JSON; a secret has no business among them. */
export type LogFields = { readonly [name: string]: string | number | boolean | undefined };

/** Levels, from chatty to grave. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** One JSON line per event: `{"time":…,"level":…,"event":…, …fields}`. */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

/** Writes JSON lines through `write` (standard error in the server); drops what is below `min`. */
export function createLog(options: {
  readonly write: (line: string) => void;
  readonly min: LogLevel;
  readonly now: () => Date;
}): Log {
  const order: readonly LogLevel[] = ["debug", "info", "warn", "error"];
  const floor = order.indexOf(options.min);
  return (level, event, fields) => {
    if (order.indexOf(level) < floor) return;
    const line = { time: options.now().toISOString(), level, event, ...fields };
    options.write(`${JSON.stringify(line)}\n`);
  };
}

/** A log that keeps nothing, for tests that do not look at it. */
export const silentLog: Log = () => undefined;

/** What an unknown thrown value says of itself, for a log line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (cause: ${reasonOf(error.cause)})`;
  return `${error.name}: ${error.message}${cause}`;
}
