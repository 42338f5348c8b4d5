import { askOf } from "./entities.ts";
import { putInlinePolicy } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Adds or replaces an inline policy of a group ("PutGroupPolicy", IAM API Reference). */
export const putGroupPolicy: QueryOperation<"iam", "PutGroupPolicy"> = {
  asks: (input, call) =>
    askOf(call, "iam:PutGroupPolicy", { kind: "group", name: input.GroupName }),

  async run({ GroupName: name, PolicyName: policyName, PolicyDocument: document }, call) {
    await putInlinePolicy(call, { kind: "group", name, policyName, document });
    return {};
  },
};
