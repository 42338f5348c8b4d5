import type { Clock } from "../core/clock.ts";
import {
  type ContentCipher,
  contentCipher,
  type ContentKey,
  ContentLockedError,
  type ContentVault,
  plainCipher,
} from "../core/content-cipher.ts";
import type { EncryptionContext } from "../core/encryption-context.ts";
import { contentKeys, type Database, type Resource, resources } from "../store/store.ts";
import { readHeader } from "./ciphertext.ts";
import { cacheLimits } from "./data-key-cache.ts";
import { serviceCaller } from "./service-caller.ts";
import { isRotationDue } from "./material.ts";
import type { DataKeyRequest, KeyRefusal, Kms } from "./port.ts";

/** Kept in the record of an application that has a key of its own. */
export type ContentKeyRecord = {
  readonly contentKey?:
    | {
        readonly keyArn: string;
        /** The grant that the service uses the key by; retired with the application. */
        readonly grantId: string;
      }
    | undefined;
};

/** As whom the service uses keys. */
export const contentService = "qbusiness.amazonaws.com";

/** What keys are used for: an application, whose grants are limited to it, and a part of it. */
export function contentContext(applicationId: string, resource?: string): EncryptionContext {
  return {
    "aws:qbusiness:application": applicationId,
    ...(resource !== undefined && { "aws:qbusiness:resource": resource }),
  };
}

/**
 * The keys of applications' content. An application has one data key for each version of its KMS
 * key's material; every call asks whether the service may use the key, so that what disables it,
 * takes the grant away or changes the policy counts from the next call on. Unwrapped keys are kept
 * for five minutes, of a thousand applications, and for no other state of the key.
 */
export function createContentVault(options: {
  readonly db: Database;
  readonly kms: Kms;
  readonly now: Clock;
}): ContentVault & { readonly sweep: () => void; readonly size: () => number } {
  const { db, now } = options;
  const open = new Map<string, Kept>();
  const cipherOf = async (applicationId: string): Promise<ContentCipher> => {
    const found = await resources.find<ContentKeyRecord>(db.read, "application", applicationId);
    if (found === undefined) throw new Error(`Application ${applicationId} is gone.`);
    return found.record.contentKey === undefined
      ? plainCipher
      : unlock(options, open, found, found.record.contentKey.keyArn);
  };
  return {
    cipherOf,
    cipherOfIndex: async (indexId) => {
      const index = await resources.find(db.read, "index", indexId);
      // An index that is gone holds nothing, and takes nothing any more.
      return index === undefined ? plainCipher : cipherOf(index.applicationId);
    },
    sweep: () => {
      const at = now().getTime();
      for (const [id, { until }] of open) if (until <= at) open.delete(id);
    },
    size: () => open.size,
  };
}

type Kept = { readonly stamp: string; readonly until: number; readonly cipher: ContentCipher };

async function unlock(
  services: Parameters<typeof createContentVault>[0],
  open: Map<string, Kept>,
  application: Resource<unknown>,
  keyArn: string,
): Promise<ContentCipher> {
  const { kms, now } = services;
  const { id, accountId, arn: sourceArn } = application;
  const caller = serviceCaller(contentService, accountId);
  const encryptionContext = contentContext(id, "data-key");
  const request: DataKeyRequest = { keyArn, caller, sourceArn, encryptionContext };
  const permitted = await kms.permit("kms:Decrypt", request);
  const known = open.get(id);
  // Also before a refusal: what may not be used is not kept.
  open.delete(id);
  const { key, stamp } = admitted(id, permitted);
  const at = now();
  const isFresh = known?.stamp === stamp && known.until > at.getTime() && !isRotationDue(key, at);
  const kept = isFresh
    ? known
    : {
        stamp,
        until: at.getTime() + cacheLimits.ageMsMax,
        cipher: contentCipher({ applicationId: id, keys: await dataKeys(services, id, request) }),
      };
  // Set again, so that the oldest in the map is the one that nobody has asked for longest.
  open.set(id, kept);
  for (const oldest of open.keys()) {
    if (open.size <= cacheLimits.entriesMax) break;
    open.delete(oldest);
  }
  return kept.cipher;
}

/** All data keys of an application, with one of the newest material at the end. */
async function dataKeys(
  services: Parameters<typeof createContentVault>[0],
  applicationId: string,
  request: DataKeyRequest,
): Promise<readonly ContentKey[]> {
  const { db, kms, now } = services;
  const { key } = admitted(applicationId, await kms.permit("kms:Decrypt", request));
  let rows = await contentKeys.list(db.read, applicationId);
  const isStale = rows.at(-1)?.materialVersion !== key.materialVersion;
  if (isStale || isRotationDue(key, now())) {
    await addDataKey(services, applicationId, request, rows.length > 0);
    rows = await contentKeys.list(db.read, applicationId);
  }
  const keys: ContentKey[] = [];
  for (const { id, wrapped } of rows) {
    const opened = admitted(applicationId, await kms.decryptDataKey({ ...request, wrapped }));
    keys.push({ id, bytes: opened.plaintext });
  }
  return keys;
}

async function addDataKey(
  { db, kms, now }: Parameters<typeof createContentVault>[0],
  applicationId: string,
  request: DataKeyRequest,
  hasOthers: boolean,
): Promise<void> {
  const made = await kms.generateDataKey(request);
  // Whoever may decrypt and make no new keys goes on with those that there are.
  if (!made.ok && hasOthers) return;
  const { wrapped } = admitted(applicationId, made);
  const materialVersion = readHeader(wrapped)?.materialVersion ?? 0;
  await db.write(async (trx) => {
    const newest = (await contentKeys.list(trx, applicationId)).at(-1);
    // Somebody else was faster.
    if (newest?.materialVersion === materialVersion) return;
    const createdAt = now();
    await contentKeys.insert(trx, { applicationId, materialVersion, wrapped, createdAt });
  });
}

function admitted<T extends { readonly ok: true }>(
  applicationId: string,
  answer: T | KeyRefusal,
): T {
  if (answer.ok) return answer;
  const message = `The content of application ${applicationId} cannot be used: ${answer.message}`;
  throw new ContentLockedError(message);
}
