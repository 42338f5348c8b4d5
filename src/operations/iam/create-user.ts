import type { iamShapes } from "../../contract/contract.ts";
import { newKeyId } from "../../identity/identity.ts";
import { type IamEntity, iamStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { setBoundary, shownBoundary } from "./boundaries.ts";
import { entityArn } from "./entities.ts";
import { checkQuota } from "./limits.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { checkTags, makingWithTags, putTags } from "./tags.ts";
import { userAnswer } from "./user.ts";

/** Makes a user, who has no keys and no permissions yet ("CreateUser", IAM API Reference). */
export const createUser: QueryOperation<"iam", "CreateUser"> = {
  asks: async (input, call) => {
    const { accountId: account } = call.caller;
    const making = {
      action: "iam:CreateUser",
      resources: [{ arn: arnOf(input, account), account }],
      serviceKeys: { "iam:PermissionsBoundary": input.PermissionsBoundary },
    };
    return makingWithTags(making, { action: "iam:TagUser", tags: input.Tags });
  },

  async run(input, call) {
    const { UserName: name, Path: path = "/" } = input;
    const { accountId } = call.caller;
    checkTags(input.Tags);
    return change(call, async (trx) => {
      const key = { accountId, kind: "user", name } as const;
      if ((await iamStore.findEntity(trx, key)) !== undefined) {
        throw queryError("EntityAlreadyExists", `User with name ${name} already exists.`);
      }
      const count = await iamStore.countEntities(trx, key);
      checkQuota("UsersPerAccount", count, call.quotas.iam.usersPerAccount);
      const arn = arnOf(input, accountId);
      const id = newKeyId("AIDA");
      const rest = { id, path, arn, trustPolicy: "", record: {}, createdAt: call.now };
      const user: IamEntity = { ...key, ...rest };
      await iamStore.insertEntity(trx, user);
      await setBoundary(trx, call, { entityId: id, arn: input.PermissionsBoundary });
      await putTags(trx, call, { arn, tags: input.Tags });
      const PermissionsBoundary = await shownBoundary(trx, id);
      return { User: { ...userAnswer(user), PermissionsBoundary, Tags: input.Tags } };
    });
  },
};

function arnOf(
  { UserName: name, Path: path }: iamShapes.CreateUserRequest,
  account: string,
): string {
  return entityArn(account, { kind: "user", name, path });
}
