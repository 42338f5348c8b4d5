import { tags as tagStore } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { askKey, checkNotPending, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";
import { checkTagKeys } from "./tags.ts";

/** Takes tags off a key ("UntagResource", AWS KMS API Reference). */
export const untagResource = kmsOperation({
  input: jsonShapes.structure({ KeyId: shapes.keyId, TagKeys: shapes.tagKeys }, {}),

  asks: ({ KeyId: keyId, TagKeys: tagKeys }, call) =>
    askKey(call, { keyId }, { action: "kms:UntagResource", tagKeys }),

  async run({ KeyId: keyId, TagKeys: keys }, call) {
    checkTagKeys(keys);
    await call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId });
      checkNotPending(key);
      await tagStore.remove(trx, key.arn, keys);
    });
  },
});
