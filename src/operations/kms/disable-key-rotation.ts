import { kmsStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { asksKey, checkEnabled, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Stops the rotation of a key by itself ("DisableKeyRotation", AWS KMS API Reference). */
export const disableKeyRotation = kmsOperation({
  input: jsonShapes.structure({ KeyId: shapes.keyId }, {}),

  asks: asksKey("kms:DisableKeyRotation"),

  async run({ KeyId: keyId }, call) {
    await call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId });
      checkEnabled(key);
      await kmsStore.updateKey(trx, key.id, { rotationDays: null, rotationNextAt: null });
    });
  },
});
