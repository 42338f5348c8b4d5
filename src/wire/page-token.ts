import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";

const macSizeBytes = 16;
/** Longest token that every list of the API takes. */
const tokenLengthMax = 800;

/** Where a list goes on. */
export type PagePosition = {
  /** The list: operation and everything in the request that chose its items. */
  readonly scope: string;
  /** The place in it, such as the key of the last item shown. */
  readonly position: string;
};

/**
 * Makes the opaque token that goes on with a list. Clients cannot alter it, but they can read it:
 * it must hold nothing that they may not know. Scope and position may have about 570 bytes
 * together, so that the token stays within the API's 800 characters. `key` is a secret, the same
 * in every process that serves the same data.
 */
export function encodePageToken({ scope, position }: PagePosition, key: Uint8Array): string {
  const payload = Buffer.from(JSON.stringify([scope, position]));
  const token = Buffer.concat([sign(payload, key), payload]).toString("base64url");
  assert.ok(
    token.length <= tokenLengthMax,
    `a page position of ${payload.length} bytes is too long`,
  );
  return token;
}

/** What this key's token says; undefined for anything else. The caller compares the scope. */
export function decodePageToken(token: string, key: Uint8Array): PagePosition | undefined {
  if (token.length > tokenLengthMax) return undefined;
  const bytes = Buffer.from(token, "base64url");
  // Several texts decode to the same bytes; only the one that we wrote counts.
  if (bytes.length < macSizeBytes || bytes.toString("base64url") !== token) return undefined;
  const payload = bytes.subarray(macSizeBytes);
  if (!timingSafeEqual(bytes.subarray(0, macSizeBytes), sign(payload, key))) return undefined;
  const [scope, position] = JSON.parse(payload.toString()) as [string, string];
  return { scope, position };
}

function sign(payload: Uint8Array, key: Uint8Array): Buffer {
  const mac = createHmac("sha256", key).update("page token:");
  return mac.update(payload).digest().subarray(0, macSizeBytes);
}
