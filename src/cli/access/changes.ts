import { type ReportLine, readReportLine } from "../sync/report-lines.ts";
import { formatTable } from "../table.ts";

const shownMax = 50;

const verbs: Readonly<Record<string, string>> = {
  ADD: "added",
  MODIFY: "modified",
  DELETE: "deleted",
  UNMODIFIED: "unmodified",
};

/** What a change of access is called; the gravest first. */
const accessWords: readonly (readonly [change: string, words: string])[] = [
  ["OPENED", "now open to everyone"],
  ["WIDENED", "access widened"],
  ["CHANGED", "access changed"],
  ["NARROWED", "access narrowed"],
];

/** What became of one document, in words. */
export type Change = {
  readonly documentId: string;
  readonly change: string;
  /** Empty where access stayed as it was. */
  readonly access: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
};

/** What changed of a document in a sync; undefined where nothing did. */
export function changeOf(line: ReportLine): Change | undefined {
  const { documentId, message, from, to } = line;
  const isFailed = line.status === "FAILED";
  const access = accessOf(line);
  if (line.status === "SKIPPED") return undefined;
  if (line.action === "UNMODIFIED" && access === "") return undefined;
  return {
    documentId,
    change: isFailed ? "failed" : (verbs[line.action] ?? line.action),
    access,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(message === "" ? {} : { reason: message }),
  };
}

function accessOf({ accessChange, isOpen, from }: ReportLine): string {
  const words = accessWords.find(([change]) => change === accessChange)?.[1];
  if (words !== undefined) return words;
  return isOpen && from === undefined ? "open to everyone" : "";
}

/**
 * Tells what a sync changed: a table with what opened first, and a last line that sums up. Of each
 * kind it keeps no more lines than it shows.
 */
export async function renderChanges(report: AsyncIterable<unknown>): Promise<string> {
  const kinds = new Map<string, { count: number; readonly shown: Change[] }>();
  const counts = new Map<string, number>();
  for await (const line of report) {
    const change = changeOf(readReportLine(line));
    if (change === undefined) continue;
    counts.set(change.change, (counts.get(change.change) ?? 0) + 1);
    const kind = kinds.get(change.access) ?? { count: 0, shown: [] };
    kinds.set(change.access, kind);
    kind.count += 1;
    if (kind.shown.length < shownMax) kind.shown.push(change);
  }
  if (kinds.size === 0) return "Nothing changed.\n";
  const order = [...accessWords.map(([, words]) => words), "open to everyone", ""];
  const listed = order.flatMap((words) => kinds.get(words)?.shown ?? []);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const hidden = total - listed.length;
  const more = hidden === 0 ? "" : `… and ${hidden} more; --json lists all.\n`;
  const parts = ["added", "modified", "deleted", "failed"].map(
    (verb) => `${counts.get(verb) ?? 0} ${verb}`,
  );
  const access = order.flatMap((words) => {
    const count = kinds.get(words)?.count ?? 0;
    return words === "" || count === 0 ? [] : [`${count} ${words}`];
  });
  const sum = `${parts.join(", ")}${access.length === 0 ? "" : `; ${access.join(", ")}`}.\n`;
  return `${formatTable(listed.map(rowOf))}${more}${sum}`;
}

function rowOf({ documentId, change, access, from, to, reason }: Change): readonly string[] {
  const isSame = from === to && access === "";
  const readers = isSame ? (to ?? "") : [from, to].map((who) => who ?? "-").join(" -> ");
  return [change, access, documentId, readers, ...(reason === undefined ? [] : [reason])];
}
