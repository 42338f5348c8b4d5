import { iamStore } from "../../store/store.ts";
import { clearBoundary } from "./boundaries.ts";
import { askOf, requireChangeable } from "./entities.ts";
import { requireNoPolicies } from "./inline-policies.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { removeAllTags } from "./tags.ts";

/** Deletes a role that has no policies left ("DeleteRole", IAM API Reference). */
export const deleteRole: QueryOperation<"iam", "DeleteRole"> = {
  asks: (input, call) => askOf(call, "iam:DeleteRole", { kind: "role", name: input.RoleName }),

  run: (input, call) =>
    change(call, async (trx) => {
      const role = await requireChangeable(trx, call, { kind: "role", name: input.RoleName });
      await requireNoPolicies(trx, role);
      await clearBoundary(trx, role.id);
      await removeAllTags(trx, role.arn);
      await iamStore.removeEntity(trx, role.id);
      return {};
    }),
};
