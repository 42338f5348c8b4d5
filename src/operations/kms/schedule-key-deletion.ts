import { kmsStore } from "../../store/store.ts";
import { jsonError, jsonShapes } from "../../wire/wire.ts";
import { askKey, checkNotPending, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

const daysDefault = 30;
const daysMin = 7;
const dayMs = 86_400_000;

/**
 * Destroys a key after a waiting period of 7 to 30 days, in which nothing can use it
 * ("ScheduleKeyDeletion", AWS KMS API Reference).
 */
export const scheduleKeyDeletion = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId },
    { PendingWindowInDays: jsonShapes.integer({ min: 1, max: 365 }) },
  ),

  asks(input, call) {
    const { KeyId: keyId, PendingWindowInDays: days = daysDefault } = input;
    const serviceKeys = { "kms:ScheduleKeyDeletionPendingWindowInDays": String(days) };
    return askKey(call, { keyId }, { action: "kms:ScheduleKeyDeletion", serviceKeys });
  },

  async run({ KeyId: keyId, PendingWindowInDays: deletionDays = daysDefault }, call) {
    if (deletionDays < daysMin || deletionDays > daysDefault) {
      const message = `PendingWindowInDays must be between ${daysMin} and ${daysDefault} inclusive.`;
      throw jsonError("ValidationException", message);
    }
    return call.db.write(async (trx) => {
      await kmsStore.removeExpiredKeys(trx, call.now);
      const { key } = await requireKey(trx, call, { keyId });
      checkNotPending(key);
      const deletionAt = new Date(call.now.getTime() + deletionDays * dayMs);
      const state = "PendingDeletion";
      await kmsStore.updateKey(trx, key.id, { state, deletionAt, deletionDays });
      const answer = { KeyId: key.arn, DeletionDate: deletionAt, KeyState: state };
      return { ...answer, PendingWindowInDays: deletionDays };
    });
  },
});
