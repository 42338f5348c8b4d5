import { iamStore } from "../../store/store.ts";
import { askOf, requireChangeable, requireEntity } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/**
 * Changes a role's description and longest session; of a service-linked role the description only
 * ("UpdateRole", IAM API Reference).
 */
export const updateRole: QueryOperation<"iam", "UpdateRole"> = {
  asks: (input, call) => askOf(call, "iam:UpdateRole", { kind: "role", name: input.RoleName }),

  run: (input, call) =>
    change(call, async (trx) => {
      const name = { kind: "role", name: input.RoleName } as const;
      const role = await (input.MaxSessionDuration === undefined
        ? requireEntity(trx, call, name)
        : requireChangeable(trx, call, name));
      const { Description: description, MaxSessionDuration: maxSessionDurationSeconds } = input;
      await iamStore.setRecord(trx, role.id, {
        ...role.record,
        ...(description !== undefined && { description }),
        ...(maxSessionDurationSeconds !== undefined && { maxSessionDurationSeconds }),
      });
      return {};
    }),
};
