import type { Client } from "../client/client.ts";
import type { InDataSource, InIndex } from "../listings.ts";

/** One document in the report of a sync, as far as commands show it. */
export type ReportLine = {
  readonly documentId: string;
  readonly action: string;
  readonly status: string;
  readonly message: string;
  /** How access changed: `OPENED`, `WIDENED`, `NARROWED`, `CHANGED`, `SAME`; empty where unknown. */
  readonly accessChange: string;
  /** Who could read it, in words; undefined where no question found it. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Whether everyone can read it now. */
  readonly isOpen: boolean;
};

/** A document that everyone reads because nothing names anybody. */
export type OpenLine = {
  readonly documentId: string;
  readonly dataSourceId: string;
  readonly because: string;
};

/** The report of one sync job, as the server writes it. */
export function syncReport(
  client: Client,
  { applicationId, indexId, dataSourceId }: InDataSource,
  executionId: string,
): AsyncIterable<unknown> {
  const source = `/applications/${applicationId}/indices/${indexId}/datasources/${dataSourceId}`;
  return client.report(`${source}/syncjobs/${executionId}/report`);
}

/** Every document of an index that is open to everyone. */
export async function* openDocuments(
  client: Client,
  { applicationId, indexId }: InIndex,
): AsyncGenerator<OpenLine> {
  const target = `/applications/${applicationId}/indices/${indexId}/open-documents`;
  for await (const line of client.report(target)) {
    yield {
      documentId: text(line, "DocumentId"),
      dataSourceId: text(line, "DataSourceId"),
      because: text(line, "Because"),
    };
  }
}

/** Reads a line of a sync's report; what is missing is empty. */
export function readReportLine(line: unknown): ReportLine {
  return {
    documentId: text(line, "DocumentId"),
    action: text(line, "CrawlAction"),
    status: text(member(line, "ConnectorDocumentStatus"), "Status"),
    message: text(line, "ErrorMsg"),
    accessChange: text(line, "AccessChange"),
    from: readers(line, "AccessBefore", "WasOpenToEveryone"),
    to: readers(line, "Acl", "OpenToEveryone"),
    isOpen: member(line, "OpenToEveryone") === true,
  };
}

/** Who may read: `everyone`, `nobody`, `hr, eng`, `all-staff except interns`. */
function readers(line: unknown, list: string, isOpen: string): string | undefined {
  const written = member(line, list);
  if (typeof written !== "string") return undefined;
  if (member(line, isOpen) === true) return "everyone";
  const entries: unknown = JSON.parse(written);
  const named = (access: string): readonly string[] => {
    const mine = Array.isArray(entries)
      ? entries.filter((entry) => text(entry, "access") === access)
      : [];
    return [...new Set(mine.map((entry) => text(entry, "name")))];
  };
  const allowed = named("ALLOW");
  if (allowed.length === 0) return "nobody";
  const denied = named("DENY");
  return denied.length === 0
    ? allowed.join(", ")
    : `${allowed.join(", ")} except ${denied.join(", ")}`;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function text(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === "string" ? found : "";
}
