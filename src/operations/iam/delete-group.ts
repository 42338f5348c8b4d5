import { iamGroups, iamStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { askOf, requireEntity } from "./entities.ts";
import { requireNoPolicies } from "./inline-policies.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Deletes a group that has neither users nor policies left ("DeleteGroup", IAM API Reference). */
export const deleteGroup: QueryOperation<"iam", "DeleteGroup"> = {
  asks: (input, call) => askOf(call, "iam:DeleteGroup", { kind: "group", name: input.GroupName }),

  run: ({ GroupName: name }, call) =>
    change(call, async (trx) => {
      const group = await requireEntity(trx, call, { kind: "group", name });
      if ((await iamGroups.listMembers(trx, group.id)).length > 0) {
        throw queryError(
          "DeleteConflict",
          "Cannot delete entity, must remove users from group first.",
        );
      }
      await requireNoPolicies(trx, group);
      await iamStore.removeEntity(trx, group.id);
      return {};
    }),
};
