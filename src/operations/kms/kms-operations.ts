import { cancelKeyDeletion } from "./cancel-key-deletion.ts";
import { createAlias } from "./create-alias.ts";
import { createGrant } from "./create-grant.ts";
import { createKey } from "./create-key.ts";
import { decrypt } from "./decrypt.ts";
import { deleteAlias } from "./delete-alias.ts";
import { describeKey } from "./describe-key.ts";
import { disableKey } from "./disable-key.ts";
import { disableKeyRotation } from "./disable-key-rotation.ts";
import { enableKey } from "./enable-key.ts";
import { enableKeyRotation } from "./enable-key-rotation.ts";
import { encrypt } from "./encrypt.ts";
import { generateDataKey } from "./generate-data-key.ts";
import { generateDataKeyWithoutPlaintext } from "./generate-data-key-without-plaintext.ts";
import { generateRandom } from "./generate-random.ts";
import { getKeyPolicy } from "./get-key-policy.ts";
import { getKeyRotationStatus } from "./get-key-rotation-status.ts";
import { listAliases } from "./list-aliases.ts";
import { listGrants } from "./list-grants.ts";
import { listKeyPolicies } from "./list-key-policies.ts";
import { listKeys } from "./list-keys.ts";
import { listResourceTags } from "./list-resource-tags.ts";
import { putKeyPolicy } from "./put-key-policy.ts";
import { reEncrypt } from "./re-encrypt.ts";
import { retireGrant } from "./retire-grant.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { rotateKeyOnDemand } from "./rotate-key-on-demand.ts";
import { scheduleKeyDeletion } from "./schedule-key-deletion.ts";
import { tagResource } from "./tag-resource.ts";
import { untagResource } from "./untag-resource.ts";
import { updateAlias } from "./update-alias.ts";
import { decodeJson, jsonError, type Structure } from "../../wire/wire.ts";
import type { AccessQuestion } from "../../identity/identity.ts";
import type { KmsCall, KmsQuestion } from "./kms-operation.ts";

export type { KmsCall } from "./kms-operation.ts";

/** The operations of the KMS that are built, by their names on the wire. */
export const kmsOperations = {
  CancelKeyDeletion: cancelKeyDeletion,
  CreateAlias: createAlias,
  CreateGrant: createGrant,
  CreateKey: createKey,
  Decrypt: decrypt,
  DeleteAlias: deleteAlias,
  DescribeKey: describeKey,
  DisableKey: disableKey,
  DisableKeyRotation: disableKeyRotation,
  EnableKey: enableKey,
  EnableKeyRotation: enableKeyRotation,
  Encrypt: encrypt,
  GenerateDataKey: generateDataKey,
  GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
  GenerateRandom: generateRandom,
  GetKeyPolicy: getKeyPolicy,
  GetKeyRotationStatus: getKeyRotationStatus,
  ListAliases: listAliases,
  ListGrants: listGrants,
  ListKeyPolicies: listKeyPolicies,
  ListKeys: listKeys,
  ListResourceTags: listResourceTags,
  PutKeyPolicy: putKeyPolicy,
  ReEncrypt: reEncrypt,
  RetireGrant: retireGrant,
  RevokeGrant: revokeGrant,
  RotateKeyOnDemand: rotateKeyOnDemand,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateAlias: updateAlias,
} as const;

/** Operations of the published model that are not built: asymmetric keys, key stores and more. */
export const unbuiltKmsOperations: readonly string[] = [
  "ConnectCustomKeyStore",
  "CreateCustomKeyStore",
  "Decapsulate",
  "DeleteCustomKeyStore",
  "DeleteImportedKeyMaterial",
  "DeriveSharedSecret",
  "DescribeCustomKeyStores",
  "DisconnectCustomKeyStore",
  "Encapsulate",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "GenerateMac",
  "GetKeyLastUsage",
  "GetParametersForImport",
  "GetPublicKey",
  "ImportKeyMaterial",
  "ListKeyRotations",
  "ListRetirableGrants",
  "ReplicateKey",
  "Sign",
  "UpdateCustomKeyStore",
  "UpdateKeyDescription",
  "UpdatePrimaryRegion",
  "Verify",
  "VerifyMac",
];

/** A request of the KMS, decoded. */
export type KmsRequest = { readonly operation: string; readonly input: unknown };

/** An operation whose name is known only at run time; its input was decoded by its own shape. */
type AnyOperation = {
  readonly input: Structure<unknown>;
  readonly asks: (input: unknown, call: KmsCall) => Promise<readonly KmsQuestion[]>;
  readonly run: (input: unknown, call: KmsCall) => Promise<unknown>;
};

/**
 * Reads a request's body by the operation that it names.
 *
 * @throws JsonError UnknownOperationException, UnsupportedOperationException for what is not built,
 * SerializationException, ValidationException.
 */
export function decodeKms(operation: string, body: Uint8Array): KmsRequest {
  return { operation, input: decodeJson(operationOf(operation).input, body) };
}

/** What the caller must be allowed, each question on its own, before `runKms` may be called. */
export async function kmsQuestions(
  { operation, input }: KmsRequest,
  call: KmsCall,
): Promise<readonly AccessQuestion[]> {
  call.identity.noteUse(call.caller, "kms", call.facts);
  const questions = await operationOf(operation).asks(input, call);
  return questions.map((question) => ({ ...question, facts: call.facts }));
}

/** Runs an operation that has been allowed. */
export function runKms({ operation, input }: KmsRequest, call: KmsCall): Promise<unknown> {
  return operationOf(operation).run(input, call);
}

function operationOf(name: string): AnyOperation {
  const built: Readonly<Record<string, unknown>> = kmsOperations;
  if (Object.hasOwn(built, name)) return built[name] as AnyOperation;
  if (unbuiltKmsOperations.includes(name)) {
    const message = `Quarry does not implement kms:${name}.`;
    throw jsonError("UnsupportedOperationException", message);
  }
  throw jsonError("UnknownOperationException", `The KMS has no operation ${name}.`);
}
