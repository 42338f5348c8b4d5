import { encryptWith } from "../../kms/kms.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { askToEncrypt, checkContext, keyStoreOf, symmetric } from "./crypto.ts";
import { checkEnabled, endDryRun, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Encrypts up to 4,096 bytes ("Encrypt", AWS KMS API Reference). */
export const encrypt = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId, Plaintext: shapes.plaintext },
    {
      EncryptionContext: shapes.encryptionContext,
      GrantTokens: shapes.grantTokens,
      EncryptionAlgorithm: shapes.encryptionAlgorithm,
      DryRun: shapes.bool,
    },
  ),

  asks: (input, call) =>
    askToEncrypt(call, input, { action: "kms:Encrypt", algorithm: input.EncryptionAlgorithm }),

  async run(input, call) {
    const naming = { keyId: input.KeyId, takesAliases: true };
    const { key } = await requireKey(call.db.read, call, naming);
    checkEnabled(key);
    endDryRun(input);
    const use = { key, context: checkContext(input.EncryptionContext), now: call.now };
    const { bytes } = await encryptWith(keyStoreOf(call), use, input.Plaintext);
    return { CiphertextBlob: bytes, KeyId: key.arn, EncryptionAlgorithm: symmetric };
  },
});
