import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const nonceBytes = 12;
const tagBytes = 16;

/** What a sealed box has more than its text: nonce and tag. */
export const boxOverheadBytes = nonceBytes + tagBytes;

/**
 * Encrypts with AES-256-GCM under a fresh random nonce; `bound` is authenticated, not hidden. The
 * result is nonce, tag, ciphertext. One key may seal 2³² boxes (NIST SP 800-38D).
 */
export function sealBox(key: Uint8Array, bound: Uint8Array, text: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(bound);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** The text of a box, or undefined for any other key, any other bound bytes, any altered bit. */
export function openBox(key: Uint8Array, bound: Uint8Array, box: Uint8Array): Buffer | undefined {
  if (box.length < boxOverheadBytes) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(bound);
  decipher.setAuthTag(box.subarray(nonceBytes, boxOverheadBytes));
  try {
    return Buffer.concat([decipher.update(box.subarray(boxOverheadBytes)), decipher.final()]);
  } catch {
    // The tag does not fit. Anything else would have thrown before.
    return undefined;
  }
}
