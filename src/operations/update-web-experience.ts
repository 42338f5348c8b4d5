import { resources } from "../store/store.ts";
import type { ApplicationRecord } from "./application.ts";
import { changedMembers } from "./changed-members.ts";
import { requireActive, requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkPassedRole } from "./roles.ts";
import { checkForIdentityType, type WebExperienceRecord } from "./web-experience.ts";

/**
 * Changes the members that the call brings; `origins` is replaced as a whole ("UpdateWebExperience",
 * API reference).
 */
export const updateWebExperience: Operation<"UpdateWebExperience"> = async (input, call) => {
  const { applicationId, webExperienceId, ...changes } = input;
  const application = await requireActiveApplication<ApplicationRecord>(call, applicationId);
  const site = await requireResource<WebExperienceRecord>(call, "webExperience", webExperienceId, {
    applicationId,
  });
  requireActive(site);
  checkForIdentityType(application.record.identityType, changes);
  await checkPassedRole(call, {
    roleArn: changes.roleArn,
    service: "application.qbusiness.amazonaws.com",
    applicationArn: application.arn,
  });
  await call.db.write(async (trx) => {
    const current = await resources.find<WebExperienceRecord>(
      trx,
      "webExperience",
      webExperienceId,
    );
    if (current === undefined) return;
    const record = { ...current.record, ...changedMembers(changes) };
    await resources.update(trx, webExperienceId, { record, at: call.now });
  });
  return {};
};
