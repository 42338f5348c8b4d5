import type { iamShapes } from "../../contract/contract.ts";
import { newKeyId } from "../../identity/identity.ts";
import { type IamEntity, iamStore } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { setBoundary, shownBoundary } from "./boundaries.ts";
import { entityArn, isServicePath } from "./entities.ts";
import { checkQuota } from "./limits.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { roleAnswer } from "./role.ts";
import { checkTags, makingWithTags, putTags } from "./tags.ts";
import { checkTrustPolicy } from "./trust-policy.ts";

/** Makes a role ("CreateRole", IAM API Reference). */
export const createRole: QueryOperation<"iam", "CreateRole"> = {
  asks: async (input, call) => {
    const { accountId: account } = call.caller;
    const making = {
      action: "iam:CreateRole",
      resources: [{ arn: arnOf(input, account), account }],
      serviceKeys: { "iam:PermissionsBoundary": input.PermissionsBoundary },
    };
    return makingWithTags(making, { action: "iam:TagRole", tags: input.Tags });
  },

  async run(input, call) {
    const { RoleName: name, Path: path = "/", AssumeRolePolicyDocument: document } = input;
    const { accountId } = call.caller;
    checkTags(input.Tags);
    if (isServicePath(path)) {
      throw queryError("InvalidInput", `Only services make roles below the path ${path}.`);
    }
    return change(call, async (trx) => {
      const key = { accountId, kind: "role", name } as const;
      if ((await iamStore.findEntity(trx, key)) !== undefined) {
        throw queryError("EntityAlreadyExists", `Role with name ${name} already exists.`);
      }
      const count = await iamStore.countEntities(trx, key);
      checkQuota("RolesPerAccount", count, call.quotas.iam.rolesPerAccount);
      const { trustPolicy, trustPins } = await checkTrustPolicy(trx, call, document);
      const record = { ...recordOf(input), trustPins };
      const arn = arnOf(input, accountId);
      const id = newKeyId("AROA");
      const role: IamEntity = { ...key, id, path, arn, trustPolicy, record, createdAt: call.now };
      await iamStore.insertEntity(trx, role);
      await setBoundary(trx, call, { entityId: id, arn: input.PermissionsBoundary });
      await putTags(trx, call, { arn, tags: input.Tags });
      const PermissionsBoundary = await shownBoundary(trx, id);
      return { Role: { ...(await roleAnswer(trx, role)), PermissionsBoundary, Tags: input.Tags } };
    });
  },
};

function arnOf(
  { RoleName: name, Path: path }: iamShapes.CreateRoleRequest,
  account: string,
): string {
  return entityArn(account, { kind: "role", name, path });
}

function recordOf({
  Description: description,
  MaxSessionDuration: maxSessionDurationSeconds,
}: iamShapes.CreateRoleRequest): IamEntity["record"] {
  return {
    ...(description !== undefined && { description }),
    ...(maxSessionDurationSeconds !== undefined && { maxSessionDurationSeconds }),
  };
}
