import { kmsStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { askAlias, requireAlias } from "./aliases.ts";
import { askKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Takes a second name away; the key stays ("DeleteAlias", AWS KMS API Reference). */
export const deleteAlias = kmsOperation({
  input: jsonShapes.structure({ AliasName: shapes.aliasName }, {}),

  async asks({ AliasName: name }, call) {
    const action = "kms:DeleteAlias";
    const { keyId } = await requireAlias(call.db.read, call, name);
    return [askAlias(call, action, name), ...(await askKey(call, { keyId }, { action }))];
  },

  async run({ AliasName: name }, call) {
    await call.db.write(async (trx) => {
      await requireAlias(trx, call, name);
      await kmsStore.removeAlias(trx, { accountId: call.caller.accountId, name });
    });
  },
});
