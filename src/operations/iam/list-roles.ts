import { iamStore } from "../../store/store.ts";
import { askOfAll } from "./entities.ts";
import { readQueryPage } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";
import { roleAnswer } from "./role.ts";

/** Lists roles by name, without their tags ("ListRoles", IAM API Reference). */
export const listRoles: QueryOperation<"iam", "ListRoles"> = {
  asks: () => askOfAll("iam:ListRoles"),

  async run(input, call) {
    const { PathPrefix: pathPrefix = "/" } = input;
    const query = { accountId: call.caller.accountId, kind: "role", pathPrefix } as const;
    const { items, paging } = await readQueryPage(
      call,
      { listing: ["ListRoles", pathPrefix], input },
      (after, limit) => iamStore.listEntities(call.db.read, { ...query, after, limit }),
      ({ name }) => name,
    );
    const Roles = await Promise.all(items.map((role) => roleAnswer(call.db.read, role)));
    return { Roles, ...paging };
  },
};
