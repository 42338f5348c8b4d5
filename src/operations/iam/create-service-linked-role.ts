import { newKeyId } from "../../identity/identity.ts";
import { type IamEntity, iamPolicies, iamStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { roleAnswer } from "./role.ts";
import {
  linkedRole,
  linkedRoleArn,
  linkedRoleTrust,
  linkedService,
} from "./service-linked-role.ts";

/** Makes the role that the service uses for itself ("CreateServiceLinkedRole", IAM API Reference). */
export const createServiceLinkedRole: QueryOperation<"iam", "CreateServiceLinkedRole"> = {
  asks: async ({ AWSServiceName }, { caller: { accountId: account } }) => [
    {
      action: "iam:CreateServiceLinkedRole",
      resources: [{ arn: linkedRoleArn(account), account }],
      serviceKeys: { "iam:AWSServiceName": AWSServiceName },
    },
  ],

  run({ AWSServiceName, CustomSuffix, Description: description }, call) {
    if (AWSServiceName !== linkedService) {
      const message = `Service-linked roles are made for ${linkedService} only, not for ${AWSServiceName}.`;
      throw queryError("InvalidInput", message);
    }
    if (CustomSuffix !== undefined) {
      throw queryError("InvalidInput", `Custom suffix is not allowed for ${linkedService}`);
    }
    return change(call, async (trx) => {
      const { accountId } = call.caller;
      const { kind, name, path, policyArn } = linkedRole;
      if ((await iamStore.findEntity(trx, { accountId, kind, name })) !== undefined) {
        const message = `Service role name ${name} has been taken in this account, please try a different suffix.`;
        throw queryError("InvalidInput", message);
      }
      const role: IamEntity = {
        id: newKeyId("AROA"),
        accountId,
        kind,
        name,
        path,
        arn: linkedRoleArn(accountId),
        trustPolicy: linkedRoleTrust,
        record: description === undefined ? {} : { description },
        createdAt: call.now,
      };
      await iamStore.insertEntity(trx, role);
      await iamPolicies.attach(trx, role.id, { use: "permissions", arn: policyArn });
      return { Role: await roleAnswer(trx, role) };
    });
  },
};
