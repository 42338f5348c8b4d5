import { requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import type { RetrieverRecord } from "./retriever.ts";

/** Reads a retriever ("GetRetriever", API reference). */
export const getRetriever: Operation<"GetRetriever"> = async (input, call) => {
  const { applicationId, retrieverId } = input;
  await requireApplication(call, applicationId);
  const retriever = await requireResource<RetrieverRecord>(call, "retriever", retrieverId, {
    applicationId,
  });
  const { record } = retriever;
  const native = record.configuration.nativeIndexConfiguration;
  return {
    applicationId,
    retrieverId,
    retrieverArn: retriever.arn,
    type: record.type,
    status: retriever.status as "ACTIVE",
    displayName: record.displayName,
    // Version 2 is the present scheme of boosting; the service fills it in on reading.
    configuration:
      native === undefined
        ? record.configuration
        : { nativeIndexConfiguration: { ...native, version: 2 } },
    roleArn: record.roleArn,
    createdAt: retriever.createdAt,
    updatedAt: retriever.updatedAt,
  };
};
