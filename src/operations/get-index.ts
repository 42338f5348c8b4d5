import { documents } from "../store/store.ts";
import type { IndexRecord } from "./index-record.ts";
import { requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/** Reads an index with its fields and what it holds ("GetIndex", API reference). */
export const getIndex: Operation<"GetIndex"> = async ({ applicationId, indexId }, call) => {
  await requireApplication(call, applicationId);
  const index = await requireResource<IndexRecord>(call, "index", indexId, { applicationId });
  const { documentCount, textBytes } = await documents.statistics(call.db.read, indexId);
  const { record } = index;
  return {
    applicationId,
    indexId,
    displayName: record.displayName,
    indexArn: index.arn,
    status: index.status as "ACTIVE" | "DELETING",
    type: record.type,
    description: record.description,
    createdAt: index.createdAt,
    updatedAt: index.updatedAt,
    capacityConfiguration: { units: record.units },
    documentAttributeConfigurations: record.attributes,
    indexStatistics: {
      textDocumentStatistics: {
        indexedTextBytes: textBytes,
        indexedTextDocumentCount: documentCount,
      },
    },
  };
};
