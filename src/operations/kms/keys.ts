import { isGone, type KeyUse, questionOfKey } from "../../kms/kms.ts";
import { type KmsKey, kmsStore, type Readable } from "../../store/store.ts";
import { jsonError } from "../../wire/wire.ts";
import type { KmsCall, KmsQuestion } from "./kms-operation.ts";

/** A key as a call named it. */
export type NamedKey = { readonly key: KmsKey; readonly requestAlias: string | undefined };

/** How a call names its key; operations that administer keys take no aliases. */
export type KeyNaming = { readonly keyId: string; readonly takesAliases?: boolean };

/** `arn:aws:kms:us-east-1:111122223333:key/…`; of an alias with `alias/name`. */
export function kmsArn(
  { region, caller }: Pick<KmsCall, "region" | "caller">,
  name: string,
): string {
  return `arn:aws:kms:${region}:${caller.accountId}:${name}`;
}

/**
 * The key that a call names: by id, ARN, alias or alias ARN ("Key identifiers", AWS KMS Developer
 * Guide). A key whose waiting period is over is gone.
 *
 * @throws JsonError NotFoundException, InvalidArnException, AccessDeniedException.
 */
export async function requireKey(
  db: Readable,
  call: KmsCall,
  { keyId, takesAliases = false }: KeyNaming,
): Promise<NamedKey> {
  const isArn = keyId.startsWith("arn:");
  const name = isArn ? nameInArn(call, keyId) : keyId;
  if (!name.startsWith("alias/")) {
    const id = isArn ? name.slice("key/".length) : name;
    return { key: await byId(db, call, id), requestAlias: undefined };
  }
  if (!takesAliases) throw notFound(`Invalid keyId '${keyId}'`);
  const alias = await kmsStore.findAlias(db, { accountId: call.caller.accountId, name });
  if (alias === undefined) throw notFound(`Alias ${kmsArn(call, name)} is not found.`);
  return { key: await byId(db, call, alias.keyId), requestAlias: name };
}

function nameInArn(call: KmsCall, arn: string): string {
  const [, partition, service, region, account, ...rest] = arn.split(":");
  const name = rest.join(":");
  if (partition !== "aws" || service !== "kms" || !/^(?:key|alias)\/./.test(name)) {
    throw jsonError("InvalidArnException", `Invalid arn ${arn.slice(0, 256)}`);
  }
  if (region !== call.region) throw notFound(`Invalid arn ${region ?? ""}`);
  if (account !== call.caller.accountId) {
    const text =
      "the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access";
    throw jsonError("AccessDeniedException", `The key ${arn} cannot be used: ${text}`);
  }
  return name;
}

async function byId(db: Readable, call: KmsCall, id: string): Promise<KmsKey> {
  const key = await kmsStore.findKey(db, id);
  if (key === undefined || key.accountId !== call.caller.accountId || isGone(key, call.now)) {
    throw notFound(`Key '${kmsArn(call, `key/${id}`)}' does not exist`);
  }
  return key;
}

function notFound(message: string): Error {
  return jsonError("NotFoundException", message);
}

/** The question of an operation on one key. */
export async function askKey(
  call: KmsCall,
  naming: KeyNaming,
  use: Omit<KeyUse, "key" | "requestAlias">,
): Promise<readonly KmsQuestion[]> {
  const named = await requireKey(call.db.read, call, naming);
  return [await questionOfKey(call.db.read, call.caller, { ...use, ...named })];
}

/** The access rule of operations that administer one key and nothing else. */
export function asksKey(
  action: string,
): (input: { readonly KeyId: string }, call: KmsCall) => Promise<readonly KmsQuestion[]> {
  return (input, call) => askKey(call, { keyId: input.KeyId }, { action });
}

/** The question of an operation that has no resource of its own. */
export async function askOfAll(action: string): Promise<readonly KmsQuestion[]> {
  return [{ action, resources: [{ arn: "*" }] }];
}

/**
 * Refuses a key that waits for its deletion ("Key states of AWS KMS keys", Developer Guide).
 *
 * @throws JsonError KMSInvalidStateException.
 */
export function checkNotPending({ arn, state }: KmsKey): void {
  if (state === "PendingDeletion") throw invalidState(`${arn} is pending deletion.`);
}

/**
 * Refuses a key that is not enabled.
 *
 * @throws JsonError DisabledException, KMSInvalidStateException.
 */
export function checkEnabled(key: KmsKey): void {
  checkNotPending(key);
  if (key.state === "Disabled") throw jsonError("DisabledException", `${key.arn} is disabled.`);
}

/** KMSInvalidStateException. */
export function invalidState(message: string): Error {
  return jsonError("KMSInvalidStateException", message);
}

/**
 * Ends a dry run, after everything that could have been refused.
 *
 * @throws JsonError DryRunOperationException.
 */
export function endDryRun(input: { readonly DryRun?: boolean | undefined }): void {
  if (input.DryRun !== true) return;
  const message = "The request would have succeeded, but the DryRun option is set.";
  throw jsonError("DryRunOperationException", message);
}

/** How answers show a key. */
export function keyMetadata(key: KmsKey): object {
  return {
    AWSAccountId: key.accountId,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAt,
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: key.state,
    DeletionDate: key.deletionAt,
    Origin: "AWS_KMS",
    KeyManager: "CUSTOMER",
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    KeySpec: "SYMMETRIC_DEFAULT",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: false,
  };
}
