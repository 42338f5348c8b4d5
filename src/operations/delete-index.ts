import { requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { startRemoval } from "./removal.ts";

/**
 * Starts to delete an index with its documents, data sources and retrievers ("DeleteIndex", API
 * reference). Questions stop finding its documents at once.
 */
export const deleteIndex: Operation<"DeleteIndex"> = async ({ applicationId, indexId }, call) => {
  await requireApplication(call, applicationId);
  await startRemoval(call, await requireResource(call, "index", indexId, { applicationId }));
  return {};
};
