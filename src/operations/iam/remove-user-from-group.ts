import { iamGroups } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { askOf, requireEntity } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Takes a user out of a group ("RemoveUserFromGroup", IAM API Reference). */
export const removeUserFromGroup: QueryOperation<"iam", "RemoveUserFromGroup"> = {
  asks: (input, call) =>
    askOf(call, "iam:RemoveUserFromGroup", { kind: "group", name: input.GroupName }),

  run: ({ GroupName, UserName }, call) =>
    change(call, async (trx) => {
      const group = await requireEntity(trx, call, { kind: "group", name: GroupName });
      const user = await requireEntity(trx, call, { kind: "user", name: UserName });
      const wasIn = await iamGroups.removeMember(trx, { groupId: group.id, userId: user.id });
      if (wasIn) return {};
      const message = `User ${user.name} not in group ${group.name}`;
      throw queryError("NoSuchEntity", message);
    }),
};
