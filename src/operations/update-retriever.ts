import { resources } from "../store/store.ts";
import { changedMembers } from "./changed-members.ts";
import { requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkRetrieverConfiguration, type RetrieverRecord } from "./retriever.ts";
import { checkPassedRole } from "./roles.ts";

/** Replaces configuration, name or role, each as a whole ("UpdateRetriever", API reference). */
export const updateRetriever: Operation<"UpdateRetriever"> = async (input, call) => {
  const { applicationId, retrieverId, ...changes } = input;
  const application = await requireActiveApplication(call, applicationId);
  const retriever = await requireResource<RetrieverRecord>(call, "retriever", retrieverId, {
    applicationId,
  });
  const { type } = retriever.record;
  if (changes.configuration !== undefined) {
    const { configuration } = changes;
    await checkRetrieverConfiguration(call, applicationId, { type, configuration });
  }
  await checkPassedRole(call, {
    roleArn: changes.roleArn,
    service: "qbusiness.amazonaws.com",
    applicationArn: application.arn,
  });
  await call.db.write(async (trx) => {
    const current = await resources.find<RetrieverRecord>(trx, "retriever", retrieverId);
    if (current === undefined) return;
    const record = { ...current.record, ...changedMembers(changes) };
    const indexId = record.configuration.nativeIndexConfiguration?.indexId ?? "";
    await resources.update(trx, retrieverId, { record, indexId, at: call.now });
  });
  return {};
};
