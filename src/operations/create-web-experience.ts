import { resources } from "../store/store.ts";
import type { ApplicationRecord } from "./application.ts";
import { arnOf } from "./arns.ts";
import { within } from "./call.ts";
import { once } from "./idempotent.ts";
import { requireActiveApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkPassedRole } from "./roles.ts";
import { checkTags, putNewTags } from "./tagging.ts";
import { checkForIdentityType, type WebExperienceRecord } from "./web-experience.ts";

/** Makes a chat site of an application ("CreateWebExperience", API reference). */
export const createWebExperience: Operation<"CreateWebExperience"> = async (input, call) => {
  const { applicationId, clientToken: token, tags, ...members } = input;
  const application = await requireActiveApplication<ApplicationRecord>(call, applicationId);
  checkTags(call, tags);
  checkForIdentityType(application.record.identityType, members);
  const webExperienceId = call.ids.uuid();
  const arn = arnOf(call, { applicationId, webExperienceId });
  await checkPassedRole(call, {
    roleArn: input.roleArn,
    service: "application.qbusiness.amazonaws.com",
    applicationArn: application.arn,
  });
  const record: WebExperienceRecord = { applicationId, ...members };
  const request = { operation: "CreateWebExperience" as const, token, input };
  return once(call, request, async (trx) => {
    await requireActiveApplication(within(call, trx), applicationId);
    await resources.insert(trx, {
      id: webExperienceId,
      accountId: call.caller.accountId,
      kind: "webExperience",
      applicationId,
      indexId: "",
      arn,
      status: "ACTIVE",
      record,
      at: call.now,
    });
    await putNewTags(trx, arn, tags);
    return { webExperienceId, webExperienceArn: arn };
  });
};
