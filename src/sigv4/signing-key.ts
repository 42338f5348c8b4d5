import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { terminator, type Scope } from "./request.ts";

// A KeyObject, not bytes: HMAC takes it about seven times faster, and it does not print its secret.

/** Derives the key that signs for one day, region and service. Four HMACs: worth keeping. */
export function deriveSigningKey(secretAccessKey: string, scope: Scope): KeyObject {
  const dayKey = hmac(`AWS4${secretAccessKey}`, scope.day);
  const regionKey = hmac(dayKey, scope.region);
  const serviceKey = hmac(regionKey, scope.service);
  return createSecretKey(hmac(serviceKey, terminator));
}

/** Remembers signing keys. `get` derives what it does not have. */
export type SigningKeys = {
  readonly get: (owner: KeyOwner, scope: Scope) => KeyObject;
  /** How many keys are held: never more than the limit. */
  readonly size: () => number;
};

/** Whose secret it is. */
export type KeyOwner = { readonly accessKeyId: string; readonly secretAccessKey: string };

/**
 * A store of at most `keysMax` signing keys; the one unused for longest goes first. An entry also
 * holds the secret it came from: when that has changed, the old key is never handed out again.
 */
export function createSigningKeys(keysMax: number): SigningKeys {
  const entries = new Map<string, { readonly secret: string; readonly key: KeyObject }>();
  const get = (owner: KeyOwner, scope: Scope): KeyObject => {
    const { accessKeyId, secretAccessKey } = owner;
    // No part but the last can hold a slash: parsing splits the credential there.
    const name = `${scope.day}/${scope.region}/${scope.service}/${accessKeyId}`;
    const entry = entries.get(name);
    const isFresh = entry !== undefined && entry.secret === secretAccessKey;
    const key = isFresh ? entry.key : deriveSigningKey(secretAccessKey, scope);
    // Deleting and setting again moves the entry to the young end of the map.
    entries.delete(name);
    entries.set(name, isFresh ? entry : { secret: secretAccessKey, key });
    if (entries.size > keysMax) entries.delete(entries.keys().next().value ?? "");
    return key;
  };
  return { get, size: () => entries.size };
}

/** HMAC-SHA256 of UTF-8 text, as bytes. */
export function hmac(key: KeyObject | Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
