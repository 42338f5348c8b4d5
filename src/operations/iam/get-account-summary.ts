import { iamPolicies, iamStore } from "../../store/store.ts";
import { askOfAll } from "./entities.ts";
import { iamLimits } from "./limits.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Counts what an account has, beside its quotas ("GetAccountSummary", IAM API Reference). */
export const getAccountSummary: QueryOperation<"iam", "GetAccountSummary"> = {
  asks: () => askOfAll("iam:GetAccountSummary"),

  async run(_input, { db, caller: { accountId } }) {
    const count = (kind: "user" | "role" | "group"): Promise<number> =>
      iamStore.countEntities(db.read, { accountId, kind });
    const [Users, Roles, Groups] = await Promise.all([
      count("user"),
      count("role"),
      count("group"),
    ]);
    const policies = await iamPolicies.list(db.read, accountId);
    return {
      SummaryMap: {
        Users,
        UsersQuota: iamLimits.usersPerAccount,
        Groups,
        GroupsQuota: iamLimits.groupsPerAccount,
        GroupsPerUserQuota: iamLimits.groupsPerUser,
        Roles,
        RolesQuota: iamLimits.rolesPerAccount,
        Policies: policies.length,
        PoliciesQuota: iamLimits.policiesPerAccount,
        PolicySizeQuota: iamLimits.managedPolicyCharacters,
        VersionsPerPolicyQuota: iamLimits.versionsPerPolicy,
        UserPolicySizeQuota: iamLimits.inlineCharactersPerUser,
        GroupPolicySizeQuota: iamLimits.inlineCharactersPerGroup,
        RolePolicySizeQuota: iamLimits.inlineCharactersPerRole,
        AssumeRolePolicySizeQuota: iamLimits.trustPolicyCharacters,
        AccessKeysPerUserQuota: iamLimits.accessKeysPerUser,
        AttachedPoliciesPerGroupQuota: iamLimits.attachedPerEntity,
        AttachedPoliciesPerRoleQuota: iamLimits.attachedPerEntity,
        AttachedPoliciesPerUserQuota: iamLimits.attachedPerEntity,
        // The root user's key comes with the installation.
        AccountAccessKeysPresent: 1,
        GlobalEndpointTokenVersion: 2,
      },
    };
  },
};
