import { type AccessExplanation, explainAccess } from "./explain-access.ts";
import { chooseApplication } from "./choose.ts";
import { type Client, ServiceError } from "./client.ts";
import type { Command } from "./command.ts";
import { connect, connectionFlags, explainKeyErrors } from "./connection.ts";
import { exitCodes, usageError } from "./context.ts";
import { type InIndex, listDataSources, listDocuments, listIndices } from "./listings.ts";
import { allPages, collect } from "./pages.ts";
import { formatTable } from "./table.ts";

/** A document, and what a user may do with it. */
type Row = AccessExplanation & {
  readonly documentId: string;
  readonly dataSourceId?: string;
  readonly indexId: string;
};

/** `quarry access`: what somebody may read and why, and what is open to everyone. */
export const access: Command = {
  name: "access",
  summary: "show which documents somebody may read, and why",
  usage: "--user EMAIL [--document ID] [--open] [flags]",
  notes: [
    "With --document: that document alone, with every reason. Without: all documents. With --open: " +
      "those that everyone sees because no list names anybody. The user must be in the user store.",
  ],
  flags: [
    { name: "--user", value: "EMAIL", help: "whose access" },
    { name: "--document", value: "ID", help: "one document" },
    { name: "--open", help: "only documents without an access list" },
    { name: "--application", value: "ID", help: "the application (the only one, or the demo's)" },
    { name: "--index", value: "ID", help: "one index (all)" },
    ...connectionFlags,
  ],
  wordsMax: 0,
  async run(parsed, context) {
    const connection = connect(parsed, context);
    const flag = (name: string): string | undefined => parsed.flags.get(name)?.[0];
    const userId = flag("--user");
    if (userId === undefined) throw usageError("--user is missing; write --user EMAIL.");
    const { client, isJson } = connection;
    try {
      const applicationId = await chooseApplication(client, flag("--application"));
      const wanted = {
        userId,
        document: flag("--document"),
        isOpenOnly: parsed.flags.has("--open"),
      };
      const rows: Row[] = [];
      for await (const { indexId = "" } of listIndices(client, { applicationId })) {
        if (indexId !== (flag("--index") ?? indexId)) continue;
        for await (const row of look(client, { applicationId, indexId }, wanted)) rows.push(row);
      }
      const shown = wanted.isOpenOnly ? rows.filter(({ isOpen }) => isOpen) : rows;
      context.stdout.write(isJson ? `${JSON.stringify(shown, null, 2)}\n` : render(shown));
      return wanted.document === undefined || rows.length > 0 ? exitCodes.ok : exitCodes.failed;
    } catch (error) {
      throw explainKeyErrors(error, connection);
    }
  },
};

type Wanted = { readonly userId: string; readonly document: string | undefined };

async function* look(
  client: Client,
  of: InIndex,
  { userId, document }: Wanted,
): AsyncGenerator<Row> {
  const check = async (documentId: string, dataSourceId?: string): Promise<Row | undefined> => {
    const where = dataSourceId === undefined ? {} : { dataSourceId };
    try {
      const input = { ...of, userId, documentId, ...where };
      const answer = await client.call("CheckDocumentAccess", input);
      return { ...explainAccess(answer), documentId, indexId: of.indexId, ...where };
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
    const ids = document === undefined ? idsIn(client, { ...of, dataSourceId }) : [document];
    for await (const id of ids) {
      const row = await check(id, dataSourceId);
      if (row !== undefined) yield row;
    }
  }
}

async function* idsIn(
  client: Client,
  of: InIndex & { readonly dataSourceId: string },
): AsyncGenerator<string> {
  for await (const { documentId = "" } of listDocuments(client, of)) yield documentId;
}

/** Ids of all documents of an index; a set, because data sources may share them. */
async function allIds(client: Client, of: InIndex): Promise<ReadonlySet<string>> {
  const documents = allPages(async (page) => {
    const output = await client.call("ListDocuments", { ...of, ...page });
    return { items: output.documentDetailList, nextToken: output.nextToken };
  });
  return new Set((await collect(documents)).map(({ documentId = "" }) => documentId));
}

function render(rows: readonly Row[]): string {
  if (rows.length === 0) return "No document.\n";
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) {
    const verdict = only.hasAccess ? "may be read" : "may not be read";
    return [`${only.documentId} ${verdict}.`, ...only.reasons, ""].join("\n");
  }
  const verdict = ({ hasAccess, isOpen }: Row): string =>
    isOpen ? "open" : hasAccess ? "yes" : "no";
  return formatTable(rows.map((row) => [verdict(row), row.documentId, row.reasons.join(" ")]));
}
