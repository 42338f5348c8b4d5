import { iamStore } from "../../store/store.ts";
import { askOf, requireChangeable } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Changes a role's description and longest session ("UpdateRole", IAM API Reference). */
export const updateRole: QueryOperation<"iam", "UpdateRole"> = {
  asks: (input, call) => askOf(call, "iam:UpdateRole", { kind: "role", name: input.RoleName }),

  run: (input, call) =>
    change(call, async (trx) => {
      const role = await requireChangeable(trx, call, { kind: "role", name: input.RoleName });
      const { Description: description, MaxSessionDuration: maxSessionDurationSeconds } = input;
      await iamStore.setRecord(trx, role.id, {
        ...role.record,
        ...(description !== undefined && { description }),
        ...(maxSessionDurationSeconds !== undefined && { maxSessionDurationSeconds }),
      });
      return {};
    }),
};
