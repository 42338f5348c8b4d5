import { contextBytes, type EncryptionContext } from "../core/encryption-context.ts";
import { boxOverheadBytes, openBox, sealBox } from "../core/sealed-box.ts";

/** A key for content, plain and as a KMS key encrypted it. */
export type DataKey = { readonly plaintext: Uint8Array; readonly wrapped: Uint8Array };

const formatVersion = 1;
const lengthBytes = 2;
const wrappedBytesMax = 6144;

/**
 * Encrypts content with a data key and puts the wrapped data key before it. Layout: format version
 * (1 byte), length of the wrapped key (2), wrapped key, then nonce, tag and content. Header and
 * context are authenticated: an envelope put in the place of another does not open.
 */
export function sealEnvelope(
  { plaintext, wrapped }: DataKey,
  context: EncryptionContext,
  content: Uint8Array,
): Buffer {
  if (wrapped.length === 0 || wrapped.length > wrappedBytesMax) {
    throw new Error(`A wrapped key has 1 to ${wrappedBytesMax} bytes, not ${wrapped.length}.`);
  }
  const header = Buffer.alloc(1 + lengthBytes + wrapped.length);
  header.writeUInt8(formatVersion, 0);
  header.writeUInt16BE(wrapped.length, 1);
  header.set(wrapped, 1 + lengthBytes);
  const bound = Buffer.concat([header, contextBytes(context)]);
  return Buffer.concat([header, sealBox(plaintext, bound, content)]);
}

/** The wrapped data key of an envelope; undefined for bytes that are none. */
export function wrappedKeyOf(envelope: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.length);
  if (bytes.length < 1 + lengthBytes || bytes[0] !== formatVersion) return undefined;
  const size = bytes.readUInt16BE(1);
  const end = 1 + lengthBytes + size;
  if (size === 0 || size > wrappedBytesMax || bytes.length < end + boxOverheadBytes) {
    return undefined;
  }
  return bytes.subarray(1 + lengthBytes, end);
}

/** The content, or undefined when key, context or a bit of the envelope differ. */
export function openEnvelope(
  plaintextKey: Uint8Array,
  context: EncryptionContext,
  envelope: Uint8Array,
): Buffer | undefined {
  const wrapped = wrappedKeyOf(envelope);
  if (wrapped === undefined) return undefined;
  const end = 1 + lengthBytes + wrapped.length;
  const bound = Buffer.concat([envelope.subarray(0, end), contextBytes(context)]);
  return openBox(plaintextKey, bound, envelope.subarray(end));
}
