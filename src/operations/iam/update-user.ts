import { iamStore, tags as tagStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { askOf, entityArn, requireEntity } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { removeAllTags } from "./tags.ts";

/**
 * Renames or moves a user, who stays the same principal ("UpdateUser", IAM API Reference). The
 * caller needs the permission for the user as it is and as it will be.
 */
export const updateUser: QueryOperation<"iam", "UpdateUser"> = {
  async asks({ UserName: name, NewUserName, NewPath }, call) {
    const { accountId } = call.caller;
    const asked = await askOf(call, "iam:UpdateUser", { kind: "user", name });
    const user = await iamStore.findEntity(call.db.read, { accountId, kind: "user", name });
    const arn = entityArn(accountId, {
      kind: "user",
      name: NewUserName ?? user?.name ?? name,
      path: NewPath ?? user?.path,
    });
    return asked.map((question) => {
      const stays = question.resources.some((resource) => resource.arn === arn);
      const after = stays ? [] : [{ arn, account: accountId }];
      return { ...question, resources: [...question.resources, ...after] };
    });
  },

  run: ({ UserName, NewUserName, NewPath }, call) =>
    change(call, async (trx) => {
      const user = await requireEntity(trx, call, { kind: "user", name: UserName });
      const { accountId, kind } = user;
      const to = { kind, name: NewUserName ?? user.name, path: NewPath ?? user.path };
      const taken = await iamStore.findEntity(trx, { accountId, kind, name: to.name });
      if (taken !== undefined && taken.id !== user.id) {
        throw queryError("EntityAlreadyExists", `User with name ${to.name} already exists.`);
      }
      const arn = entityArn(accountId, to);
      const tags = await tagStore.list(trx, user.arn);
      await removeAllTags(trx, user.arn);
      await iamStore.renameEntity(trx, user.id, { name: to.name, path: to.path, arn });
      await tagStore.put(trx, arn, tags);
      return {};
    }),
};
