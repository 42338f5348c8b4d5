import { iamGroups } from "../../store/store.ts";
import { askOf, requireEntity } from "./entities.ts";
import { groupAnswer } from "./group.ts";
import { entitiesOf } from "./members.ts";
import { readPageOf } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists the groups that a user is in ("ListGroupsForUser", IAM API Reference). */
export const listGroupsForUser: QueryOperation<"iam", "ListGroupsForUser"> = {
  asks: (input, call) =>
    askOf(call, "iam:ListGroupsForUser", { kind: "user", name: input.UserName }),

  async run(input, call) {
    const user = await requireEntity(call.db.read, call, { kind: "user", name: input.UserName });
    const groups = await entitiesOf(
      call.db.read,
      await iamGroups.listGroupsOf(call.db.read, user.id),
    );
    const listing = ["ListGroupsForUser", user.id];
    const { items, paging } = await readPageOf(call, { listing, input }, groups, (at) => at.name);
    return { Groups: items.map(groupAnswer), ...paging };
  },
};
