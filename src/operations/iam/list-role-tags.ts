import { tags as tagStore } from "../../store/store.ts";
import { askOf, requireEntity } from "./entities.ts";
import { readPageOf } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";
import { queryTags, tagPosition } from "./tags.ts";

/** Lists the tags of a role by key ("ListRoleTags", IAM API Reference). */
export const listRoleTags: QueryOperation<"iam", "ListRoleTags"> = {
  asks: (input, call) => askOf(call, "iam:ListRoleTags", { kind: "role", name: input.RoleName }),

  async run(input, call) {
    const role = await requireEntity(call.db.read, call, { kind: "role", name: input.RoleName });
    const listing = ["ListRoleTags", role.id];
    const all = await tagStore.list(call.db.read, role.arn);
    const { items, paging } = await readPageOf(call, { listing, input }, all, tagPosition);
    return { Tags: queryTags(items), ...paging };
  },
};
