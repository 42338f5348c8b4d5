import { tags as tagStore } from "../../store/store.ts";
import { askOfPolicy, policyAnswer, requireManaged, useCounts } from "./managed-policies.ts";
import type { QueryOperation } from "./query-operation.ts";
import { queryTags } from "./tags.ts";

/** Reads a managed policy without its text ("GetPolicy", IAM API Reference). */
export const getPolicy: QueryOperation<"iam", "GetPolicy"> = {
  asks: (input, call) => askOfPolicy(call, "iam:GetPolicy", input.PolicyArn),

  async run({ PolicyArn }, call) {
    const policy = await requireManaged(call.db.read, call, PolicyArn);
    const tags = await tagStore.list(call.db.read, policy.arn);
    return {
      Policy: {
        ...policyAnswer(policy, await useCounts(call.db.read)),
        Description: policy.description,
        Tags: queryTags(tags),
      },
    };
  },
};
