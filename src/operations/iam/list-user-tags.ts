import { tags as tagStore } from "../../store/store.ts";
import { askOf, requireEntity } from "./entities.ts";
import { readPageOf } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";
import { queryTags, tagPosition } from "./tags.ts";

/** Lists the tags of a user by key ("ListUserTags", IAM API Reference). */
export const listUserTags: QueryOperation<"iam", "ListUserTags"> = {
  asks: (input, call) => askOf(call, "iam:ListUserTags", { kind: "user", name: input.UserName }),

  async run(input, call) {
    const user = await requireEntity(call.db.read, call, { kind: "user", name: input.UserName });
    const listing = ["ListUserTags", user.id];
    const all = await tagStore.list(call.db.read, user.arn);
    const { items, paging } = await readPageOf(call, { listing, input }, all, tagPosition);
    return { Tags: queryTags(items), ...paging };
  },
};
