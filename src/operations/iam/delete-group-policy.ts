import { askOf } from "./entities.ts";
import { deleteInlinePolicy } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Removes an inline policy of a group ("DeleteGroupPolicy", IAM API Reference). */
export const deleteGroupPolicy: QueryOperation<"iam", "DeleteGroupPolicy"> = {
  asks: (input, call) =>
    askOf(call, "iam:DeleteGroupPolicy", { kind: "group", name: input.GroupName }),

  async run({ GroupName: name, PolicyName: policyName }, call) {
    await deleteInlinePolicy(call, { kind: "group", name, policyName });
    return {};
  },
};
