import { decryptWith, questionOfKey } from "../../kms/kms.ts";
import { jsonError, jsonShapes, type Shaped } from "../../wire/wire.ts";
import {
  checkContext,
  type CiphertextInput,
  invalidCiphertext,
  keyStoreOf,
  requireCiphertextKey,
  symmetric,
} from "./crypto.ts";
import { checkEnabled, endDryRun } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

const input = jsonShapes.structure(
  {},
  {
    CiphertextBlob: shapes.ciphertext,
    EncryptionContext: shapes.encryptionContext,
    GrantTokens: shapes.grantTokens,
    KeyId: shapes.keyId,
    EncryptionAlgorithm: shapes.encryptionAlgorithm,
    Recipient: shapes.recipient,
    DryRun: shapes.bool,
    DryRunModifiers: shapes.dryRunModifiers,
  },
);

/** Decrypts what this KMS encrypted ("Decrypt", AWS KMS API Reference). */
export const decrypt = kmsOperation({
  input,

  async asks(input, call) {
    const named = await requireCiphertextKey(call, ciphertextOf(input));
    const question = await questionOfKey(call.db.read, call.caller, {
      ...named,
      action: "kms:Decrypt",
      encryptionContext: input.EncryptionContext,
      serviceKeys: { "kms:EncryptionAlgorithm": symmetric },
    });
    return [question];
  },

  async run(input, call) {
    const { key, ciphertext } = await requireCiphertextKey(call, ciphertextOf(input));
    checkEnabled(key);
    const use = { key, context: checkContext(input.EncryptionContext) };
    const opened = await decryptWith(keyStoreOf(call), use, ciphertext);
    if (opened === undefined) throw invalidCiphertext();
    endDryRun(input);
    return {
      KeyId: key.arn,
      Plaintext: opened.bytes,
      EncryptionAlgorithm: symmetric,
      KeyMaterialId: opened.materialId,
    };
  },
});

function ciphertextOf(given: Shaped<typeof input>): CiphertextInput {
  if (given.DryRunModifiers !== undefined) {
    const message = "Quarry does not support DryRunModifiers.";
    throw jsonError("UnsupportedOperationException", message);
  }
  return {
    ...given,
    ciphertext: given.CiphertextBlob,
    keyId: given.KeyId,
    algorithm: given.EncryptionAlgorithm,
    context: given.EncryptionContext,
  };
}
