import { iamStore } from "../../store/store.ts";
import { askOfAll } from "./entities.ts";
import { readQueryPage } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";
import { userAnswer } from "./user.ts";

/** Lists users by name, without their tags ("ListUsers", IAM API Reference). */
export const listUsers: QueryOperation<"iam", "ListUsers"> = {
  asks: () => askOfAll("iam:ListUsers"),

  async run(input, call) {
    const { PathPrefix: pathPrefix = "/" } = input;
    const query = { accountId: call.caller.accountId, kind: "user", pathPrefix } as const;
    const { items, paging } = await readQueryPage(
      call,
      { listing: ["ListUsers", pathPrefix], input },
      (after, limit) => iamStore.listEntities(call.db.read, { ...query, after, limit }),
      ({ name }) => name,
    );
    return { Users: items.map(userAnswer), ...paging };
  },
};
