import { iamGroups, iamStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { clearBoundary } from "./boundaries.ts";
import { askOf, requireEntity } from "./entities.ts";
import { requireNoPolicies } from "./inline-policies.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { removeAllTags } from "./tags.ts";

/** Deletes a user that has neither keys nor policies left ("DeleteUser", IAM API Reference). */
export const deleteUser: QueryOperation<"iam", "DeleteUser"> = {
  asks: (input, call) => askOf(call, "iam:DeleteUser", { kind: "user", name: input.UserName }),

  run: (input, call) =>
    change(call, async (trx) => {
      const user = await requireEntity(trx, call, { kind: "user", name: input.UserName });
      if ((await iamGroups.listGroupsOf(trx, user.id)).length > 0) {
        throw queryError(
          "DeleteConflict",
          "Cannot delete entity, must remove users from group first.",
        );
      }
      await requireNoPolicies(trx, user);
      if ((await iamStore.listKeys(trx, user.id)).length > 0) {
        throw queryError("DeleteConflict", "Cannot delete entity, must delete access keys first.");
      }
      await clearBoundary(trx, user.id);
      await removeAllTags(trx, user.arn);
      await iamStore.removeEntity(trx, user.id);
      return {};
    }),
};
