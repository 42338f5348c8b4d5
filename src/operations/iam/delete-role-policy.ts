import { askOf } from "./entities.ts";
import { deleteInlinePolicy } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Removes an inline policy of a role ("DeleteRolePolicy", IAM API Reference). */
export const deleteRolePolicy: QueryOperation<"iam", "DeleteRolePolicy"> = {
  asks: (input, call) =>
    askOf(call, "iam:DeleteRolePolicy", { kind: "role", name: input.RoleName }),

  async run({ RoleName: name, PolicyName: policyName }, call) {
    await deleteInlinePolicy(call, { kind: "role", name, policyName });
    return {};
  },
};
