import { createHmac, timingSafeEqual } from "node:crypto";

/** What an address opens: one form of one version of one document, for a while. */
export type ContentClaims = {
  readonly documentKey: number;
  readonly version: number;
  readonly form: "RAW" | "EXTRACTED";
  readonly expiresAt: Date;
};

const macSizeBytes = 32;
const tokenLengthMax = 200;

/**
 * Makes the token of an address. It names no bucket, key or person, and cannot be guessed or
 * altered without `key`, a secret that is the same in every process that serves the same data.
 */
export function writeContentToken(claims: ContentClaims, key: Uint8Array): string {
  const { documentKey, version, form, expiresAt } = claims;
  const payload = Buffer.from(JSON.stringify([documentKey, version, form, expiresAt.getTime()]));
  return Buffer.concat([macOf(payload, key), payload]).toString("base64url");
}

/** What a token of ours opens at that time; undefined for every other text. */
export function readContentToken(
  token: string,
  key: Uint8Array,
  now: Date,
): ContentClaims | undefined {
  if (token.length > tokenLengthMax) return undefined;
  const bytes = Buffer.from(token, "base64url");
  // Several texts decode to the same bytes; only the one that we wrote counts.
  if (bytes.length <= macSizeBytes || bytes.toString("base64url") !== token) return undefined;
  const payload = bytes.subarray(macSizeBytes);
  if (!timingSafeEqual(bytes.subarray(0, macSizeBytes), macOf(payload, key))) return undefined;
  const [documentKey, version, form, expiresAt] = JSON.parse(payload.toString()) as [
    number,
    number,
    ContentClaims["form"],
    number,
  ];
  if (now.getTime() >= expiresAt) return undefined;
  return { documentKey, version, form, expiresAt: new Date(expiresAt) };
}

/** The purpose is part of what is signed, so that no other token of this key opens a document. */
function macOf(payload: Uint8Array, key: Uint8Array): Buffer {
  return createHmac("sha256", key).update("document content\n").update(payload).digest();
}
