import { jsonShapes } from "../../wire/wire.ts";
import { askToEncrypt } from "./crypto.ts";
import { makeDataKey } from "./data-key.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Makes a key for later ("GenerateDataKeyWithoutPlaintext", AWS KMS API Reference). */
export const generateDataKeyWithoutPlaintext = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId },
    {
      EncryptionContext: shapes.encryptionContext,
      KeySpec: shapes.dataKeySpec,
      NumberOfBytes: shapes.numberOfBytes,
      GrantTokens: shapes.grantTokens,
      DryRun: shapes.bool,
    },
  ),

  asks: (input, call) =>
    askToEncrypt(call, input, { action: "kms:GenerateDataKeyWithoutPlaintext" }),

  async run(input, call) {
    const { Plaintext: _untold, ...rest } = await makeDataKey(input, call);
    return rest;
  },
});
