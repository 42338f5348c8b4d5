import { iamStore } from "../../store/store.ts";
import { askOfAll } from "./entities.ts";
import { groupAnswer } from "./group.ts";
import { readQueryPage } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists groups by name ("ListGroups", IAM API Reference). */
export const listGroups: QueryOperation<"iam", "ListGroups"> = {
  asks: () => askOfAll("iam:ListGroups"),

  async run(input, call) {
    const { PathPrefix: pathPrefix = "/" } = input;
    const query = { accountId: call.caller.accountId, kind: "group", pathPrefix } as const;
    const { items, paging } = await readQueryPage(
      call,
      { listing: ["ListGroups", pathPrefix], input },
      (after, limit) => iamStore.listEntities(call.db.read, { ...query, after, limit }),
      ({ name }) => name,
    );
    return { Groups: items.map(groupAnswer), ...paging };
  },
};
