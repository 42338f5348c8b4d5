import { askOf } from "./entities.ts";
import { getInlinePolicy } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Reads an inline policy of a group ("GetGroupPolicy", IAM API Reference). */
export const getGroupPolicy: QueryOperation<"iam", "GetGroupPolicy"> = {
  asks: (input, call) =>
    askOf(call, "iam:GetGroupPolicy", { kind: "group", name: input.GroupName }),

  async run({ GroupName: name, PolicyName: policyName }, call) {
    const found = await getInlinePolicy(call, { kind: "group", name, policyName });
    return { GroupName: found.entity.name, PolicyName: found.name, PolicyDocument: found.document };
  },
};
