import type { FailedDocument } from "../contract/contract.ts";
import { documents, syncJobs, syncReports } from "../store/store.ts";
import { refusedStatus } from "../ingestion/ingestion.ts";
import { within } from "./call.ts";
import { invalid, requireActive, requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { syncScope } from "./sync-scope.ts";

const documentsMax = 100;

/**
 * Deletes documents; when the call returns, no question finds them ("BatchDeleteDocument", API
 * reference). A document that is not there is told in `failedDocuments`. Only documents that were
 * put can be deleted, directly or in a custom connector's job: those of an S3 data source are what
 * its bucket says, and go when their object does.
 */
export const batchDeleteDocument: Operation<"BatchDeleteDocument"> = async (input, call) => {
  const { applicationId, indexId } = input;
  if (input.documents.length === 0 || input.documents.length > documentsMax) {
    throw invalid("documents", `Member must have between 1 and ${documentsMax} documents`);
  }
  await requireActiveApplication(call, applicationId);
  requireActive(await requireResource(call, "index", indexId, { applicationId }));
  const ids = [...new Set(input.documents.map((document) => document.documentId))];
  return call.db.write(async (trx) => {
    const scope = await syncScope(within(call, trx), indexId, input.dataSourceSyncId);
    if ("refusal" in scope) {
      const error = { errorCode: "ResourceInactive", errorMessage: scope.refusal } as const;
      return { failedDocuments: ids.map((id) => ({ id, error })) };
    }
    const { dataSourceId, syncId } = scope;
    const failedDocuments: FailedDocument[] = [];
    const found = [];
    for (const documentId of ids) {
      const row = await documents.findById(trx, { indexId, dataSourceId, documentId });
      if (row === undefined) {
        const errorMessage = `Document "${documentId}" cannot be deleted because it does not exist.`;
        failedDocuments.push({
          id: documentId,
          error: { errorCode: "InvalidRequest", errorMessage },
        });
      } else found.push(row);
    }
    await call.search.remove(
      trx,
      indexId,
      found.map((row) => row.key),
    );
    if (syncId !== "") {
      const of = { syncId, at: call.now };
      await syncReports.noteDeleted(trx, of, found);
      await syncReports.noteFailed(trx, of, failedDocuments.map(reported));
      const count = (metric: "deleted" | "failed", documentIds: readonly string[]) =>
        syncReports.countOnce(trx, syncId, { metric, documentIds });
      const deletedIds = found.map(({ documentId }) => documentId);
      const failedIds = failedDocuments.map(({ id = "" }) => id);
      await syncJobs.count(trx, syncId, {
        deleted: await count("deleted", deletedIds),
        failed: await count("failed", failedIds),
      });
    }
    await documents.remove(trx, found);
    return { failedDocuments };
  });
};

function reported({
  id = "",
  error,
}: FailedDocument): Parameters<typeof syncReports.noteFailed>[2][number] {
  const { errorCode = "InvalidRequest", errorMessage = "" } = error ?? {};
  const status = refusedStatus.delete;
  return { documentId: id, objectKey: "", title: "", status, errorCode, errorMessage };
}
