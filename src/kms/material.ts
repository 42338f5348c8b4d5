import { randomBytes } from "node:crypto";
import { seal, unseal } from "../identity/identity.ts";
import {
  type Database,
  type KmsKey,
  kmsStore,
  type KmsMaterial,
  type WriteTransaction,
} from "../store/store.ts";
import { decryptUnder, encryptUnder, type Material, readHeader } from "./ciphertext.ts";
import type { EncryptionContext } from "../core/encryption-context.ts";

/** Where keys are, and the installation's key, without which they are noise. */
export type KeyStore = { readonly db: Database; readonly sealingKey: Uint8Array };

/** A ciphertext or a text, and the id of the material that made or opened it. */
export type Sealed = { readonly bytes: Buffer; readonly materialId: string };

const materialBytes = 32;
const dayMs = 86_400_000;

/** Fresh key material, sealed for the database. */
export function newMaterial(
  sealingKey: Uint8Array,
  about: Pick<KmsMaterial, "keyId" | "version" | "cause" | "createdAt">,
): KmsMaterial {
  const text = randomBytes(materialBytes).toString("base64");
  const materialId = randomBytes(32).toString("hex");
  return { ...about, materialId, sealed: seal(sealingKey, purposeOf(about), text) };
}

/** What a seal is good for: material never opens as that of another key or version. */
function purposeOf({ keyId, version }: Pick<KmsMaterial, "keyId" | "version">): string {
  return `kms material ${keyId} ${version}`;
}

function openMaterial(sealingKey: Uint8Array, material: KmsMaterial): Material {
  const text = unseal(sealingKey, purposeOf(material), material.sealed);
  if (text === undefined) {
    throw new Error(`The material of key ${material.keyId} was sealed with another key file.`);
  }
  return { version: material.version, bytes: Buffer.from(text, "base64") };
}

/** Gives a key new material; what the old encrypted it still decrypts. */
export async function rotate(
  trx: WriteTransaction,
  { sealingKey, key }: { readonly sealingKey: Uint8Array; readonly key: KmsKey },
  { cause, at }: { readonly cause: "AUTOMATIC" | "ON_DEMAND"; readonly at: Date },
): Promise<void> {
  const version = key.materialVersion + 1;
  const about = { keyId: key.id, version, cause, createdAt: at };
  await kmsStore.insertMaterial(trx, newMaterial(sealingKey, about));
  await kmsStore.updateKey(trx, key.id, {
    materialVersion: version,
    ...(cause === "AUTOMATIC" && { rotationNextAt: nextRotation(key, at) }),
  });
}

/** When a key that rotates by itself will do so next, counted from `at`. */
export function nextRotation(
  { rotationDays }: Pick<KmsKey, "rotationDays">,
  at: Date,
): Date | null {
  return rotationDays === undefined ? null : new Date(at.getTime() + rotationDays * dayMs);
}

/** Whether an enabled key is past its date: the first use from then on rotates it. */
export function isRotationDue({ state, rotationNextAt }: KmsKey, now: Date): boolean {
  return state === "Enabled" && rotationNextAt !== undefined && rotationNextAt <= now;
}

/**
 * The key as it stands, rotated if its time has come. Nothing rotates a key that nobody uses, which
 * nobody can tell from one that was rotated in time.
 */
export async function rotatedInTime(
  { db, sealingKey }: KeyStore,
  key: KmsKey,
  now: Date,
): Promise<KmsKey> {
  if (!isRotationDue(key, now)) return key;
  return db.write(async (trx) => {
    const current = await kmsStore.findKey(trx, key.id);
    if (current === undefined || !isRotationDue(current, now)) return current ?? key;
    await rotate(trx, { sealingKey, key: current }, { cause: "AUTOMATIC", at: now });
    return (await kmsStore.findKey(trx, key.id)) ?? current;
  });
}

/** Encrypts under the key's newest material. Whether the key may be used has been settled. */
export async function encryptWith(
  store: KeyStore,
  {
    key,
    context,
    now,
  }: { readonly key: KmsKey; readonly context: EncryptionContext; readonly now: Date },
  text: Uint8Array,
): Promise<Sealed> {
  const { id: keyId, materialVersion: version } = await rotatedInTime(store, key, now);
  const found = await kmsStore.findMaterial(store.db.read, { keyId, version });
  if (found === undefined) throw new Error(`Key ${keyId} has no material ${version}.`);
  const material = openMaterial(store.sealingKey, found);
  return { bytes: encryptUnder({ keyId, material }, context, text), materialId: found.materialId };
}

/** The text, or undefined where the ciphertext is not this key's, or not of this context. */
export async function decryptWith(
  { db, sealingKey }: KeyStore,
  { key, context }: { readonly key: KmsKey; readonly context: EncryptionContext },
  ciphertext: Uint8Array,
): Promise<Sealed | undefined> {
  const header = readHeader(ciphertext);
  if (header?.keyId !== key.id) return undefined;
  const at = { keyId: key.id, version: header.materialVersion };
  const found = await kmsStore.findMaterial(db.read, at);
  if (found === undefined) return undefined;
  const bytes = decryptUnder(openMaterial(sealingKey, found), context, ciphertext);
  return bytes && { bytes, materialId: found.materialId };
}
