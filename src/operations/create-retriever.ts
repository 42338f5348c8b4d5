import { resources } from "../store/store.ts";
import { arnOf } from "./arns.ts";
import { within } from "./call.ts";
import { once } from "./idempotent.ts";
import { requireActiveApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkRetrieverConfiguration, type RetrieverRecord } from "./retriever.ts";
import { checkPassedRole } from "./roles.ts";
import { checkTags, putNewTags } from "./tagging.ts";

/** Connects an application to one of its indices ("CreateRetriever", API reference). */
export const createRetriever: Operation<"CreateRetriever"> = async (input, call) => {
  const application = await requireActiveApplication(call, input.applicationId);
  checkTags(call, input.tags);
  await checkRetrieverConfiguration(call, input.applicationId, input);
  const retrieverId = call.ids.uuid();
  const arn = arnOf(call, { applicationId: input.applicationId, retrieverId });
  await checkPassedRole(call, {
    roleArn: input.roleArn,
    service: "qbusiness.amazonaws.com",
    applicationArn: application.arn,
  });
  const { clientToken: token, tags, ...members } = input;
  const record: RetrieverRecord = members;
  const request = { operation: "CreateRetriever" as const, token, input };
  return once(call, request, async (trx) => {
    await requireActiveApplication(within(call, trx), input.applicationId);
    await checkRetrieverConfiguration(within(call, trx), input.applicationId, input);
    await resources.insert(trx, {
      id: retrieverId,
      accountId: call.caller.accountId,
      kind: "retriever",
      applicationId: input.applicationId,
      indexId: input.configuration.nativeIndexConfiguration?.indexId ?? "",
      arn,
      status: "ACTIVE",
      record,
      at: call.now,
    });
    await putNewTags(trx, arn, tags);
    return { retrieverId, retrieverArn: arn };
  });
};
