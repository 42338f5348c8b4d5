import { iamStore } from "../../store/store.ts";
import { askOf, requireChangeable } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { checkTrustPolicy } from "./trust-policy.ts";

/** Replaces a role's trust policy ("UpdateAssumeRolePolicy", IAM API Reference). */
export const updateAssumeRolePolicy: QueryOperation<"iam", "UpdateAssumeRolePolicy"> = {
  asks: (input, call) =>
    askOf(call, "iam:UpdateAssumeRolePolicy", { kind: "role", name: input.RoleName }),

  run: (input, call) =>
    change(call, async (trx) => {
      const role = await requireChangeable(trx, call, { kind: "role", name: input.RoleName });
      const { trustPolicy, trustPins } = await checkTrustPolicy(trx, call, input.PolicyDocument);
      await iamStore.setTrustPolicy(trx, role.id, trustPolicy);
      await iamStore.setRecord(trx, role.id, { ...role.record, trustPins });
      return {};
    }),
};
