import { iamPolicies, iamStore } from "../../store/store.ts";
import { askOfAll } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Counts what an account has, beside its quotas ("GetAccountSummary", IAM API Reference). */
export const getAccountSummary: QueryOperation<"iam", "GetAccountSummary"> = {
  asks: () => askOfAll("iam:GetAccountSummary"),

  async run(_input, { db, caller: { accountId }, quotas: { iam: quotas } }) {
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
        UsersQuota: quotas.usersPerAccount,
        Groups,
        GroupsQuota: quotas.groupsPerAccount,
        GroupsPerUserQuota: quotas.groupsPerUser,
        Roles,
        RolesQuota: quotas.rolesPerAccount,
        Policies: policies.length,
        PoliciesQuota: quotas.policiesPerAccount,
        PolicySizeQuota: quotas.managedPolicyCharacters,
        VersionsPerPolicyQuota: quotas.versionsPerPolicy,
        UserPolicySizeQuota: quotas.inlineCharactersPerUser,
        GroupPolicySizeQuota: quotas.inlineCharactersPerGroup,
        RolePolicySizeQuota: quotas.inlineCharactersPerRole,
        AssumeRolePolicySizeQuota: quotas.trustPolicyCharacters,
        AccessKeysPerUserQuota: quotas.accessKeysPerUser,
        AttachedPoliciesPerGroupQuota: quotas.attachedPerEntity,
        AttachedPoliciesPerRoleQuota: quotas.attachedPerEntity,
        AttachedPoliciesPerUserQuota: quotas.attachedPerEntity,
        // The root user's key comes with the installation.
        AccountAccessKeysPresent: 1,
        GlobalEndpointTokenVersion: 2,
      },
    };
  },
};
