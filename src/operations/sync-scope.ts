import { resources, type SyncJob, syncJobs } from "../store/store.ts";
import type { Call } from "./call.ts";
import type { DataSourceRecord } from "./data-source.ts";

/** What documents of a call belong to: a custom connector's running job, or nothing. */
export type SyncScope =
  | { readonly dataSourceId: string; readonly syncId: string }
  | { readonly refusal: string };

/**
 * Finds the sync job that a call names with `dataSourceSyncId`. One that is unknown, or has been
 * stopped or ended, makes every document of the call fail, not the call itself.
 */
export async function syncScope(
  call: Call,
  indexId: string,
  syncId: string | undefined,
): Promise<SyncScope> {
  if (syncId === undefined) return { dataSourceId: "", syncId: "" };
  const job: SyncJob | undefined = await syncJobs.find(call.db.read, syncId);
  const source =
    job === undefined
      ? undefined
      : await resources.find<DataSourceRecord>(call.db.read, "dataSource", job.dataSourceId);
  const isOpen =
    job?.indexId === indexId &&
    job.status === "SYNCING" &&
    source?.status === "ACTIVE" &&
    source.record.type === "CUSTOM";
  if (!isOpen) {
    return { refusal: `No custom connector's sync job ${syncId} of this index is running.` };
  }
  return { dataSourceId: job.dataSourceId, syncId };
}
