import type { CliContext } from "../context.ts";
import { readObject } from "../client/credentials.ts";
import { bytesOf, openInput, unreadable } from "./files.ts";

/** One line of the server's log. Members that are missing read as empty. */
export type LoggedEvent = {
  readonly time: string;
  readonly event: string;
  readonly text: (member: string) => string;
  readonly lines: (member: string) => readonly string[];
};

const lineBytesMax = 1024 * 1024;
const eventsMax = 100;

/**
 * The events of one request in a log, in order, a hundred at most. The log may be of any size: it
 * is read once and never held. Lines that are no JSON or too long are passed over.
 *
 * @throws CliError with exit code 2 for a log that cannot be read.
 */
export async function findRequest(
  requestId: string,
  log: string,
  context: CliContext,
): Promise<readonly LoggedEvent[]> {
  const found: LoggedEvent[] = [];
  try {
    for await (const line of linesOf(openInput(log, context))) {
      // Most lines are of other requests; a look at the text is cheaper than reading them.
      if (!line.includes(requestId)) continue;
      const members = readObject(line);
      if (members["requestId"] === requestId) found.push(eventOf(members));
      if (found.length >= eventsMax) break;
    }
  } catch (error) {
    throw unreadable(log, error);
  }
  return found;
}

async function* linesOf(pieces: AsyncIterable<unknown>): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let sizeBytes = 0;
  const take = (): string => {
    const line = sizeBytes > lineBytesMax ? "" : Buffer.concat(held).toString("utf8");
    held = [];
    sizeBytes = 0;
    return line;
  };
  for await (const piece of pieces) {
    let rest = bytesOf(piece);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      hold(rest.subarray(0, end));
      yield take();
      rest = rest.subarray(end + 1);
    }
    hold(rest);
  }
  yield take();

  function hold(bytes: Buffer): void {
    sizeBytes += bytes.length;
    if (sizeBytes > lineBytesMax) held = [];
    else held.push(bytes);
  }
}

function eventOf(members: Readonly<Record<string, unknown>>): LoggedEvent {
  const text = (member: string): string => {
    const value = Object.hasOwn(members, member) ? members[member] : undefined;
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const lines = (member: string): readonly string[] =>
    text(member)
      .split("\n")
      .filter((line) => line !== "");
  return { time: text("time"), event: text("event"), text, lines };
}
