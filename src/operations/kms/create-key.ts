import { resourceContext } from "../../iam/iam.ts";
import { keyPolicyOf, newMaterial, specKeys } from "../../kms/kms.ts";
import { kmsStore } from "../../store/store.ts";
import { jsonError, jsonShapes } from "../../wire/wire.ts";
import { checkKeyPolicy, checkLockout, defaultKeyPolicy } from "./key-policy.ts";
import { keyMetadata, kmsArn } from "./keys.ts";
import { type KmsCall, kmsOperation, type KmsQuestion } from "./kms-operation.ts";
import { checkKmsQuota, kmsLimits } from "./limits.ts";
import * as shapes from "./shapes.ts";
import { checkTagKeys, putTags, tagsOf } from "./tags.ts";

const { oneOf, structure, text } = jsonShapes;

const symmetric = "SYMMETRIC_DEFAULT";
const keySpecs = (
  "RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 " +
  "SYMMETRIC_DEFAULT HMAC_224 HMAC_256 HMAC_384 HMAC_512 SM2 ML_DSA_44 ML_DSA_65 ML_DSA_87 " +
  "ECC_NIST_EDWARDS25519"
).split(" ");
const keyUsages = ["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"];
const origins = ["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];

const input = structure(
  {},
  {
    Policy: shapes.policy,
    Description: shapes.description,
    KeyUsage: oneOf(keyUsages),
    CustomerMasterKeySpec: oneOf(keySpecs),
    KeySpec: oneOf(keySpecs),
    Origin: oneOf(origins),
    CustomKeyStoreId: text({ min: 1, max: 64 }),
    BypassPolicyLockoutSafetyCheck: shapes.bool,
    Tags: shapes.tags,
    MultiRegion: shapes.bool,
    XksKeyId: text({ min: 1, max: 128 }),
  },
);

type Input = NonNullable<ReturnType<typeof input.read>>;

/** Makes a symmetric key ("CreateKey", AWS KMS API Reference). */
export const createKey = kmsOperation({
  input,

  async asks(input, call) {
    checkSupported(input);
    const tags = tagsOf(input.Tags);
    const bypass = String(input.BypassPolicyLockoutSafetyCheck ?? false);
    const create = {
      action: "kms:CreateKey",
      resources: [{ arn: "*" }],
      serviceKeys: {
        ...specKeys,
        "kms:CallerAccount": call.caller.accountId,
        "kms:BypassPolicyLockoutSafetyCheck": bypass,
      },
      tags,
    };
    return tags === undefined ? [create] : [create, await taggingQuestion(input, call)];
  },

  async run(input, call) {
    const { accountId } = call.caller;
    const id = call.ids.uuid();
    const arn = kmsArn(call, `key/${id}`);
    const document = input.Policy ?? defaultKeyPolicy(accountId);
    checkTagKeys((input.Tags ?? []).map(({ TagKey }) => TagKey));
    return call.db.write(async (trx) => {
      await kmsStore.removeExpiredKeys(trx, call.now);
      const count = await kmsStore.countKeys(trx, accountId);
      checkKmsQuota("keys per account", count, kmsLimits.keysPerAccount);
      const policy = await checkKeyPolicy(trx, call, document);
      if (input.Policy !== undefined && input.BypassPolicyLockoutSafetyCheck !== true) {
        checkLockout(call, arn, policy);
      }
      const description = input.Description ?? "";
      const createdAt = call.now;
      await kmsStore.insertKey(trx, { id, accountId, arn, description, ...policy, createdAt });
      const about = { keyId: id, version: 1, cause: "FIRST", createdAt } as const;
      await kmsStore.insertMaterial(trx, newMaterial(call.identity.sealingKey, about));
      if (input.Tags !== undefined) await putTags(trx, arn, input.Tags);
      const made = await kmsStore.findKey(trx, id);
      if (made === undefined) throw new Error(`Key ${id} is gone in its own transaction.`);
      return { KeyMetadata: keyMetadata(made) };
    });
  },
});

/** Whoever creates a key with tags must be allowed to tag it; its own policy decides already. */
async function taggingQuestion(input: Input, call: KmsCall): Promise<KmsQuestion> {
  const { accountId } = call.caller;
  const arn = kmsArn(call, "key/*");
  const tags = tagsOf(input.Tags) ?? [];
  const document = input.Policy ?? defaultKeyPolicy(accountId);
  const policy = keyPolicyOf({ arn, ...(await checkKeyPolicy(call.db.read, call, document)) });
  const byKey = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  const context = resourceContext({ account: accountId, tags: byKey });
  return {
    action: "kms:TagResource",
    resources: [{ arn, account: accountId, context, policy }],
    serviceKeys: { ...specKeys, "kms:CallerAccount": accountId },
    tags,
  };
}

/** Symmetric keys of this Region whose material is made here: nothing else is built. */
function checkSupported(input: Input): void {
  const { KeySpec, CustomerMasterKeySpec, KeyUsage = "ENCRYPT_DECRYPT", Origin } = input;
  if (KeySpec !== undefined && CustomerMasterKeySpec !== undefined) {
    const message = "You cannot specify KeySpec and CustomerMasterKeySpec in the same request.";
    throw jsonError("ValidationException", message);
  }
  const spec = KeySpec ?? CustomerMasterKeySpec ?? symmetric;
  if (spec !== symmetric) throw unsupported(`keys of the key spec ${spec}`);
  if (KeyUsage !== "ENCRYPT_DECRYPT") {
    const message = `The key usage ${KeyUsage} is not compatible with the key spec ${spec}.`;
    throw jsonError("ValidationException", message);
  }
  if (input.MultiRegion === true) throw unsupported("multi-Region keys");
  if (Origin !== undefined && Origin !== "AWS_KMS") throw unsupported(`the origin ${Origin}`);
  if (input.CustomKeyStoreId !== undefined || input.XksKeyId !== undefined) {
    throw unsupported("custom key stores");
  }
}

function unsupported(what: string): Error {
  return jsonError("UnsupportedOperationException", `Quarry does not support ${what}.`);
}
