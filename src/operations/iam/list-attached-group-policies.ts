import { listAttachedPolicies } from "./attachments.ts";
import { askOf } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists the managed policies of a group ("ListAttachedGroupPolicies", IAM API Reference). */
export const listAttachedGroupPolicies: QueryOperation<"iam", "ListAttachedGroupPolicies"> = {
  asks: (input, call) =>
    askOf(call, "iam:ListAttachedGroupPolicies", { kind: "group", name: input.GroupName }),

  async run(input, call) {
    const entity = { kind: "group", name: input.GroupName } as const;
    const { items, paging } = await listAttachedPolicies(call, entity, input);
    return { AttachedPolicies: items, ...paging };
  },
};
