import { kmsStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { askAlias, countAliases, requireAlias } from "./aliases.ts";
import { askKey, checkNotPending, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import { checkKmsQuota, kmsLimits } from "./limits.ts";
import * as shapes from "./shapes.ts";

/** Lets an alias name another key ("UpdateAlias", AWS KMS API Reference). */
export const updateAlias = kmsOperation({
  input: jsonShapes.structure({ AliasName: shapes.aliasName, TargetKeyId: shapes.keyId }, {}),

  async asks({ AliasName: name, TargetKeyId: keyId }, call) {
    const action = "kms:UpdateAlias";
    const alias = await requireAlias(call.db.read, call, name);
    return [
      askAlias(call, action, name),
      ...(await askKey(call, { keyId: alias.keyId }, { action })),
      ...(await askKey(call, { keyId }, { action })),
    ];
  },

  async run({ AliasName: name, TargetKeyId: keyId }, call) {
    const { accountId } = call.caller;
    await call.db.write(async (trx) => {
      const { createdAt } = await requireAlias(trx, call, name);
      const { key } = await requireKey(trx, call, { keyId });
      checkNotPending(key);
      const count = await countAliases(trx, { accountId, keyId: key.id });
      checkKmsQuota("aliases per key", count, kmsLimits.aliasesPerKey);
      const at = { createdAt, updatedAt: call.now };
      await kmsStore.putAlias(trx, { accountId, name, keyId: key.id, ...at });
    });
  },
});
