import { newKeyId } from "../../identity/identity.ts";
import { type IamEntity, iamStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { entityArn } from "./entities.ts";
import { groupAnswer } from "./group.ts";
import { checkQuota } from "./limits.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/** Makes a group, empty and without permissions ("CreateGroup", IAM API Reference). */
export const createGroup: QueryOperation<"iam", "CreateGroup"> = {
  asks: async ({ GroupName: name, Path: path }, { caller: { accountId: account } }) => [
    {
      action: "iam:CreateGroup",
      resources: [{ arn: entityArn(account, { kind: "group", name, path }), account }],
    },
  ],

  run: ({ GroupName: name, Path: path = "/" }, call) =>
    change(call, async (trx) => {
      const { accountId } = call.caller;
      const key = { accountId, kind: "group", name } as const;
      if ((await iamStore.findEntity(trx, key)) !== undefined) {
        throw queryError("EntityAlreadyExists", `Group with name ${name} already exists.`);
      }
      const count = await iamStore.countEntities(trx, key);
      checkQuota("GroupsPerAccount", count, call.quotas.iam.groupsPerAccount);
      const arn = entityArn(accountId, { ...key, path });
      const rest = { arn, path, trustPolicy: "", record: {}, createdAt: call.now };
      const group: IamEntity = { ...key, ...rest, id: newKeyId("AGPA") };
      await iamStore.insertEntity(trx, group);
      return { Group: groupAnswer(group) };
    }),
};
