import { rotatedInTime } from "../../kms/kms.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { keyStoreOf } from "./crypto.ts";
import { asksKey, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Reads whether and when a key is rotated by itself ("GetKeyRotationStatus", AWS KMS API Reference). */
export const getKeyRotationStatus = kmsOperation({
  input: jsonShapes.structure({ KeyId: shapes.keyId }, {}),

  asks: asksKey("kms:GetKeyRotationStatus"),

  async run({ KeyId: keyId }, call) {
    const found = await requireKey(call.db.read, call, { keyId });
    const key = await rotatedInTime(keyStoreOf(call), found.key, call.now);
    const isOn = key.rotationDays !== undefined && key.state !== "PendingDeletion";
    return {
      KeyId: key.arn,
      KeyRotationEnabled: isOn,
      RotationPeriodInDays: isOn ? key.rotationDays : undefined,
      NextRotationDate: isOn ? key.rotationNextAt : undefined,
    };
  },
});
