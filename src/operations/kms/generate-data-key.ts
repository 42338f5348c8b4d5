import { jsonShapes } from "../../wire/wire.ts";
import { askToEncrypt } from "./crypto.ts";
import { makeDataKey } from "./data-key.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Makes a key for content, plain and encrypted ("GenerateDataKey", AWS KMS API Reference). */
export const generateDataKey = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId },
    {
      EncryptionContext: shapes.encryptionContext,
      NumberOfBytes: shapes.numberOfBytes,
      KeySpec: shapes.dataKeySpec,
      GrantTokens: shapes.grantTokens,
      Recipient: shapes.recipient,
      DryRun: shapes.bool,
    },
  ),

  asks: (input, call) => askToEncrypt(call, input, { action: "kms:GenerateDataKey" }),

  run: makeDataKey,
});
