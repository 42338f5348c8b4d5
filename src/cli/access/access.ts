import { type AccessExplanation, explainAccess } from "./explain-access.ts";
import { type Change, changeOf, renderChanges } from "./changes.ts";
import { shown } from "../arguments.ts";
import { chooseApplication, chooseDataSource } from "../choose.ts";
import { type Client, ServiceError } from "../client/client.ts";
import type { Command } from "../command.ts";
import {
  connect,
  type Connection,
  connectionFlags,
  explainKeyErrors,
} from "../client/connection.ts";
import { type CliContext, exitCodes, usageError } from "../context.ts";
import { type InIndex, listDataSources, listDocuments, listIndices } from "../listings.ts";
import { allPages, collect } from "../client/pages.ts";
import { jobIn, newestJob } from "../sync/follow-sync.ts";
import { writeJsonList } from "../json-list.ts";
import { openDocuments, type OpenLine, readReportLine, syncReport } from "../sync/report-lines.ts";
import { documentReaders, type ReaderLine, renderReaders } from "./readers.ts";
import { formatTable } from "../table.ts";

/** A document, and what a user may do with it. */
type Row = AccessExplanation & {
  readonly documentId: string;
  readonly dataSourceId?: string;
  readonly indexId: string;
};

/** `quarry access`: what somebody may read and why, what a sync changed, what everyone sees. */
export const access: Command = {
  name: "access",
  summary: "show who may read which documents and why, and what a sync changed",
  usage: "--user EMAIL [--document ID] | --document ID | --changes [--job ID] | --open [flags]",
  notes: [
    "With --user: what this person may read; with --document that document alone, and every reason. " +
      "The user must be in the user store.",
    "With --document alone: who may read it, by name and with the groups on the way, and who is " +
      "denied. People whom an identity provider puts into groups are not known here.",
    "With --changes: what the last sync of a data source, or the one of --job, added, changed and " +
      "deleted, and whose access became wider or narrower.",
    "With --open: the documents that everyone sees because no list names anybody.",
  ],
  flags: [
    { name: "--user", value: "EMAIL", help: "whose access" },
    { name: "--document", value: "ID", help: "one document" },
    { name: "--changes", help: "what the last sync changed" },
    { name: "--job", value: "ID", help: "the sync job of --changes (the last one)" },
    { name: "--data-source", value: "ID", help: "the data source of --changes, or of --document" },
    { name: "--open", help: "only documents without an access list" },
    { name: "--application", value: "ID", help: "the application (the only one, or the demo's)" },
    { name: "--index", value: "ID", help: "one index (all)" },
    ...connectionFlags,
  ],
  wordsMax: 0,
  async run(parsed, context) {
    const connection = connect(parsed, context);
    const flag = (name: string): string | undefined => parsed.flags.get(name)?.[0];
    const isAbout = (name: string): boolean => parsed.flags.has(name);
    if (!["--user", "--document", "--changes", "--open"].some(isAbout)) {
      throw usageError("Name what to show: --user EMAIL, --document ID, --changes or --open.");
    }
    const others = ["--user", "--document", "--open"].filter(isAbout);
    if (isAbout("--changes") && others.length > 0) {
      throw usageError("--changes stands alone, without --user, --document and --open.");
    }
    if (isAbout("--document") && isAbout("--open") && !isAbout("--user")) {
      throw usageError("--open lists documents; --document names one. Give one of them.");
    }
    try {
      const applicationId = await chooseApplication(connection.client, flag("--application"));
      const job = jobIn(parsed);
      const asked = { applicationId, connection, flag, job, isOpenOnly: isAbout("--open") };
      if (isAbout("--changes")) return await showChanges(asked, context);
      if (isAbout("--document") && !isAbout("--user")) return await showReaders(asked, context);
      if (!isAbout("--user")) return await showOpen(asked, context);
      return await showReadable(asked, context);
    } catch (error) {
      throw explainKeyErrors(error, connection);
    }
  },
};

type Asked = {
  readonly applicationId: string;
  readonly connection: Connection;
  readonly flag: (name: string) => string | undefined;
  readonly job: string | undefined;
  readonly isOpenOnly: boolean;
};

/** The indices to look at: a misspelt one must not look like one without documents. */
async function* indexIds(
  client: Client,
  applicationId: string,
  named: string | undefined,
): AsyncGenerator<string> {
  const ids = (await collect(listIndices(client, { applicationId }))).map((one) => one.indexId);
  if (named !== undefined && !ids.includes(named)) {
    throw usageError(`The application has no index ${shown(named)}; there is ${ids.join(", ")}.`);
  }
  for (const id of ids) if (id !== undefined && id === (named ?? id)) yield id;
}

async function showReadable(
  { applicationId, connection: { client, isJson }, flag, isOpenOnly }: Asked,
  { stdout }: CliContext,
): Promise<number> {
  const { identityType } = await client.call("GetApplication", { applicationId });
  const isAnonymous = identityType === "ANONYMOUS";
  const wanted = { userId: flag("--user") ?? "", document: flag("--document"), isAnonymous };
  const rows: Row[] = [];
  for await (const indexId of indexIds(client, applicationId, flag("--index"))) {
    for await (const row of look(client, { applicationId, indexId }, wanted)) rows.push(row);
  }
  const shown = isOpenOnly ? rows.filter(({ isOpen }) => isOpen) : rows;
  stdout.write(
    isJson
      ? `${JSON.stringify(shown, null, 2)}\n`
      : render(shown, wanted.document === undefined ? "No document.\n" : noDocument),
  );
  return wanted.document === undefined || rows.length > 0 ? exitCodes.ok : exitCodes.failed;
}

