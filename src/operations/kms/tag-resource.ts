import { jsonShapes } from "../../wire/wire.ts";
import { askKey, checkNotPending, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";
import { putTags, tagsOf } from "./tags.ts";

/** Adds tags to a key ("TagResource", AWS KMS API Reference). */
export const tagResource = kmsOperation({
  input: jsonShapes.structure({ KeyId: shapes.keyId, Tags: shapes.tags }, {}),

  asks: ({ KeyId: keyId, Tags }, call) =>
    askKey(call, { keyId }, { action: "kms:TagResource", tags: tagsOf(Tags) }),

  async run({ KeyId: keyId, Tags }, call) {
    await call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId });
      checkNotPending(key);
      await putTags(trx, key.arn, Tags);
    });
  },
});
