import type { OperationName } from "../contract/contract.ts";
import { s3Connector } from "../connectors/connectors.ts";
import type { ContentCipher } from "../core/content-cipher.ts";
import { openDocument, type SyncReportLine } from "../ingestion/ingestion.ts";
import { openDocuments, resources, syncJobs } from "../store/store.ts";
import { contentOf } from "./application-content.ts";
import type { Call } from "./call.ts";
import { type DataSourceRecord, requireDataSource } from "./data-source.ts";
import { openReaders, type ReaderLine } from "./document-readers.ts";
import { notFound, requireApplication, requireResource } from "./not-found.ts";

/** A report that is asked for. The service writes such to CloudWatch; these are downloads. */
export type ReportRequest =
  | {
      readonly kind: "sync";
      readonly applicationId: string;
      readonly indexId: string;
      readonly dataSourceId: string;
      readonly executionId: string;
    }
  | { readonly kind: "open"; readonly applicationId: string; readonly indexId: string }
  | {
      readonly kind: "readers";
      readonly applicationId: string;
      readonly indexId: string;
      /** Empty for a document that was put directly. */
      readonly dataSourceId: string;
      readonly documentId: string;
    };

/** A document that everybody reads because nothing names anybody, and why nothing does. */
export type OpenDocumentLine = {
  readonly DocumentId: string;
  readonly DocumentTitle: string;
  readonly DataSourceId: string;
  readonly Because: "NO_ACCESS_CONFIGURATION" | "NO_ACL_FILE" | "NOT_IN_ACL_FILE";
};

const id = "([a-zA-Z0-9][a-zA-Z0-9-]{35})";
const syncPattern = new RegExp(
  `^/applications/${id}/indices/${id}/datasources/${id}/syncjobs/${id}/report$`,
);
const openPattern = new RegExp(`^/applications/${id}/indices/${id}/open-documents$`);
const readersPattern = new RegExp(
  `^/applications/${id}/indices/${id}(?:/datasources/${id})?/documents/([^/?#]+)/readers$`,
);
/** An id of 1825 characters, each of which may be nine in a target, and what stands around it. */
const targetCharactersMax = 17_000;

/** Finds the report of a request; undefined where the target names none. */
export function routeReport(method: string, rawTarget: string): ReportRequest | undefined {
  if (method !== "GET" || rawTarget.length > targetCharactersMax) return undefined;
  const readers = readersPattern.exec(rawTarget);
  if (readers !== null) {
    const [, applicationId = "", indexId = "", dataSourceId = "", written = ""] = readers;
    const documentId = decoded(written);
    return documentId === undefined
      ? undefined
      : { kind: "readers", applicationId, indexId, dataSourceId, documentId };
  }
  const sync = syncPattern.exec(rawTarget);
  if (sync !== null) {
    const [, applicationId = "", indexId = "", dataSourceId = "", executionId = ""] = sync;
    return { kind: "sync", applicationId, indexId, dataSourceId, executionId };
  }
  const [, applicationId, indexId] = openPattern.exec(rawTarget) ?? [];
  return applicationId === undefined || indexId === undefined
    ? undefined
    : { kind: "open", applicationId, indexId };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Operations that tell the same things one by one: a caller needs leave for each of them. */
export function reportQuestions(request: ReportRequest): readonly {
  readonly operation: OperationName;
  readonly input: Readonly<Record<string, string>>;
}[] {
  const { kind: _kind, ...path } = request;
  if (request.kind === "readers") {
    const { applicationId, indexId } = request;
    return [
      { operation: "CheckDocumentAccess", input: path },
      { operation: "ListGroups", input: { applicationId, indexId } },
      { operation: "GetUser", input: { applicationId } },
    ];
  }
  const lists = { operation: "ListDocuments", input: path } as const;
  const access = { operation: "CheckDocumentAccess", input: path } as const;
  if (request.kind === "open") return [lists, access];
  return [{ operation: "ListDataSourceSyncJobs", input: path }, lists, access];
}

/**
 * Opens a report: its lines in no more memory than a page of them takes.
 *
 * @throws ResourceNotFoundException for a path that leads nowhere.
 */
export async function openReport(
  request: ReportRequest,
  call: Call,
): Promise<AsyncIterable<SyncReportLine | OpenDocumentLine | ReaderLine>> {
  const { applicationId, indexId } = request;
  if (request.kind === "sync") {
    const source = await requireDataSource(call, request);
    const job = await syncJobs.find(call.db.read, request.executionId);
    if (job?.dataSourceId !== source.id) throw notFound("sync-job", request.executionId);
    // Where the key of the application may not be used, that is the answer, and no line is begun.
    await contentOf(call, request.applicationId);
    return call.ingestion.reports.read(job);
  }
  if (request.kind === "readers") return openReaders(request, call);
  await requireApplication(call, applicationId);
  await requireResource(call, "index", indexId, { applicationId });
  return openLines(call, indexId, await contentOf(call, applicationId));
}

const pageRows = 500;

async function* openLines(
  call: Call,
  indexId: string,
  cipher: ContentCipher,
): AsyncGenerator<OpenDocumentLine> {
  const reasons = new Map<string, OpenDocumentLine["Because"]>();
  for (let after = 0; ;) {
    const query = { indexId, after, limit: pageRows };
    const page = await openDocuments.list(call.db.read, query);
    for (const document of page) {
      const { dataSourceId, documentId, title } = openDocument(cipher, document);
      const because = reasons.get(dataSourceId) ?? (await reasonOf(call, dataSourceId));
      reasons.set(dataSourceId, because);
      yield {
        DocumentId: documentId,
        DocumentTitle: title,
        DataSourceId: dataSourceId,
        Because: because,
      };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageRows) return;
    after = last.key;
  }
}

/** Nobody can say "everyone" in so many words: a document is open because nothing was said. */
async function reasonOf(call: Call, dataSourceId: string): Promise<OpenDocumentLine["Because"]> {
  if (dataSourceId === "") return "NO_ACCESS_CONFIGURATION";
  const source = await resources.find<DataSourceRecord>(call.db.read, "dataSource", dataSourceId);
  const verdict = s3Connector.validate(source?.record.configuration);
  if (!verdict.isValid || verdict.settings.type === "CUSTOM") return "NO_ACCESS_CONFIGURATION";
  return verdict.settings.aclFileKey === undefined ? "NO_ACL_FILE" : "NOT_IN_ACL_FILE";
}
