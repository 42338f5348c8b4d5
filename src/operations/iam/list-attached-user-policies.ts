import { listAttachedPolicies } from "./attachments.ts";
import { askOf } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists the managed policies of a user ("ListAttachedUserPolicies", IAM API Reference). */
export const listAttachedUserPolicies: QueryOperation<"iam", "ListAttachedUserPolicies"> = {
  asks: (input, call) =>
    askOf(call, "iam:ListAttachedUserPolicies", { kind: "user", name: input.UserName }),

  async run(input, call) {
    const entity = { kind: "user", name: input.UserName } as const;
    const { items, paging } = await listAttachedPolicies(call, entity, input);
    return { AttachedPolicies: items, ...paging };
  },
};
