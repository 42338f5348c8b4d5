import { type EncryptionContext, encryptWith } from "../../kms/kms.ts";
import { jsonError } from "../../wire/wire.ts";
import { checkContext, keyStoreOf } from "./crypto.ts";
import { checkEnabled, endDryRun, requireKey } from "./keys.ts";
import type { KmsCall } from "./kms-operation.ts";

/** What both operations that make data keys take. */
export type DataKeyInput = {
  readonly KeyId: string;
  readonly EncryptionContext?: EncryptionContext | undefined;
  readonly NumberOfBytes?: number | undefined;
  readonly KeySpec?: "AES_256" | "AES_128" | undefined;
  readonly DryRun?: boolean | undefined;
};

/** A fresh data key in the words of the API. */
export type MadeDataKey = {
  readonly CiphertextBlob: Buffer;
  readonly Plaintext: Buffer;
  readonly KeyId: string;
  readonly KeyMaterialId: string;
};

/**
 * Makes a data key and encrypts it.
 *
 * @throws JsonError ValidationException unless exactly one of length and spec is given.
 */
export async function makeDataKey(input: DataKeyInput, call: KmsCall): Promise<MadeDataKey> {
  const { NumberOfBytes: size, KeySpec: spec } = input;
  if ((size === undefined) === (spec === undefined)) {
    const message = "Please specify either number of bytes or key spec.";
    throw jsonError("ValidationException", message);
  }
  const naming = { keyId: input.KeyId, takesAliases: true };
  const { key } = await requireKey(call.db.read, call, naming);
  checkEnabled(key);
  endDryRun(input);
  const plaintext = call.ids.bytes(size ?? (spec === "AES_128" ? 16 : 32));
  const use = { key, context: checkContext(input.EncryptionContext), now: call.now };
  const { bytes, materialId } = await encryptWith(keyStoreOf(call), use, plaintext);
  return {
    CiphertextBlob: bytes,
    Plaintext: plaintext,
    KeyId: key.arn,
    KeyMaterialId: materialId,
  };
}
