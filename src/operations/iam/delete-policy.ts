import { iamPolicies } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { askOfPolicy, requireOwnPolicy } from "./managed-policies.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { removeAllTags } from "./tags.ts";

/** Deletes a managed policy that nobody uses, with its last version ("DeletePolicy", IAM). */
export const deletePolicy: QueryOperation<"iam", "DeletePolicy"> = {
  asks: (input, call) => askOfPolicy(call, "iam:DeletePolicy", input.PolicyArn),

  run: ({ PolicyArn }, call) =>
    change(call, async (trx) => {
      const policy = await requireOwnPolicy(trx, call, PolicyArn);
      if ((await iamPolicies.listUses(trx, PolicyArn)).length > 0) {
        throw queryError("DeleteConflict", "Cannot delete a policy attached to entities.");
      }
      if ((await iamPolicies.listVersions(trx, policy.id)).length > 1) {
        throw queryError(
          "DeleteConflict",
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        );
      }
      await removeAllTags(trx, policy.arn);
      await iamPolicies.remove(trx, policy.id);
      return {};
    }),
};
