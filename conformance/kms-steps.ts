// The operations of KMS that Quarry has: a key from its making to the wait for its deletion.
import type { Members } from "./client.ts";
import type { Known, Step } from "./step.ts";

const secret = "the merger closes in May";

const policy = (known: Known): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${known.get("account")}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });

function kms(
  operation: string,
  input: (known: Known) => Members = () => ({}),
  options: Pick<Step, "keep" | "check" | "isSetUp"> = {},
): Step {
  return { service: "kms", operation, input, ...options };
}

/** `kms` for what is done with the key. */
function withKey(
  operation: string,
  input: (known: Known) => Members = () => ({}),
  options: Pick<Step, "keep" | "check" | "isSetUp"> = {},
): Step {
  return kms(operation, (known) => ({ KeyId: known.get("kmsKey"), ...input(known) }), options);
}

const keep =
  (member: string, name: string): NonNullable<Step["keep"]> =>
  (output, known) =>
    known.set(name, base64Of(output[member]));

/** JavaScript gives bytes, the others base64. */
function base64Of(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}

const isSecret: NonNullable<Step["check"]> = ({ Plaintext }) =>
  base64Of(Plaintext) === Buffer.from(secret).toString("base64")
    ? undefined
    : "the text is another one";

const dataKey = { KeySpec: "AES_256" };
const grantee = (known: Known): Members => ({
  GranteePrincipal: `arn:aws:iam::${known.get("account")}:root`,
  Operations: ["Encrypt"],
});

/** All steps. */
export const kmsSteps: readonly Step[] = [
  kms(
    "CreateKey",
    () => ({ Description: "conformance", Tags: [{ TagKey: "suite", TagValue: "conformance" }] }),
    { keep: ({ KeyMetadata }, known) => known.set("kmsKey", (KeyMetadata as Members)["KeyId"]) },
  ),
  withKey("DescribeKey"),
  kms("ListKeys"),
  kms("CreateAlias", (known) => ({
    AliasName: known.get("alias"),
    TargetKeyId: known.get("kmsKey"),
  })),
  kms("ListAliases"),
  kms("UpdateAlias", (known) => ({
    AliasName: known.get("alias"),
    TargetKeyId: known.get("kmsKey"),
  })),
  withKey("GetKeyPolicy", () => ({ PolicyName: "default" })),
  withKey("ListKeyPolicies"),
  withKey("PutKeyPolicy", (known) => ({ PolicyName: "default", Policy: policy(known) })),
  withKey("Encrypt", () => ({ Plaintext: { $text: secret } }), {
    keep: keep("CiphertextBlob", "ciphertext"),
  }),
  kms("Decrypt", (known) => ({ CiphertextBlob: { $base64: known.get("ciphertext") } }), {
    check: isSecret,
  }),
  kms("ReEncrypt", (known) => ({
    CiphertextBlob: { $base64: known.get("ciphertext") },
    DestinationKeyId: known.get("kmsKey"),
  })),
  withKey("GenerateDataKey", () => dataKey),
  withKey("GenerateDataKeyWithoutPlaintext", () => dataKey),
  kms("GenerateRandom", () => ({ NumberOfBytes: 32 })),
  withKey("CreateGrant", grantee, { keep: keep("GrantId", "grant") }),
  withKey("ListGrants"),
  withKey("RevokeGrant", (known) => ({ GrantId: known.get("grant") })),
  withKey("CreateGrant", grantee, { keep: keep("GrantId", "grant"), isSetUp: true }),
  withKey("RetireGrant", (known) => ({ GrantId: known.get("grant") })),
  withKey("EnableKeyRotation"),
  withKey("GetKeyRotationStatus"),
  withKey("RotateKeyOnDemand"),
  withKey("DisableKeyRotation"),
  withKey("TagResource", () => ({ Tags: [{ TagKey: "a", TagValue: "b" }] })),
  withKey("ListResourceTags"),
  withKey("UntagResource", () => ({ TagKeys: ["a"] })),
  withKey("DisableKey"),
  withKey("EnableKey"),
  kms("DeleteAlias", (known) => ({ AliasName: known.get("alias") })),
  withKey("ScheduleKeyDeletion", () => ({ PendingWindowInDays: 7 })),
  withKey("CancelKeyDeletion"),
  // The key goes as the suite found things: without it.
  withKey("ScheduleKeyDeletion", () => ({ PendingWindowInDays: 7 }), { isSetUp: true }),
];
