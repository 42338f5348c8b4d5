import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const nonceBytes = 12;
const tagBytes = 16;
const versionPrefix = "v1.";

/**
 * Encrypts a text under the installation's key (AES-256-GCM); `purpose` is bound to it, so that
 * what was sealed for one use opens for no other.
 */
export function seal(key: Uint8Array, purpose: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return versionPrefix + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** The text of a seal, or undefined for anything that this key did not seal for this purpose. */
export function unseal(key: Uint8Array, purpose: string, sealed: string): string | undefined {
  if (!sealed.startsWith(versionPrefix)) return undefined;
  const text = sealed.slice(versionPrefix.length);
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  // Several texts decode to the same bytes; only the one that we wrote counts.
  if (bytes.toString("base64url") !== text) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes));
  decipher.setAAD(Buffer.from(purpose));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    const opened = decipher.update(bytes.subarray(nonceBytes + tagBytes));
    return Buffer.concat([opened, decipher.final()]).toString("utf8");
  } catch {
    // The tag does not fit: altered, or sealed with another key.
    return undefined;
  }
}
