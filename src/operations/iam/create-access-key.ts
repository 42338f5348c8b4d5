import { newKeyId, newSecret, seal, secretPurpose } from "../../identity/identity.ts";
import { iamStore } from "../../store/store.ts";
import { askOf, requireEntity, userNameOf } from "./entities.ts";
import { checkQuota } from "./limits.ts";
import { change, type QueryOperation } from "./query-operation.ts";

/**
 * Makes an access key. Its secret is in this answer and nowhere else: what is stored is sealed
 * ("CreateAccessKey", IAM API Reference).
 */
export const createAccessKey: QueryOperation<"iam", "CreateAccessKey"> = {
  asks: async (input, call) => askOf(call, "iam:CreateAccessKey", userNameOf(call, input.UserName)),

  run: (input, call) =>
    change(call, async (trx) => {
      const user = await requireEntity(trx, call, userNameOf(call, input.UserName));
      const { length: count } = await iamStore.listKeys(trx, user.id);
      checkQuota("AccessKeysPerUser", count, call.quotas.iam.accessKeysPerUser);
      const SecretAccessKey = newSecret();
      const id = newKeyId("AKIA");
      const sealedSecret = seal(call.identity.sealingKey, secretPurpose, SecretAccessKey);
      const key = { id, entityId: user.id, sealedSecret, status: "Active" } as const;
      await iamStore.insertKey(trx, { ...key, createdAt: call.now });
      return {
        AccessKey: {
          UserName: user.name,
          AccessKeyId: id,
          Status: "Active",
          SecretAccessKey,
          CreateDate: call.now,
        },
      };
    }),
};
