import { iamPolicies } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { askOfPolicy, requireOwnPolicy, requireVersion } from "./managed-policies.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Deletes a version that does not decide ("DeletePolicyVersion", IAM API Reference). */
export const deletePolicyVersion: QueryOperation<"iam", "DeletePolicyVersion"> = {
  asks: (input, call) => askOfPolicy(call, "iam:DeletePolicyVersion", input.PolicyArn),

  run: ({ PolicyArn, VersionId }, call) =>
    change(call, async (trx) => {
      const policy = await requireOwnPolicy(trx, call, PolicyArn);
      const { version } = await requireVersion(trx, { ...policy, isAws: false }, VersionId);
      if (version === policy.defaultVersion) {
        throw queryError("DeleteConflict", "Cannot delete the default version of a policy.");
      }
      await iamPolicies.removeVersion(trx, policy.id, version);
      return {};
    }),
};
