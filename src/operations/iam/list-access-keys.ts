import { iamStore } from "../../store/store.ts";
import { askOf, requireEntity, userNameOf } from "./entities.ts";
import { readPageOf } from "./paging.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists a user's access keys, never their secrets ("ListAccessKeys", IAM API Reference). */
export const listAccessKeys: QueryOperation<"iam", "ListAccessKeys"> = {
  asks: async (input, call) => askOf(call, "iam:ListAccessKeys", userNameOf(call, input.UserName)),

  async run(input, call) {
    const user = await requireEntity(call.db.read, call, userNameOf(call, input.UserName));
    const keys = await iamStore.listKeys(call.db.read, user.id);
    const listing = ["ListAccessKeys", user.id];
    const { items, paging } = await readPageOf(call, { listing, input }, keys, ({ id }) => id);
    const AccessKeyMetadata = items.map(({ id, status, createdAt }) => ({
      UserName: user.name,
      AccessKeyId: id,
      Status: status,
      CreateDate: createdAt,
    }));
    return { AccessKeyMetadata, ...paging };
  },
};
