import { askOf } from "./entities.ts";
import { putInlinePolicy } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Adds or replaces an inline policy of a role ("PutRolePolicy", IAM API Reference). */
export const putRolePolicy: QueryOperation<"iam", "PutRolePolicy"> = {
  asks: (input, call) => askOf(call, "iam:PutRolePolicy", { kind: "role", name: input.RoleName }),

  async run({ RoleName: name, PolicyName: policyName, PolicyDocument: document }, call) {
    await putInlinePolicy(call, { kind: "role", name, policyName, document });
    return {};
  },
};
