import { iamGroups } from "../../store/store.ts";
import { askOf, requireEntity } from "./entities.ts";
import { checkQuota } from "./limits.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Puts a user into a group; once more changes nothing ("AddUserToGroup", IAM API Reference). */
export const addUserToGroup: QueryOperation<"iam", "AddUserToGroup"> = {
  asks: (input, call) =>
    askOf(call, "iam:AddUserToGroup", { kind: "group", name: input.GroupName }),

  run: ({ GroupName, UserName }, call) =>
    change(call, async (trx) => {
      const group = await requireEntity(trx, call, { kind: "group", name: GroupName });
      const user = await requireEntity(trx, call, { kind: "user", name: UserName });
      const known = await iamGroups.listGroupsOf(trx, user.id);
      if (known.includes(group.id)) return {};
      checkQuota("GroupsPerUser", known.length, call.quotas.iam.groupsPerUser);
      await iamGroups.addMember(trx, { groupId: group.id, userId: user.id });
      return {};
    }),
};
