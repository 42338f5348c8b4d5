/**
 * Keys: who may use one (key policy, grants, the caller's own policies), what it encrypts, and the
 * vault of applications' content. A *key* never leaves; its *material* is sealed with the installation's
 * key. A *data key* encrypts content and travels beside it, *wrapped* by a key. An *encryption
 * context* is bound to what is encrypted: without it nothing opens.
 *
 * Not for: the KMS API (`operations/kms`), asymmetric keys, key stores elsewhere.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { Identity } from "../identity/identity.ts";
import { type Database, type KmsKey, kmsStore } from "../store/store.ts";
import { readHeader } from "./ciphertext.ts";
import { createDataKeyCache } from "./data-key-cache.ts";
import { contextBytes, type EncryptionContext } from "../core/encryption-context.ts";
import { questionOfKey } from "./key-access.ts";
import { decryptWith, encryptWith } from "./material.ts";
import type { KeyRefusal, Kms } from "./port.ts";

export { type CiphertextHeader, readHeader } from "./ciphertext.ts";
export { type EncryptionContext } from "../core/encryption-context.ts";
export {
  contentContext,
  type ContentKeyRecord,
  contentService,
  createContentVault,
} from "./content-vault.ts";
export { contextKeys, grantsFor, keyPolicyOf, type KeyUse, namesOf } from "./key-access.ts";
export { type KeyMaintenance, startKeyMaintenance } from "./key-maintenance.ts";
export { createObjectKeys, type ObjectDecryption } from "./object-keys.ts";
export { questionOfKey, specKeys } from "./key-access.ts";
export { serviceCaller } from "./service-caller.ts";
export { decryptWith, encryptWith, isRotationDue, newMaterial } from "./material.ts";
export type { DataKeyRequest, KeyRefusal, Kms, Permit } from "./port.ts";
export { type KeyStore, nextRotation, rotate, rotatedInTime, type Sealed } from "./material.ts";

const dataKeyBytes = 32;
/** The service acts from inside; no address of a client stands behind it. */
const serviceAddress = "127.0.0.1";

/** The KMS for other modules of the process. */
export function createKms(options: {
  readonly db: Database;
  readonly identity: Pick<Identity, "authorize" | "sealingKey">;
  readonly region: string;
  readonly now: Clock;
}): Kms {
  const { db, identity, region, now } = options;
  const store = { db, sealingKey: identity.sealingKey };
  const cache = createDataKeyCache({ now });

  const permit: Kms["permit"] = async (action, request) => {
    const { keyArn, encryptionContext, caller, viaService, sourceArn } = request;
    const at = now();
    const key = await findLiveKey(db, keyArn, at);
    if (key === undefined) return refused("notFound", `Key '${keyArn}' does not exist`);
    const sourceAccount = sourceArn === undefined ? undefined : caller.accountId;
    // Only whoever the service acts for calls through it; by itself it calls directly.
    const calledVia = viaService === undefined ? undefined : [servicePrincipalOf(viaService)];
    const question = await questionOfKey(db.read, caller, {
      action,
      key,
      encryptionContext,
      serviceKeys: {
        "kms:ViaService": viaService,
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "aws:SourceArn": sourceArn,
        "aws:SourceAccount": sourceAccount,
      },
    });
    const facts = { now: at, region, isSecure: true, sourceIp: serviceAddress };
    const verdict = await identity.authorize(caller, { ...question, calledVia, facts });
    if (!verdict.isAllowed) return { ...refused("denied", verdict.message), access: verdict };
    if (key.state === "Disabled") return refused("disabled", `${key.arn} is disabled.`);
    if (key.state === "PendingDeletion") {
      return refused("pendingDeletion", `${key.arn} is pending deletion.`);
    }
    return { ok: true, key, stamp: `${key.id} ${key.changes}` };
  };

  return {
    permit,
    generateDataKey: async (request) => {
      const permitted = await permit("kms:GenerateDataKey", request);
      if (!permitted.ok) return permitted;
      const plaintext = randomBytes(dataKeyBytes);
      const use = { key: permitted.key, context: request.encryptionContext, now: now() };
      const { bytes: wrapped } = await encryptWith(store, use, plaintext);
      return { ...permitted, plaintext, wrapped };
    },
    decryptDataKey: async (request) => {
      const { encryptionContext: context, wrapped } = request;
      const permitted = await permit("kms:Decrypt", request);
      if (!permitted.ok) return permitted;
      const name = cacheName(wrapped, context);
      const known = cache.find(name, permitted.stamp);
      if (known !== undefined) return { ...permitted, plaintext: known };
      const opened = await decryptWith(store, { key: permitted.key, context }, wrapped);
      if (opened?.bytes.length !== dataKeyBytes) {
        return refused("invalidCiphertext", "The data key cannot be decrypted.");
      }
      cache.keep(name, permitted.stamp, opened.bytes);
      return { ...permitted, plaintext: opened.bytes };
    },
  };
}

/** `qbusiness.us-east-1.amazonaws.com` -> `qbusiness.amazonaws.com`. */
function servicePrincipalOf(viaService: string): string {
  const [service = "", ...rest] = viaService.split(".");
  return `${service}.${rest.slice(-2).join(".")}`;
}

function refused(reason: KeyRefusal["reason"], message: string): KeyRefusal {
  return { ok: false, reason, message };
}

/** Wrapped key and context together: neither opens anything without the other. */
function cacheName(wrapped: Uint8Array, context: EncryptionContext): string {
  const hash = createHash("sha256").update(wrapped).digest("hex");
  return `${hash} ${createHash("sha256").update(contextBytes(context)).digest("hex")}`;
}

/** A key by id or ARN, whose waiting period, if any, is not over. */
async function findLiveKey(db: Database, keyArn: string, now: Date): Promise<KmsKey | undefined> {
  const key = await kmsStore.findKey(db.read, keyArn.split(":key/").at(-1) ?? "");
  if (key === undefined || (keyArn.startsWith("arn:") && key.arn !== keyArn)) return undefined;
  return isGone(key, now) ? undefined : key;
}

/** Whether a key's waiting period is over: from then on it is as if there had never been one. */
export function isGone({ deletionAt }: Pick<KmsKey, "deletionAt">, now: Date): boolean {
  return deletionAt !== undefined && deletionAt <= now;
}

/** The key that a ciphertext was made with, if it is one and the key is still there. */
export async function keyOfCiphertext(
  db: Database,
  ciphertext: Uint8Array,
  now: Date,
): Promise<KmsKey | undefined> {
  const header = readHeader(ciphertext);
  return header && findLiveKey(db, header.keyId, now);
}
