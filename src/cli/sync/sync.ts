import type { DocumentDetails } from "../../contract/contract.ts";
import { chooseApplication, chooseDataSource } from "../choose.ts";
import type { Client } from "../client/client.ts";
import type { Command } from "../command.ts";
import {
  connect,
  connectionFlags,
  type Connection,
  explainKeyErrors,
} from "../client/connection.ts";
import { type CliContext, exitCodes, usageError } from "../context.ts";
import { countersOf, followSync, jobIn, newestJob, startSync, summarise } from "./follow-sync.ts";
import { type InDataSource, listDocuments } from "../listings.ts";
import { createProgressView, silentView } from "../progress.ts";
import { showReport } from "./sync-report.ts";
import { formatTable } from "../table.ts";

const failuresShownMax = 20;

/** `quarry sync`: runs a sync of a data source to its end, and says what failed and why. */
export const sync: Command = {
  name: "sync",
  summary: "sync a data source and show what became of its documents",
  usage: "[--application ID] [--data-source ID] [--report [--job ID]] [flags]",
  notes: [
    "A sync that runs already is followed. Exit code 1 when the sync does not succeed; single " +
      "documents that fail are listed with their reasons.",
    "With --report and --json: one line of JSON for each document.",
  ],
  flags: [
    { name: "--application", value: "ID", help: "its application (the only one, or the demo's)" },
    { name: "--data-source", value: "ID", help: "the data source (the only one)" },
    { name: "--report", help: "start nothing; show what the last sync did with each document" },
    { name: "--job", value: "ID", help: "the sync job of --report (the last one)" },
    ...connectionFlags,
  ],
  wordsMax: 0,
  async run(parsed, context) {
    const connection = connect(parsed, context);
    try {
      const flag = (name: string): string | undefined => parsed.flags.get(name)?.[0];
      const applicationId = await chooseApplication(connection.client, flag("--application"));
      const named = flag("--data-source");
      const source = await chooseDataSource(connection.client, applicationId, named);
      if (!parsed.flags.has("--report")) return await runSync(connection, source, context);
      const { client, isJson } = connection;
      const executionId = jobIn(parsed) ?? (await newestJob(client, source))?.executionId;
      if (executionId === undefined) throw usageError("There was no sync yet; leave --report out.");
      const write = (text: string): unknown => context.stdout.write(text);
      await showReport(client, { ...source, executionId }, { isJson, write });
      return exitCodes.ok;
    } catch (error) {
      throw explainKeyErrors(error, connection);
    }
  },
};

async function runSync(
  { client, isJson }: Connection,
  source: InDataSource,
  { stdout, isTerminal, now }: CliContext,
): Promise<number> {
  const view = isJson ? silentView : createProgressView({ out: stdout, isTerminal, now });
  const { executionId, wasRunning } = await startSync(client, source);
  if (wasRunning && !isJson) stdout.write("A sync is running already; following it.\n");
  const job = await followSync(client, { ...source, executionId }, { view, label: "Syncing" });
  const failures = await failedDocuments(client, source);
  if (isJson) {
    const result = { ...source, ...job, metrics: countersOf(job), failedDocuments: failures };
    stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    const hasNew = job.status !== "SUCCEEDED" || countersOf(job).failed > 0;
    stdout.write(`${summarise(job)}\n${renderFailures(failures, hasNew)}`);
  }
  return job.status === "SUCCEEDED" ? exitCodes.ok : exitCodes.failed;
}

async function failedDocuments(
  client: Client,
  source: InDataSource,
): Promise<readonly DocumentDetails[]> {
  const failed: DocumentDetails[] = [];
  for await (const document of listDocuments(client, source)) {
    const { status } = document;
    if (status === "FAILED" || status === "DOCUMENT_FAILED_TO_INDEX") failed.push(document);
  }
  return failed;
}

/**
 * Documents that failed with their reasons; nothing where none did. Those that failed in an earlier
 * sync and have not changed since are not tried again.
 */
export function renderFailures(failures: readonly DocumentDetails[], isNew: boolean): string {
  if (failures.length === 0) return "";
  const rows = failures
    .slice(0, failuresShownMax)
    .map(({ documentId = "", error }) => [`  ${documentId}`, error?.errorMessage ?? "no reason"]);
  const more = failures.length - rows.length;
  const rest = more === 0 ? "" : `  … and ${more} more; --json lists all.\n`;
  const title = isNew ? "Failed documents:" : "Failed before, unchanged and not tried again:";
  return `${title}\n${formatTable(rows)}${rest}`;
}
