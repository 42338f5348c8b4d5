import { kmsStore } from "../../store/store.ts";
import { jsonError, jsonShapes } from "../../wire/wire.ts";
import { askAlias, checkAliasName, countAliases } from "./aliases.ts";
import { askKey, checkNotPending, kmsArn, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import { checkKmsQuota, kmsLimits } from "./limits.ts";
import * as shapes from "./shapes.ts";

/** Gives a key a second name ("CreateAlias", AWS KMS API Reference). */
export const createAlias = kmsOperation({
  input: jsonShapes.structure({ AliasName: shapes.aliasName, TargetKeyId: shapes.keyId }, {}),

  async asks({ AliasName: name, TargetKeyId: keyId }, call) {
    checkAliasName(name);
    const action = "kms:CreateAlias";
    return [askAlias(call, action, name), ...(await askKey(call, { keyId }, { action }))];
  },

  async run({ AliasName: name, TargetKeyId: keyId }, call) {
    const { accountId } = call.caller;
    await call.db.write(async (trx) => {
      await kmsStore.removeExpiredKeys(trx, call.now);
      const { key } = await requireKey(trx, call, { keyId });
      checkNotPending(key);
      if ((await kmsStore.findAlias(trx, { accountId, name })) !== undefined) {
        const message = `An alias with the name ${kmsArn(call, name)} already exists`;
        throw jsonError("AlreadyExistsException", message);
      }
      const count = await countAliases(trx, { accountId, keyId: key.id });
      checkKmsQuota("aliases per key", count, kmsLimits.aliasesPerKey);
      const at = { createdAt: call.now, updatedAt: call.now };
      await kmsStore.putAlias(trx, { accountId, name, keyId: key.id, ...at });
    });
  },
});