async function showChanges(
  { applicationId, connection: { client, isJson }, flag, job: named }: Asked,
  { stdout }: CliContext,
): Promise<number> {
  const source = await chooseDataSource(client, applicationId, flag("--data-source"));
  const job = named ?? (await newestJob(client, source))?.executionId;
  if (job === undefined) throw usageError('There was no sync yet; run "quarry sync".');
  const report = syncReport(client, source, job);
  if (!isJson) {
    stdout.write(await renderChanges(report));
    return exitCodes.ok;
  }
  await writeJsonList(stdout, changesIn(report));
  return exitCodes.ok;
}

async function* changesIn(report: AsyncIterable<unknown>): AsyncGenerator<Change> {
  for await (const line of report) {
    const change = changeOf(readReportLine(line));
    if (change !== undefined) yield change;
  }
}

async function showReaders(
  { applicationId, connection: { client, isJson }, flag }: Asked,
  { stdout }: CliContext,
): Promise<number> {
  const dataSourceId = flag("--data-source");
  if (dataSourceId !== undefined) await chooseDataSource(client, applicationId, dataSourceId);
  const source = dataSourceId === undefined ? {} : { dataSourceId };
  const wanted = { documentId: flag("--document") ?? "", ...source };
  async function* all(): AsyncGenerator<AsyncIterable<ReaderLine>> {
    for await (const indexId of indexIds(client, applicationId, flag("--index"))) {
      yield* documentReaders(client, { applicationId, indexId }, wanted);
    }
  }
  let count = 0;
  async function* lines(): AsyncGenerator<ReaderLine> {
    for await (const report of all()) {
      count += 1;
      yield* report;
    }
  }
  if (isJson) await writeJsonList(stdout, lines());
  else {
    for await (const report of all()) {
      count += 1;
      stdout.write(await renderReaders(report));
    }
    if (count === 0) stdout.write(noDocument);
  }
  return count > 0 ? exitCodes.ok : exitCodes.failed;
}

const openWords: Readonly<Record<string, string>> = {
  NO_ACCESS_CONFIGURATION: "It was put without an access list.",
  NO_ACL_FILE: "Its data source has no ACL file, and its metadata no list.",
  NOT_IN_ACL_FILE: "The ACL file does not list it, and its metadata has no list.",
};

async function showOpen(
  { applicationId, connection: { client, isJson }, flag }: Asked,
  { stdout }: CliContext,
): Promise<number> {
  async function* all(): AsyncGenerator<OpenLine & { readonly indexId: string }> {
    for await (const indexId of indexIds(client, applicationId, flag("--index"))) {
      for await (const line of openDocuments(client, { applicationId, indexId })) {
        yield { ...line, indexId };
      }
    }
  }
  if (isJson) {
    await writeJsonList(stdout, all());
    return exitCodes.ok;
  }
  let count = 0;
  for await (const { documentId, because } of all()) {
    count += 1;
    stdout.write(formatTable([[documentId, openWords[because] ?? because]]));
  }
  stdout.write(count === 0 ? "No document is open to everyone.\n" : `${count} open to everyone.\n`);
  return exitCodes.ok;
}

const noDocument =
  'No such document. Ids are whole, such as s3://BUCKET/KEY; "quarry sync --report" lists them.\n';

const failedWords =
  'It failed and is not in the index: nobody sees it. "quarry sync --report" says why.';

type Wanted = {
  readonly userId: string;
  readonly document: string | undefined;
  readonly isAnonymous: boolean;
};

async function* look(
  client: Client,
  of: InIndex,
  { userId, document, isAnonymous }: Wanted,
): AsyncGenerator<Row> {
  const check = async (documentId: string, dataSourceId?: string): Promise<Row | undefined> => {
    const where = dataSourceId === undefined ? {} : { dataSourceId };
    try {
      const input = { ...of, userId, documentId, ...where };
      const answer = await client.call("CheckDocumentAccess", input);
      return {
        ...explainAccess(answer, { isAnonymous }),
        documentId,
        indexId: of.indexId,
        ...where,
      };
    } catch (error) {
      // One id may stand for a document of each data source, or of none of them.
      if (error instanceof ServiceError && /No document with id/.test(error.message))
        return undefined;
      throw error;
    }
  };
  const direct = document === undefined ? await allIds(client, of) : [document];
  for (const id of direct) {
    const row = await check(id);
    if (row !== undefined) yield row;
  }
  for await (const { dataSourceId = "" } of listDataSources(client, of)) {
    const listed =
      document === undefined
        ? listDocuments(client, { ...of, dataSourceId })
        : [{ documentId: document, status: undefined }];
    for await (const { documentId = "", status } of listed) {
      const row = await check(documentId, dataSourceId);
      if (row === undefined) continue;
      const hasFailed = status === "FAILED" || status === "DOCUMENT_FAILED_TO_INDEX";
      yield hasFailed && !row.hasAccess ? { ...row, reasons: [failedWords] } : row;
    }
  }
}

/** Ids of all documents of an index; a set, because data sources may share them. */
async function allIds(client: Client, of: InIndex): Promise<ReadonlySet<string>> {
  const documents = allPages(async (page) => {
    const output = await client.call("ListDocuments", { ...of, ...page });
    return { items: output.documentDetailList, nextToken: output.nextToken };
  });
  return new Set((await collect(documents)).map(({ documentId = "" }) => documentId));
}

function render(rows: readonly Row[], none: string): string {
  if (rows.length === 0) return none;
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) {
    const verdict = only.hasAccess ? "may be read" : "may not be read";
    return [`${only.documentId} ${verdict}.`, ...only.reasons, ""].join("\n");
  }
  const verdict = ({ hasAccess, isOpen }: Row): string =>
    isOpen ? "open" : hasAccess ? "yes" : "no";
  return formatTable(rows.map((row) => [verdict(row), row.documentId, row.reasons.join(" ")]));
}
