import { askOf } from "./entities.ts";
import { deleteInlinePolicy } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Removes an inline policy of a user ("DeleteUserPolicy", IAM API Reference). */
export const deleteUserPolicy: QueryOperation<"iam", "DeleteUserPolicy"> = {
  asks: (input, call) =>
    askOf(call, "iam:DeleteUserPolicy", { kind: "user", name: input.UserName }),

  async run({ UserName: name, PolicyName: policyName }, call) {
    await deleteInlinePolicy(call, { kind: "user", name, policyName });
    return {};
  },
};
