import type { AccessQuestion } from "../identity/identity.ts";
import {
  contentContext,
  type ContentKeyRecord,
  contentService,
  contextKeys,
  type KeyUse,
  questionOfKey,
} from "../kms/kms.ts";
import {
  contentKeys,
  kmsGrants,
  type KmsKey,
  kmsStore,
  type WriteTransaction,
} from "../store/store.ts";
import { apiError, JsonError } from "../wire/wire.ts";
import { viaServiceOf } from "./application-content.ts";
import type { Application } from "./application.ts";
import type { Call } from "./call.ts";
import { requireKey } from "./kms/keys.ts";
import { kmsLimits } from "./kms/limits.ts";
import { invalid } from "./not-found.ts";

const member = "encryptionConfiguration.kmsKeyId";
/** What the service needs a key for. */
const grantOperations = [
  "Decrypt",
  "DescribeKey",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "RetireGrant",
] as const;

/**
 * Checks the key that an application is to be encrypted with: the service describes it and makes a
 * grant for itself, both with the caller's rights ("Encryption at rest", Amazon Q Business user
 * guide; "Grants in AWS KMS", AWS KMS Developer Guide). Every key of this KMS is symmetric; an
 * asymmetric one could only be another's, and looks like none.
 *
 * @throws AccessDeniedException, ValidationException.
 */
export async function checkContentKey(
  call: Call,
  wanted: { readonly kmsKeyId: string; readonly applicationId: string },
): Promise<KmsKey> {
  const { kmsKeyId, applicationId } = wanted;
  const { key, requestAlias } = await findKey(call, kmsKeyId);
  const uses: readonly Omit<KeyUse, "key">[] = [
    { action: "kms:DescribeKey", requestAlias },
    {
      action: "kms:CreateGrant",
      serviceKeys: {
        ...contextKeys(contentContext(applicationId)),
        "kms:GrantOperations": grantOperations,
        "kms:GranteePrincipal": contentService,
        "kms:GrantConstraintType": "EncryptionContextSubset",
        "kms:GrantIsForAWSResource": "true",
      },
    },
  ];
  for (const use of uses) await authorizeUse(call, key, use);
  checkUsable(key);
  return key;
}

async function findKey(call: Call, keyId: string): ReturnType<typeof requireKey> {
  try {
    return await requireKey(call.db.read, call, { keyId, takesAliases: true });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { message } = error;
    if (error.code !== "AccessDeniedException") throw invalid(member, message);
    throw apiError("AccessDeniedException", { message }, { cause: error });
  }
}

async function authorizeUse(call: Call, key: KmsKey, use: Omit<KeyUse, "key">): Promise<void> {
  const { caller, identity, facts } = call;
  const serviceKeys = { ...use.serviceKeys, "kms:ViaService": viaServiceOf(call) };
  const question: AccessQuestion = {
    ...(await questionOfKey(call.db.read, caller, { ...use, key, serviceKeys })),
    calledVia: [contentService],
    facts,
  };
  const verdict = await identity.authorize(caller, question);
  if (!verdict.isAllowed) throw apiError("AccessDeniedException", { message: verdict.message });
}

function checkUsable({ arn, state }: KmsKey): void {
  if (state === "Enabled") return;
  throw invalid(member, `The key ${arn} is ${state}; the key of an application must be enabled`);
}

/**
 * Makes the service's grant, in the transaction that makes the application; gives what the
 * application remembers of it.
 */
export async function grantContentKey(
  call: Call,
  trx: WriteTransaction,
  wanted: { readonly key: KmsKey; readonly applicationId: string },
): Promise<Required<ContentKeyRecord>> {
  const { applicationId } = wanted;
  const key = await kmsStore.findKey(trx, wanted.key.id);
  if (key === undefined) throw invalid(member, `The key ${wanted.key.arn} does not exist`);
  checkUsable(key);
  const count = await kmsGrants.countGrants(trx, key.id);
  if (count >= kmsLimits.grantsPerKey) {
    throw apiError("ServiceQuotaExceededException", {
      message: `The key ${key.arn} has ${count} grants, the most it may have. Retire some first.`,
      resourceId: key.arn,
      resourceType: "kms-key",
    });
  }
  const grantId = call.ids.bytes(32).toString("hex");
  await kmsGrants.insertGrant(trx, {
    id: grantId,
    keyId: key.id,
    name: undefined,
    granteePrincipal: contentService,
    granteeId: undefined,
    retiringPrincipal: undefined,
    retiringId: undefined,
    issuingAccount: call.caller.accountId,
    operations: grantOperations,
    constraints: { EncryptionContextSubset: contentContext(applicationId) },
    createdAt: call.now,
  });
  return { contentKey: { keyArn: key.arn, grantId } };
}

/**
 * Retires the grant of an application that goes, and forgets its data keys: what is left of its
 * content on the disk, backups included that come after, is noise.
 */
export async function retireContentKey(
  trx: WriteTransaction,
  { id, record }: Pick<Application, "id" | "record">,
): Promise<void> {
  const { contentKey } = record;
  if (contentKey === undefined) return;
  const keyId = contentKey.keyArn.split(":key/").at(-1) ?? "";
  await kmsGrants.removeGrant(trx, { id: contentKey.grantId, keyId });
  await contentKeys.removeOfApplication(trx, id);
}
