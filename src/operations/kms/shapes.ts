import { jsonShapes } from "../../wire/wire.ts";

const { boolean, integer, list, oneOf, structure, text, textMap } = jsonShapes;

// Lengths, ranges and patterns of the published model ("Request Parameters", AWS KMS API
// Reference). Lists that the model leaves open have bounds of ours, above every quota.
export const keyId = text({ min: 1, max: 2048 });
export const aliasName = text({ min: 1, max: 256, pattern: /^[a-zA-Z0-9:/_-]+$/ });
export const grantTokens = list(text({ min: 1, max: 8192 }), { max: 10 });
export const grantId = text({ min: 1, max: 128 });
export const grantName = text({ min: 1, max: 256, pattern: /^[a-zA-Z0-9:/_-]+$/ });
export const principal = text({ min: 1, max: 256, pattern: /^[\w+=,.@:/-]+$/ });
export const servicePrincipal = text({ min: 1, max: 256 });
export const policy = text({ min: 1, max: 131_072, pattern: /^[\t\n\r\u0020-\u00FF]+$/ });
export const policyName = text({ min: 1, max: 128, pattern: /^\w+$/ });
export const description = text({ max: 8192 });
export const limit = integer({ min: 1, max: 1000 });
export const marker = text({ min: 1, max: 1024, pattern: /^[\u0020-\u00FF]*$/ });
export const encryptionContext = textMap({ max: 1000 });
export const plaintext = jsonShapes.blob({ min: 1, max: 4096 });
export const ciphertext = jsonShapes.blob({ min: 1, max: 6144 });
export const numberOfBytes = integer({ min: 1, max: 1024 });
export const dataKeySpec = oneOf(["AES_256", "AES_128"]);
export const tagKey = text({ min: 1, max: 128 });
export const tags = list(structure({ TagKey: tagKey, TagValue: text({ max: 256 }) }, {}), {
  max: 200,
});
export const tagKeys = list(tagKey, { max: 200 });
export const bool = boolean;

export const encryptionAlgorithm = oneOf([
  "SYMMETRIC_DEFAULT",
  "RSAES_OAEP_SHA_1",
  "RSAES_OAEP_SHA_256",
  "SM2PKE",
]);

export const grantOperations = list(
  oneOf([
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
  ]),
  { max: 50 },
);

/** A constraint that was passed over would make a grant wider than asked: all of them are here. */
export const grantConstraints = structure(
  {},
  {
    EncryptionContextSubset: encryptionContext,
    EncryptionContextEquals: encryptionContext,
    SourceArn: text({ max: 2048 }),
  },
);

/** Nitro Enclaves: an attestation document that answers are encrypted for. */
export const recipient = structure(
  {},
  {
    KeyEncryptionAlgorithm: text(),
    AttestationDocument: jsonShapes.blob({ min: 1, max: 262_144 }),
  },
);

export const dryRunModifiers = list(oneOf(["IGNORE_CIPHERTEXT"]), { max: 10 });
