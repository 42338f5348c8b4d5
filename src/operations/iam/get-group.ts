import { iamGroups } from "../../store/store.ts";
import { askOf, requireEntity } from "./entities.ts";
import { groupAnswer } from "./group.ts";
import { entitiesOf } from "./members.ts";
import { readPageOf } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";
import { userAnswer } from "./user.ts";

/** Reads a group and who is in it, by name ("GetGroup", IAM API Reference). */
export const getGroup: QueryOperation<"iam", "GetGroup"> = {
  asks: (input, call) => askOf(call, "iam:GetGroup", { kind: "group", name: input.GroupName }),

  async run(input, call) {
    const group = await requireEntity(call.db.read, call, { kind: "group", name: input.GroupName });
    const members = await entitiesOf(
      call.db.read,
      await iamGroups.listMembers(call.db.read, group.id),
    );
    const listing = ["GetGroup", group.id];
    const { items, paging } = await readPageOf(call, { listing, input }, members, (at) => at.name);
    return { Group: groupAnswer(group), Users: items.map(userAnswer), ...paging };
  },
};
