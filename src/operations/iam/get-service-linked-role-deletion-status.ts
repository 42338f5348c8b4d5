import { queryError } from "../../wire/wire.ts";
import { findOutcome } from "./deletion-task.ts";
import { linkedRoleArn } from "./service-linked-role.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Tells how a deletion went ("GetServiceLinkedRoleDeletionStatus", IAM API Reference). */
export const getServiceLinkedRoleDeletionStatus: QueryOperation<
  "iam",
  "GetServiceLinkedRoleDeletionStatus"
> = {
  asks: async (_input, { caller: { accountId: account } }) => [
    {
      action: "iam:GetServiceLinkedRoleDeletionStatus",
      resources: [{ arn: linkedRoleArn(account), account }],
    },
  ],

  async run({ DeletionTaskId: id }, call) {
    const outcome = await findOutcome(call.db.read, id);
    if (outcome !== undefined) return outcome;
    throw queryError("NoSuchEntity", `Deletion task ${id} not found.`);
  },
};
