import {
  type ConnectorObject,
  connectorObjects,
  documentClaims,
  type WriteTransaction,
} from "../../store/store.ts";
import type { FetchResult } from "./fetch.ts";
import type { SyncRun } from "./run.ts";
import type { SyncServices } from "./services.ts";

type Read = Extract<FetchResult, { kind: "read" }>;
type Unsupported = Read & {
  readonly reading: { readonly result: Extract<Read["reading"]["result"], { reason: string }> };
};

/** Whether an object was read and is of no format that documents have. */
export function isUnsupported(result: FetchResult): result is Unsupported {
  return result.kind === "read" && result.reading.result.outcome === "unsupported";
}

/**
 * Leaves out an object of such a format: archives, programs and pictures lie in many buckets, and
 * are no failure of a sync. What its key was before goes, as it does when an object is removed.
 */
export async function leaveOut(
  { log }: Pick<SyncServices, "log">,
  { job, unchanged }: Pick<SyncRun, "job" | "unchanged">,
  trx: WriteTransaction,
  { result, object }: { readonly result: Unsupported; readonly object: ConnectorObject },
): Promise<void> {
  const { documentId, objectKey, dataSourceId } = object;
  const remembered = { documentId: "", wantedId: documentId, outcome: "unsupported" } as const;
  await connectorObjects.put(trx, { ...object, ...remembered });
  await documentClaims.release(trx, { dataSourceId, documentId, objectKey });
  await unchanged.note({ key: objectKey, documentId, reason: "unsupported" });
  const { reason } = result.reading.result;
  log("info", "document.skipped", { executionId: job.id, document: documentId, reason });
}
