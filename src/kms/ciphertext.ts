import { createHmac, randomBytes } from "node:crypto";
import { contextBytes, type EncryptionContext, uint32 } from "../core/encryption-context.ts";
import { boxOverheadBytes, openBox, sealBox } from "../core/sealed-box.ts";

/** What a key encrypts with: 32 bytes, and which version of the key's material they are. */
export type Material = { readonly version: number; readonly bytes: Uint8Array };

/** What a ciphertext says of itself. Nothing of it is proven until it has been opened. */
export type CiphertextHeader = { readonly keyId: string; readonly materialVersion: number };

const formatVersion = 1;
const idBytes = 16;
const saltBytes = 16;
const headerBytes = 1 + idBytes + 4 + saltBytes;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Encrypts under one version of a key's material. Layout: format version (1 byte), key id (16),
 * material version (4), salt (16), then nonce, tag and text. Every message has a key of its own,
 * derived with the salt, so that no number of messages wears the material out.
 */
export function encryptUnder(
  { keyId, material }: { readonly keyId: string; readonly material: Material },
  context: EncryptionContext,
  text: Uint8Array,
): Buffer {
  const header = Buffer.concat([
    Buffer.of(formatVersion),
    idOf(keyId),
    uint32(material.version),
    randomBytes(saltBytes),
  ]);
  return Buffer.concat([
    header,
    sealBox(messageKey(material, header), bound(header, context), text),
  ]);
}

/** Which key a ciphertext asks for; undefined for bytes that no key made. */
export function readHeader(ciphertext: Uint8Array): CiphertextHeader | undefined {
  if (ciphertext.length < headerBytes + boxOverheadBytes) return undefined;
  if (ciphertext[0] !== formatVersion) return undefined;
  const bytes = Buffer.from(ciphertext.buffer, ciphertext.byteOffset, headerBytes);
  const hex = bytes.toString("hex", 1, 1 + idBytes);
  const keyId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { keyId, materialVersion: bytes.readUInt32BE(1 + idBytes) };
}

/** The text, or undefined when material, context or a bit of it differ. */
export function decryptUnder(
  material: Material,
  context: EncryptionContext,
  ciphertext: Uint8Array,
): Buffer | undefined {
  if (readHeader(ciphertext)?.materialVersion !== material.version) return undefined;
  const header = ciphertext.subarray(0, headerBytes);
  const key = messageKey(material, header);
  return openBox(key, bound(header, context), ciphertext.subarray(headerBytes));
}

function messageKey({ bytes }: Material, header: Uint8Array): Buffer {
  return createHmac("sha256", bytes).update("quarry kms message key\0").update(header).digest();
}

function bound(header: Uint8Array, context: EncryptionContext): Buffer {
  return Buffer.concat([header, contextBytes(context)]);
}

function idOf(keyId: string): Buffer {
  if (!uuid.test(keyId)) throw new Error(`${keyId} is no key id.`);
  return Buffer.from(keyId.replaceAll("-", ""), "hex");
}
