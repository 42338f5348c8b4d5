import { listAttachedPolicies } from "./attachments.ts";
import { askOf } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists the managed policies of a role ("ListAttachedRolePolicies", IAM API Reference). */
export const listAttachedRolePolicies: QueryOperation<"iam", "ListAttachedRolePolicies"> = {
  asks: (input, call) =>
    askOf(call, "iam:ListAttachedRolePolicies", { kind: "role", name: input.RoleName }),

  async run(input, call) {
    const entity = { kind: "role", name: input.RoleName } as const;
    const { items, paging } = await listAttachedPolicies(call, entity, input);
    return { AttachedPolicies: items, ...paging };
  },
};
