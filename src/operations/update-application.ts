import { resources } from "../store/store.ts";
import type { ApplicationRecord } from "./application.ts";
import { changedMembers } from "./changed-members.ts";
import { invalid, requireActiveApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkPassedRole } from "./roles.ts";

/**
 * Changes the members that the call brings; the rest stays ("UpdateApplication", API reference).
 * Identity type, key and client ids are fixed for life.
 */
export const updateApplication: Operation<"UpdateApplication"> = async (input, call) => {
  const { applicationId, ...changes } = input;
  const application = await requireActiveApplication<ApplicationRecord>(call, applicationId);
  const { identityType } = application.record;
  if (changes.identityCenterInstanceArn !== undefined && identityType !== "AWS_IAM_IDC") {
    throw invalid(
      "identityCenterInstanceArn",
      `Member must be null for identityType ${identityType}`,
    );
  }
  const isFederated = identityType === "AWS_IAM_IDP_SAML" || identityType === "AWS_IAM_IDP_OIDC";
  if (changes.autoSubscriptionConfiguration !== undefined && !isFederated) {
    throw invalid(
      "autoSubscriptionConfiguration",
      `Member must be null for identityType ${identityType}`,
    );
  }
  await checkPassedRole(call, {
    roleArn: changes.roleArn,
    service: "qbusiness.amazonaws.com",
    applicationArn: application.arn,
  });
  await call.db.write(async (trx) => {
    const current = await resources.find<ApplicationRecord>(trx, "application", applicationId);
    if (current?.status !== "ACTIVE") return;
    const record = { ...current.record, ...changedMembers(changes) };
    await resources.update(trx, applicationId, { record, at: call.now });
  });
  return {};
};
