import { iamPolicies } from "../../store/store.ts";
import { askOfPolicy, requireOwnPolicy, requireVersion } from "./managed-policies.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Says which version decides ("SetDefaultPolicyVersion", IAM API Reference). */
export const setDefaultPolicyVersion: QueryOperation<"iam", "SetDefaultPolicyVersion"> = {
  asks: (input, call) => askOfPolicy(call, "iam:SetDefaultPolicyVersion", input.PolicyArn),

  run: ({ PolicyArn, VersionId }, call) =>
    change(call, async (trx) => {
      const policy = await requireOwnPolicy(trx, call, PolicyArn);
      const { version } = await requireVersion(trx, { ...policy, isAws: false }, VersionId);
      const { latestVersion } = policy;
      const set = { defaultVersion: version, latestVersion, at: call.now };
      await iamPolicies.setVersions(trx, policy.id, set);
      return {};
    }),
};
