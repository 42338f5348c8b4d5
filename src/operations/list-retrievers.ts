import { listResources } from "./listing.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import type { RetrieverRecord } from "./retriever.ts";

/** Lists the retrievers of an application ("ListRetrievers", API reference). */
export const listRetrievers: Operation<"ListRetrievers"> = async (input, call) => {
  const { applicationId } = input;
  await requireApplication(call, applicationId);
  const { items, nextToken } = await listResources<RetrieverRecord>(call, input, {
    kind: "retriever",
    applicationId,
    maxResultsDefault: 50,
  });
  return {
    nextToken,
    retrievers: items.map(({ id, status, record }) => ({
      applicationId,
      retrieverId: id,
      type: record.type,
      status: status as "ACTIVE",
      displayName: record.displayName,
    })),
  };
};
