import { rotate } from "../../kms/kms.ts";
import { kmsStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { asksKey, checkEnabled, requireKey } from "./keys.ts";
import { checkKmsQuota, kmsLimits } from "./limits.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Gives a key new material now ("RotateKeyOnDemand", AWS KMS API Reference). */
export const rotateKeyOnDemand = kmsOperation({
  input: jsonShapes.structure({ KeyId: shapes.keyId }, {}),

  asks: asksKey("kms:RotateKeyOnDemand"),

  async run({ KeyId: keyId }, call) {
    const { sealingKey } = call.identity;
    return call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId });
      checkEnabled(key);
      const cause = "ON_DEMAND";
      const count = await kmsStore.countMaterial(trx, { keyId: key.id, cause });
      checkKmsQuota("on-demand rotations per key", count, kmsLimits.onDemandRotationsPerKey);
      await rotate(trx, { sealingKey, key }, { cause, at: call.now });
      return { KeyId: key.arn };
    });
  },
});
