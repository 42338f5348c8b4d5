import type { FailedDocument } from "../contract/contract.ts";
import { documents, syncJobs } from "../store/store.ts";
import { within } from "./call.ts";
import { invalid, requireActive, requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { syncScope } from "./sync-scope.ts";

const documentsMax = 100;

/**
 * Deletes documents; when the call returns, no question finds them ("BatchDeleteDocument", API
 * reference). A document that is not there is told in `failedDocuments`.
 */
export const batchDeleteDocument: Operation<"BatchDeleteDocument"> = async (input, call) => {
  const { applicationId, indexId } = input;
  await requireActiveApplication(call, applicationId);
  requireActive(await requireResource(call, "index", indexId, { applicationId }));
  if (input.documents.length === 0 || input.documents.length > documentsMax) {
    throw invalid("documents", `Member must have between 1 and ${documentsMax} documents`);
  }
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
    await documents.remove(trx, found);
    if (syncId !== "") {
      const counts = { deleted: found.length, failed: failedDocuments.length };
      await syncJobs.count(trx, syncId, counts);
    }
    return { failedDocuments };
  });
};
