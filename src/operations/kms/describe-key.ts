import { jsonShapes } from "../../wire/wire.ts";
import { checkGrantTokens } from "./grant-token.ts";
import { askKey, keyMetadata, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Reads what a key is, not its material ("DescribeKey", AWS KMS API Reference). */
export const describeKey = kmsOperation({
  input: jsonShapes.structure({ KeyId: shapes.keyId }, { GrantTokens: shapes.grantTokens }),

  async asks(input, call) {
    checkGrantTokens(call, input.GrantTokens);
    const naming = { keyId: input.KeyId, takesAliases: true };
    return askKey(call, naming, { action: "kms:DescribeKey" });
  },

  async run(input, call) {
    const naming = { keyId: input.KeyId, takesAliases: true };
    const { key } = await requireKey(call.db.read, call, naming);
    return { KeyMetadata: keyMetadata(key) };
  },
});
