import { askOf } from "./entities.ts";
import { listInlinePolicies } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists the names of a group's inline policies ("ListGroupPolicies", IAM API Reference). */
export const listGroupPolicies: QueryOperation<"iam", "ListGroupPolicies"> = {
  asks: (input, call) =>
    askOf(call, "iam:ListGroupPolicies", { kind: "group", name: input.GroupName }),

  async run(input, call) {
    const entity = { kind: "group", name: input.GroupName } as const;
    const { items, paging } = await listInlinePolicies(call, entity, input);
    return { PolicyNames: items, ...paging };
  },
};
