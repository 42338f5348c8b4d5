import type { CreateApplicationRequest, IdentityType } from "../contract/contract.ts";
import { resources } from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import { type ApplicationRecord, identityTypeDefault } from "./application.ts";
import { checkContentKey, grantContentKey } from "./application-key.ts";
import { arnOf } from "./arns.ts";
import { once } from "./idempotent.ts";
import { invalid } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkPassedRole } from "./roles.ts";
import { checkTags, putNewTags } from "./tagging.ts";

/**
 * Makes an application ("CreateApplication", API reference). The real service takes seconds to
 * make one ready; here it is ACTIVE when the call returns.
 */
export const createApplication: Operation<"CreateApplication"> = async (input, call) => {
  checkIdentity(input);
  checkTags(call, input.tags);
  const applicationId = call.ids.uuid();
  const arn = arnOf(call, { applicationId });
  await checkPassedRole(call, {
    roleArn: input.roleArn,
    service: "qbusiness.amazonaws.com",
    applicationArn: arn,
  });
  const { clientToken: token, tags, ...members } = input;
  const identityType = input.identityType ?? identityTypeDefault;
  const kmsKeyId = input.encryptionConfiguration?.kmsKeyId;
  const key =
    kmsKeyId === undefined ? undefined : await checkContentKey(call, { kmsKeyId, applicationId });
  const request = { operation: "CreateApplication" as const, token, input };
  return once(call, request, async (trx) => {
    const scope = { accountId: call.caller.accountId, kind: "application" as const };
    const count = await resources.count(trx, scope);
    if (count >= call.quotas.applicationsPerAccount) {
      throw apiError("ServiceQuotaExceededException", {
        message: `The account has ${count} applications, the most it may have. Delete one first.`,
        resourceId: call.caller.accountId,
        resourceType: "application",
      });
    }
    const contentKey = key && (await grantContentKey(call, trx, { key, applicationId }));
    const record: ApplicationRecord = { ...members, identityType, ...contentKey };
    const ids = { id: applicationId, applicationId, indexId: "" };
    await resources.insert(trx, { ...scope, ...ids, arn, status: "ACTIVE", record, at: call.now });
    await putNewTags(trx, arn, tags);
    return { applicationId, applicationArn: arn };
  });
};

type IdentityMember = keyof CreateApplicationRequest &
  (
    | "iamIdentityProviderArn"
    | "identityCenterInstanceArn"
    | "clientIdsForOIDC"
    | "quickSightConfiguration"
  );

/** Which members an identity type needs, and which it may have. */
const identityMembers: Readonly<
  Record<IdentityType, { needs: readonly IdentityMember[]; allows: readonly IdentityMember[] }>
> = {
  ANONYMOUS: { needs: [], allows: [] },
  AWS_IAM_IDC: {
    needs: ["identityCenterInstanceArn"],
    allows: ["identityCenterInstanceArn"],
  },
  AWS_IAM_IDP_SAML: { needs: ["iamIdentityProviderArn"], allows: ["iamIdentityProviderArn"] },
  AWS_IAM_IDP_OIDC: {
    needs: ["iamIdentityProviderArn", "clientIdsForOIDC"],
    allows: ["iamIdentityProviderArn", "clientIdsForOIDC"],
  },
  AWS_QUICKSIGHT_IDP: { needs: ["quickSightConfiguration"], allows: ["quickSightConfiguration"] },
};

function checkIdentity(input: CreateApplicationRequest): void {
  const type = input.identityType;
  // Without a type the application is one of Identity Center whose instance can be set later.
  if (type === undefined) return;
  const { needs, allows } = identityMembers[type];
  const all: readonly IdentityMember[] = [
    "iamIdentityProviderArn",
    "identityCenterInstanceArn",
    "clientIdsForOIDC",
    "quickSightConfiguration",
  ];
  for (const member of all) {
    if (needs.includes(member) && input[member] === undefined) {
      throw invalid(member, `Member must not be null for identityType ${type}`);
    }
    if (!allows.includes(member) && input[member] !== undefined) {
      throw invalid(member, `Member must be null for identityType ${type}`);
    }
  }
}
