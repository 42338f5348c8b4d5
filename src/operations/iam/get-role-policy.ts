import { askOf } from "./entities.ts";
import { getInlinePolicy } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Reads an inline policy of a role ("GetRolePolicy", IAM API Reference). */
export const getRolePolicy: QueryOperation<"iam", "GetRolePolicy"> = {
  asks: (input, call) => askOf(call, "iam:GetRolePolicy", { kind: "role", name: input.RoleName }),

  async run({ RoleName: name, PolicyName: policyName }, call) {
    const found = await getInlinePolicy(call, { kind: "role", name, policyName });
    return { RoleName: found.entity.name, PolicyName: found.name, PolicyDocument: found.document };
  },
};
