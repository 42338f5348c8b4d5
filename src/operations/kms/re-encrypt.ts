import { decryptWith, encryptWith, questionOfKey } from "../../kms/kms.ts";
import { jsonError, jsonShapes, type Shaped } from "../../wire/wire.ts";
import {
  askToEncrypt,
  checkContext,
  type CiphertextInput,
  invalidCiphertext,
  keyStoreOf,
  requireCiphertextKey,
  symmetric,
} from "./crypto.ts";
import { checkEnabled, endDryRun, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

const input = jsonShapes.structure(
  { DestinationKeyId: shapes.keyId },
  {
    CiphertextBlob: shapes.ciphertext,
    SourceEncryptionContext: shapes.encryptionContext,
    SourceKeyId: shapes.keyId,
    DestinationEncryptionContext: shapes.encryptionContext,
    SourceEncryptionAlgorithm: shapes.encryptionAlgorithm,
    DestinationEncryptionAlgorithm: shapes.encryptionAlgorithm,
    GrantTokens: shapes.grantTokens,
    DryRun: shapes.bool,
    DryRunModifiers: shapes.dryRunModifiers,
  },
);

type Input = Shaped<typeof input>;

/** Encrypts a ciphertext anew, under another key or context ("ReEncrypt", AWS KMS API Reference). */
export const reEncrypt = kmsOperation({
  input,

  async asks(input, call) {
    const source = await requireCiphertextKey(call, sourceOf(input));
    const naming = { keyId: input.DestinationKeyId, takesAliases: true };
    const { key } = await requireKey(call.db.read, call, naming);
    const onSameKey = { "kms:ReEncryptOnSameKey": String(key.id === source.key.id) };
    const from = await questionOfKey(call.db.read, call.caller, {
      ...source,
      action: "kms:ReEncryptFrom",
      encryptionContext: input.SourceEncryptionContext,
      serviceKeys: { "kms:EncryptionAlgorithm": symmetric, ...onSameKey },
    });
    const target = {
      KeyId: input.DestinationKeyId,
      EncryptionContext: input.DestinationEncryptionContext,
    };
    const how = { action: "kms:ReEncryptTo", algorithm: input.DestinationEncryptionAlgorithm };
    const [to] = await askToEncrypt(call, target, how);
    if (to === undefined) throw new Error("There is no question about the destination key.");
    return [from, { ...to, serviceKeys: { ...to.serviceKeys, ...onSameKey } }];
  },

  async run(input, call) {
    const source = await requireCiphertextKey(call, sourceOf(input));
    const naming = { keyId: input.DestinationKeyId, takesAliases: true };
    const { key } = await requireKey(call.db.read, call, naming);
    checkEnabled(source.key);
    checkEnabled(key);
    const store = keyStoreOf(call);
    const from = { key: source.key, context: checkContext(input.SourceEncryptionContext) };
    const opened = await decryptWith(store, from, source.ciphertext);
    if (opened === undefined) throw invalidCiphertext();
    endDryRun(input);
    const to = { key, context: checkContext(input.DestinationEncryptionContext), now: call.now };
    const { bytes, materialId } = await encryptWith(store, to, opened.bytes);
    return {
      CiphertextBlob: bytes,
      SourceKeyId: source.key.arn,
      KeyId: key.arn,
      SourceEncryptionAlgorithm: symmetric,
      DestinationEncryptionAlgorithm: symmetric,
      SourceKeyMaterialId: opened.materialId,
      DestinationKeyMaterialId: materialId,
    };
  },
});

function sourceOf(given: Input): CiphertextInput {
  if (given.DryRunModifiers !== undefined) {
    const message = "Quarry does not support DryRunModifiers.";
    throw jsonError("UnsupportedOperationException", message);
  }
  return {
    GrantTokens: given.GrantTokens,
    ciphertext: given.CiphertextBlob,
    keyId: given.SourceKeyId,
    algorithm: given.SourceEncryptionAlgorithm,
    context: given.SourceEncryptionContext,
  };
}
