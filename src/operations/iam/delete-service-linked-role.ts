import { iamPolicies, iamStore, type WriteTransaction } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { type DeletionOutcome, putOutcome } from "./deletion-task.ts";
import { askOf, isServicePath, requireEntity } from "./entities.ts";
import { change, type QueryCall, type QueryOperation } from "./query-operation.ts";
import { linkedRole, linkedRoleUsers } from "./service-linked-role.ts";
import { removeAllTags } from "./tags.ts";

/**
 * Deletes the role that the service uses for itself, unless an application needs it. The task has
 * ended when the call returns; its id tells how ("DeleteServiceLinkedRole", IAM API Reference).
 */
export const deleteServiceLinkedRole: QueryOperation<"iam", "DeleteServiceLinkedRole"> = {
  asks: (input, call) =>
    askOf(call, "iam:DeleteServiceLinkedRole", { kind: "role", name: input.RoleName }),

  run: ({ RoleName: name }, call) =>
    change(call, async (trx) => {
      const role = await requireEntity(trx, call, { kind: "role", name });
      if (!isServicePath(role.path)) {
        throw queryError("NoSuchEntity", `The role ${role.name} is not a service-linked role.`);
      }
      const DeletionTaskId = `task${linkedRole.path}${role.name}/${call.ids.uuid()}`;
      const outcome = await outcomeOf(trx, call);
      if (outcome.Status === "SUCCEEDED") {
        const { policyArn: arn } = linkedRole;
        await iamPolicies.detach(trx, role.id, { use: "permissions", arn });
        await removeAllTags(trx, role.arn);
        await iamStore.removeEntity(trx, role.id);
      }
      await putOutcome(trx, DeletionTaskId, outcome);
      return { DeletionTaskId };
    }),
};

async function outcomeOf(trx: WriteTransaction, call: QueryCall): Promise<DeletionOutcome> {
  const Resources = await linkedRoleUsers(trx, call.caller.accountId);
  if (Resources.length === 0) return { Status: "SUCCEEDED" };
  const Reason = `The role is in use by ${Resources.length} applications; delete them, or give them roles of their own.`;
  const RoleUsageList = [{ Region: call.facts.region, Resources }];
  return { Status: "FAILED", Reason: { Reason, RoleUsageList } };
}
