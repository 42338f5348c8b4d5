import { askOf } from "./entities.ts";
import { listInlinePolicies } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists the names of a user's inline policies ("ListUserPolicies", IAM API Reference). */
export const listUserPolicies: QueryOperation<"iam", "ListUserPolicies"> = {
  asks: (input, call) =>
    askOf(call, "iam:ListUserPolicies", { kind: "user", name: input.UserName }),

  async run(input, call) {
    const entity = { kind: "user", name: input.UserName } as const;
    const { items, paging } = await listInlinePolicies(call, entity, input);
    return { PolicyNames: items, ...paging };
  },
};
