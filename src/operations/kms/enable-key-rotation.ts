import { nextRotation } from "../../kms/kms.ts";
import { kmsStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { askKey, checkEnabled, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

const daysDefault = 365;

/** Gives a key new material every so many days ("EnableKeyRotation", AWS KMS API Reference). */
export const enableKeyRotation = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId },
    { RotationPeriodInDays: jsonShapes.integer({ min: 90, max: 2560 }) },
  ),

  asks({ KeyId: keyId, RotationPeriodInDays: days }, call) {
    const serviceKeys = { "kms:RotationPeriodInDays": String(days ?? daysDefault) };
    return askKey(call, { keyId }, { action: "kms:EnableKeyRotation", serviceKeys });
  },

  async run({ KeyId: keyId, RotationPeriodInDays: days }, call) {
    await call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId });
      checkEnabled(key);
      const rotationDays = days ?? key.rotationDays ?? daysDefault;
      if (rotationDays === key.rotationDays) return;
      const rotationNextAt = nextRotation({ rotationDays }, call.now);
      await kmsStore.updateKey(trx, key.id, { rotationDays, rotationNextAt });
    });
  },
});
