import type { Client } from "../client/client.ts";
import type { InDataSource } from "../listings.ts";
import { type ReportLine, readReportLine, syncReport } from "./report-lines.ts";
import { formatTable } from "../table.ts";

const rowsShownMax = 200;

/**
 * Writes the report of a sync: with `isJson` every line as the server has it (NDJSON), else a table
 * of the documents that it touched or could not take, and how many it left alone.
 */
export async function showReport(
  client: Client,
  job: InDataSource & { readonly executionId: string },
  { isJson, write }: { readonly isJson: boolean; readonly write: (text: string) => unknown },
): Promise<void> {
  const counts = new Map<string, number>();
  const rows: (readonly string[])[] = [];
  for await (const value of syncReport(client, job, job.executionId)) {
    if (isJson) {
      write(`${JSON.stringify(value)}\n`);
      continue;
    }
    const line = readReportLine(value);
    const outcome = outcomeOf(line);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (outcome !== "unmodified" && rows.length < rowsShownMax) {
      rows.push([outcome, line.documentId, line.message]);
    }
  }
  if (isJson) return;
  const all = [...counts].filter(([outcome]) => outcome !== "unmodified");
  const hidden = all.reduce((sum, [, count]) => sum + count, 0) - rows.length;
  const more = hidden === 0 ? "" : `… and ${hidden} more; --json lists all.\n`;
  const sum = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", ");
  write(`${formatTable(rows)}${more}${sum === "" ? "The sync met no document" : sum}.\n`);
}

const outcomes: Readonly<Record<string, string>> = {
  ADD: "added",
  MODIFY: "modified",
  DELETE: "deleted",
  UNMODIFIED: "unmodified",
};

function outcomeOf({ action, status }: ReportLine): string {
  if (status === "FAILED") return "failed";
  return status === "SKIPPED" ? "skipped" : (outcomes[action] ?? action);
}
