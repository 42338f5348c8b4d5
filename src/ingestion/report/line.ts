import { createHash } from "node:crypto";
import type { AclContent, AclPrincipal } from "../../search/search.ts";
import type { ReportLine, SyncJob } from "../../store/store.ts";
import { type AccessChange, compareAccess } from "./access.ts";

type Stage = { readonly Status: "SUCCESS" | "FAILED" | "SKIPPED" };

/**
 * One line of a sync's report. The members up to `HashedDocumentId` are those of the service's
 * document-level report ("Introducing document-level sync reports", AWS Machine Learning Blog);
 * `Acl` and `Metadata` are JSON texts. `AccessBefore`, `AccessChange`, `OpenToEveryone` and
 * `Timestamp` are ours.
 */
export type SyncReportLine = {
  readonly DocumentId: string;
  readonly DocumentTitle: string;
  readonly SourceUri: string;
  readonly CrawlAction: "ADD" | "MODIFY" | "DELETE" | "UNMODIFIED";
  readonly CrawlStatus: Stage;
  readonly SyncStatus: Stage;
  readonly IndexStatus: Stage;
  /** The worst of the three. */
  readonly ConnectorDocumentStatus: Stage;
  readonly ErrorCode: string;
  readonly ErrorMsg: string;
  /** Who may read it; absent where no question finds it. An empty list: everyone, or nobody. */
  readonly Acl?: string;
  readonly Metadata?: string;
  readonly HashedDocumentId: string;
  readonly ApplicationId: string;
  readonly IndexId: string;
  readonly DataSourceId: string;
  readonly SyncJobId: string;
  /** Absent where no question found it before. */
  readonly AccessBefore?: string;
  /** Absent where there is nothing to compare. */
  readonly AccessChange?: AccessChange;
  readonly OpenToEveryone?: boolean;
  readonly WasOpenToEveryone?: boolean;
  readonly Timestamp?: string;
};

/** Statuses of lines that stand for no document: what was refused before it became one. */
export const refusedStatus = { put: "REFUSED", delete: "NOT_DELETED" } as const;

const stages: Readonly<
  Record<string, readonly [Stage["Status"], Stage["Status"], Stage["Status"]]>
> = {
  INDEXED: ["SUCCESS", "SUCCESS", "SUCCESS"],
  UPDATED: ["SUCCESS", "SUCCESS", "SUCCESS"],
  DELETED: ["SUCCESS", "SUCCESS", "SUCCESS"],
  UNMODIFIED: ["SUCCESS", "SKIPPED", "SKIPPED"],
  SKIPPED: ["SKIPPED", "SKIPPED", "SKIPPED"],
  FAILED: ["FAILED", "SKIPPED", "SKIPPED"],
  DOCUMENT_FAILED_TO_INDEX: ["SUCCESS", "SUCCESS", "FAILED"],
  [refusedStatus.put]: ["SUCCESS", "FAILED", "SKIPPED"],
  [refusedStatus.delete]: ["SUCCESS", "FAILED", "SKIPPED"],
};

/** What a line is made of, whatever it is about. */
export type LineFacts = Pick<ReportLine, "documentId" | "title" | "uri" | "status"> &
  Pick<ReportLine, "errorCode" | "errorMessage"> & {
    readonly crawlAction: SyncReportLine["CrawlAction"];
  };

/** A line about a document. */
export function lineOf(job: SyncJob, facts: LineFacts): SyncReportLine {
  const { documentId, status } = facts;
  const [crawl, sync, index] = stages[status] ?? ["SUCCESS", "SUCCESS", "SUCCESS"];
  const all = [crawl, sync, index];
  const isSkipped = status === "SKIPPED";
  return {
    DocumentId: documentId,
    DocumentTitle: facts.title,
    SourceUri: facts.uri,
    CrawlAction: facts.crawlAction,
    CrawlStatus: { Status: crawl },
    SyncStatus: { Status: sync },
    IndexStatus: { Status: index },
    ConnectorDocumentStatus: {
      Status: all.includes("FAILED") ? "FAILED" : isSkipped ? "SKIPPED" : "SUCCESS",
    },
    ErrorCode: facts.errorCode,
    ErrorMsg: facts.errorMessage,
    HashedDocumentId: createHash("sha256").update(documentId).digest("hex"),
    ApplicationId: job.applicationId,
    IndexId: job.indexId,
    DataSourceId: job.dataSourceId,
    SyncJobId: job.id,
  };
}

/** What a job did with a document, as the action of a crawl. */
export function crawlActionOf(
  line: Pick<ReportLine, "action" | "status" | "aclBefore">,
): SyncReportLine["CrawlAction"] {
  if (line.action === "deleted" || line.status === refusedStatus.delete) return "DELETE";
  if (line.action === "added") return "ADD";
  return line.action === "modified" || line.aclBefore.length > 0 ? "MODIFY" : "ADD";
}

/** Who could read a document before, who can now, and what changed; lists that a reader must pass. */
export function accessMembers(
  before: readonly AclContent[] | undefined,
  after: readonly AclContent[] | undefined,
): Partial<SyncReportLine> {
  return {
    ...(after === undefined
      ? {}
      : { Acl: aclText(after), OpenToEveryone: after.every((content) => content === "public") }),
    ...(before === undefined
      ? {}
      : {
          AccessBefore: aclText(before),
          WasOpenToEveryone: before.every((content) => content === "public"),
        }),
    ...(before === undefined || after === undefined
      ? {}
      : { AccessChange: compareAccess(before, after) }),
  };
}

/** The entries of access lists, as the service writes them. */
export function aclText(contents: readonly AclContent[]): string {
  const entries = contents.flatMap((content) => {
    if (content === "public") return [];
    const { allow, deny, dataSourceId } = content;
    const entry = (access: "ALLOW" | "DENY") => (principal: AclPrincipal) => ({
      globalName: principal.name,
      name: principal.name,
      type: principal.kind === "user" ? "USER" : "GROUP",
      access,
      isFederated: false,
      ...(principal.type === "DATASOURCE" ? { dataSourceId } : {}),
    });
    const allowed = allow.conditions.flatMap(({ principals }) => principals);
    return [...allowed.map(entry("ALLOW")), ...deny.map(entry("DENY"))];
  });
  return JSON.stringify(entries);
}

/** Attributes as they are stored, `[{ name, value }]`, in the report's words. */
export function metadataText(attributes: string): string {
  const parsed = JSON.parse(attributes) as readonly {
    readonly name: string;
    readonly value: unknown;
  }[];
  return JSON.stringify(parsed.map(({ name: key, value }) => ({ key, value })));
}
