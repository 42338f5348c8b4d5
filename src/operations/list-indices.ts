import type { IndexRecord } from "./index-record.ts";
import { listResources } from "./listing.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/** Lists the indices of an application in order of creation ("ListIndices", API reference). */
export const listIndices: Operation<"ListIndices"> = async (input, call) => {
  const { applicationId } = input;
  await requireApplication(call, applicationId);
  const { items, nextToken } = await listResources<IndexRecord>(call, input, {
    kind: "index",
    applicationId,
    maxResultsDefault: 100,
  });
  return {
    nextToken,
    indices: items.map(({ id, status, createdAt, updatedAt, record }) => ({
      displayName: record.displayName,
      indexId: id,
      createdAt,
      updatedAt,
      status: status as "ACTIVE" | "DELETING",
    })),
  };
};
