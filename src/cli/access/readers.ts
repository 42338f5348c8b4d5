import { type Client, ServiceError } from "../client/client.ts";
import { type InIndex, listDataSources } from "../listings.ts";
import { formatTable } from "../table.ts";

type Path = InIndex & { readonly dataSourceId?: string };

/** A line of the report of who may read a document. */
export type ReaderLine = Readonly<Record<string, unknown>> & { readonly Kind: string };

const shownMax = 100;

/**
 * Who may read a document: a report for each data source of the index that has one of that id, and
 * for the one that was put directly.
 */
export async function* documentReaders(
  client: Client,
  of: InIndex,
  { documentId, dataSourceId }: { readonly documentId: string; readonly dataSourceId?: string },
): AsyncGenerator<AsyncIterable<ReaderLine>> {
  for await (const path of placesOf(client, of, dataSourceId)) {
    const lines = readLines(client, path, documentId);
    // One id may stand for a document of each data source, or of none of them.
    const first = await lines.next().catch((error: unknown) => {
      if (error instanceof ServiceError && /No document with id/.test(error.message)) {
        return undefined;
      }
      throw error;
    });
    if (first === undefined || first.done === true) continue;
    yield withFirst(first.value, lines);
  }
}

async function* placesOf(
  client: Client,
  of: InIndex,
  dataSourceId: string | undefined,
): AsyncGenerator<Path> {
  if (dataSourceId !== undefined) return yield { ...of, dataSourceId };
  yield of;
  for await (const source of listDataSources(client, of)) {
    if (source.dataSourceId !== undefined) yield { ...of, dataSourceId: source.dataSourceId };
  }
}

async function* readLines(
  client: Client,
  { applicationId, indexId, dataSourceId }: Path,
  documentId: string,
): AsyncGenerator<ReaderLine> {
  const index = `/applications/${applicationId}/indices/${indexId}`;
  const source = dataSourceId === undefined ? "" : `/datasources/${dataSourceId}`;
  // As signatures want it: what encodeURIComponent leaves alone is encoded as well.
  const id = encodeURIComponent(documentId).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  for await (const line of client.report(`${index}${source}/documents/${id}/readers`)) {
    yield line as ReaderLine;
  }
}

async function* withFirst<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

/** Puts such a report into words; of the people it shows the first, and counts them all. */
export async function renderReaders(lines: AsyncIterable<ReaderLine>): Promise<string> {
  const parts: string[] = [];
  const people: (readonly string[])[] = [];
  let hidden = 0;
  for await (const line of lines) {
    if (line.Kind === "DOCUMENT") parts.push(headline(line));
    else if (line.Kind === "ENTRY") parts.push(`${entryWords(line)}\n`);
    else if (line.Kind === "USER") {
      if (people.length < shownMax) people.push(personRow(line));
      else hidden += 1;
    } else if (line.Kind === "END") {
      const more = hidden === 0 ? "" : `… and ${hidden} more; --json lists all.\n`;
      parts.push(formatTable(people), more, endWords(line));
    }
  }
  return parts.join("");
}

function headline({ DocumentId, Access, Because, Relations }: ReaderLine): string {
  const id = String(DocumentId);
  if (Access === "EVERYONE") return `${id} has no access list: everyone sees it.\n`;
  if (Because === "NOT_INDEXED") return `${id} is not in the index: nobody sees it.\n`;
  if (Because === "ANONYMOUS_APPLICATION") {
    return `${id} has an access list, and every visitor of the application is anonymous: nobody sees it.\n`;
  }
  const isAll = Array.isArray(Relations) && (Relations.length > 1 || Relations[0] === "AND");
  return `${id} may be read by whom its list lets in${isAll ? "; all of its conditions must hold" : ""}:\n`;
}

function entryWords(line: ReaderLine): string {
  const { Access, Condition, Relation, People, IsKnown, Principal, Name, Type } = line;
  const name = nameWords(Principal, Name, Type);
  if (Principal === "USER") {
    const unknown = IsKnown === true ? "" : ", whom the user store does not know";
    return `${Access === "DENY" ? "Denied" : conditionWords(Condition, Relation)}: ${name}${unknown}`;
  }
  const count = IsKnown === true ? `${Number(People)} in it` : "which the user store does not know";
  return `${Access === "DENY" ? "Denied" : conditionWords(Condition, Relation)}: ${name}, ${count}`;
}

function conditionWords(condition: unknown, relation: unknown): string {
  const number = Number(condition) + 1;
  return relation === "AND" ? `Allowed (condition ${number}, with all of it)` : "Allowed";
}

function nameWords(kind: unknown, name: unknown, type: unknown): string {
  const scope = type === "DATASOURCE" ? " of the data source" : "";
  return `${String(kind).toLowerCase()} ${JSON.stringify(name)}${scope}`;
}

function personRow({ UserId, HasAccess, Because }: ReaderLine): readonly string[] {
  const reasons = Array.isArray(Because) ? (Because as readonly ReaderLine[]) : [];
  const words = reasons.map(({ Principal, Type, Path }) => {
    const [entry = "", ...inner] = Array.isArray(Path) ? Path.map(String) : [];
    return [nameWords(Principal, entry, Type), ...inner.map((name) => JSON.stringify(name))].join(
      " > ",
    );
  });
  return [HasAccess === true ? "yes" : "denied", String(UserId), words.join(", ")];
}

function endWords({ Readers, Denied, IsComplete }: ReaderLine): string {
  if (IsComplete !== true) {
    return "Its groups have too many members to name them all; ask for one person with --user.\n";
  }
  const known = "Whom an identity provider alone puts into a group is not known here.";
  return `${Number(Readers)} may read it, ${Number(Denied)} denied. ${known}\n`;
}
