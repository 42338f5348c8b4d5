import { askOf } from "./entities.ts";
import { listInlinePolicies } from "./inline-policies.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists the names of a role's inline policies ("ListRolePolicies", IAM API Reference). */
export const listRolePolicies: QueryOperation<"iam", "ListRolePolicies"> = {
  asks: (input, call) =>
    askOf(call, "iam:ListRolePolicies", { kind: "role", name: input.RoleName }),

  async run(input, call) {
    const entity = { kind: "role", name: input.RoleName } as const;
    const { items, paging } = await listInlinePolicies(call, entity, input);
    return { PolicyNames: items, ...paging };
  },
};
