import type { DataSourceSyncJob, ErrorCode } from "../contract/contract.ts";
import type { ContentCipher } from "../core/content-cipher.ts";
import { type SyncJob, syncJobs } from "../store/store.ts";
import { syncPlace } from "../ingestion/ingestion.ts";
import { contentOf } from "./application-content.ts";
import { requireDataSource } from "./data-source.ts";
import type { Operation } from "./operation.ts";
import { readPage } from "./paging.ts";

/** The sync history of a data source, newest first ("ListDataSourceSyncJobs", API reference). */
export const listDataSourceSyncJobs: Operation<"ListDataSourceSyncJobs"> = async (input, call) => {
  const source = await requireDataSource(call, input);
  const cipher = await contentOf(call, source.applicationId);
  const { startTime, endTime, statusFilter } = input;
  const { items, nextToken } = await readPage(
    call,
    {
      scope: `sync-jobs/${source.id}`,
      nextToken: input.nextToken,
      maxResults: input.maxResults,
      maxResultsDefault: 10,
    },
    (before, limit) =>
      syncJobs.list(call.db.read, {
        dataSourceId: source.id,
        limit,
        ...(before === undefined ? {} : { before: Number(before) }),
        ...(statusFilter === undefined ? {} : { status: statusFilter }),
        ...(startTime === undefined ? {} : { startedFrom: startTime }),
        ...(endTime === undefined ? {} : { startedTo: endTime }),
      }),
    (job) => String(job.sequence),
  );
  const isCustom = source.record.type === "CUSTOM";
  return { history: items.map((job) => historyOf(job, { isCustom, cipher })), nextToken };
};

function historyOf(
  job: SyncJob,
  { isCustom, cipher }: { readonly isCustom: boolean; readonly cipher: ContentCipher },
): DataSourceSyncJob {
  const errorMessage = cipher.openText(syncPlace(job), job.errorMessage);
  return {
    executionId: job.id,
    startTime: job.startedAt,
    endTime: job.endedAt,
    status: job.status,
    error:
      job.errorCode === "" ? undefined : { errorCode: job.errorCode as ErrorCode, errorMessage },
    dataSourceErrorCode: job.connectorErrorCode === "" ? undefined : job.connectorErrorCode,
    // The service sends counters as decimal strings. A custom connector scans on its own.
    metrics: {
      documentsAdded: String(job.added),
      documentsModified: String(job.modified),
      documentsDeleted: String(job.deleted),
      documentsFailed: String(job.failed),
      ...(isCustom ? {} : { documentsScanned: String(job.scanned) }),
    },
  };
}
