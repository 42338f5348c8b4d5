import { kmsStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { asksKey, invalidState, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Keeps a key that waits for its deletion; it comes back disabled ("CancelKeyDeletion", AWS KMS API Reference). */
export const cancelKeyDeletion = kmsOperation({
  input: jsonShapes.structure({ KeyId: shapes.keyId }, {}),

  asks: asksKey("kms:CancelKeyDeletion"),

  async run({ KeyId: keyId }, call) {
    return call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId });
      if (key.state !== "PendingDeletion") {
        throw invalidState(`${key.arn} is not pending deletion.`);
      }
      const change = { state: "Disabled", deletionAt: null, deletionDays: null } as const;
      await kmsStore.updateKey(trx, key.id, change);
      return { KeyId: key.arn };
    });
  },
});
