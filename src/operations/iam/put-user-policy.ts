import { askOf } from "./entities.ts";
import { putInlinePolicy } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Adds or replaces an inline policy of a user ("PutUserPolicy", IAM API Reference). */
export const putUserPolicy: QueryOperation<"iam", "PutUserPolicy"> = {
  asks: (input, call) => askOf(call, "iam:PutUserPolicy", { kind: "user", name: input.UserName }),

  async run({ UserName: name, PolicyName: policyName, PolicyDocument: document }, call) {
    await putInlinePolicy(call, { kind: "user", name, policyName, document });
    return {};
  },
};
