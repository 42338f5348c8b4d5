import type { ApplicationRecord } from "./application.ts";
import type { Operation } from "./operation.ts";
import { listResources } from "./listing.ts";

/** Lists the account's applications in order of creation ("ListApplications", API reference). */
export const listApplications: Operation<"ListApplications"> = async (input, call) => {
  const { items, nextToken } = await listResources<ApplicationRecord>(call, input, {
    kind: "application",
    maxResultsDefault: 100,
  });
  return {
    nextToken,
    applications: items.map(({ id, status, createdAt, updatedAt, record }) => ({
      displayName: record.displayName,
      applicationId: id,
      createdAt,
      updatedAt,
      status: status as "ACTIVE" | "DELETING",
      identityType: record.identityType,
      quickSightConfiguration: record.quickSightConfiguration,
    })),
  };
};
