import { askOf } from "./entities.ts";
import { getInlinePolicy } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Reads an inline policy of a user ("GetUserPolicy", IAM API Reference). */
export const getUserPolicy: QueryOperation<"iam", "GetUserPolicy"> = {
  asks: (input, call) => askOf(call, "iam:GetUserPolicy", { kind: "user", name: input.UserName }),

  async run({ UserName: name, PolicyName: policyName }, call) {
    const found = await getInlinePolicy(call, { kind: "user", name, policyName });
    return { UserName: found.entity.name, PolicyName: found.name, PolicyDocument: found.document };
  },
};
