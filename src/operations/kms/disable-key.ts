import { kmsStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { asksKey, checkNotPending, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Forbids every use of a key, at once ("DisableKey", AWS KMS API Reference). */
export const disableKey = kmsOperation({
  input: jsonShapes.structure({ KeyId: shapes.keyId }, {}),

  asks: asksKey("kms:DisableKey"),

  async run({ KeyId: keyId }, call) {
    await call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId });
      checkNotPending(key);
      await kmsStore.updateKey(trx, key.id, { state: "Disabled" });
    });
  },
});
