import { cannotParse } from "./errors.ts";
import { encodeHeaders } from "./frame-headers.ts";
import type { HeaderValue } from "./frame-headers.ts";
import type { Frame } from "./frames.ts";

/**
 * What a client's signed frame says. `sigv4` checks it: the string to sign holds `date`, the hash
 * of `dateHeader` and the hash of `payload`. An empty payload ends the input.
 */
export type SignedFrame = {
  readonly date: Date;
  readonly signature: Buffer;
  /** The encoded `:date` header, as it was signed. */
  readonly dateHeader: Buffer;
  /** A complete message, or nothing. */
  readonly payload: Buffer;
};

/** Whether a frame is the signed wrapper of another one. */
export function isSignedFrame({ headers }: Frame): boolean {
  return headers.has(":chunk-signature");
}

/**
 * Takes a signed frame apart; the message in it is `decodeFrame(payload)`. Throws
 * ValidationException when it is none. Source: SigV4 for event streams, chained chunk signatures.
 */
export function unwrapSignedFrame({ headers, payload }: Frame): SignedFrame {
  const date = headers.get(":date");
  const signature = headers.get(":chunk-signature");
  if (date?.type !== "timestamp" || signature?.type !== "binary" || headers.size !== 2) {
    throw cannotParse("The event stream holds a frame without date and signature.");
  }
  if (signature.value.length !== 32) {
    throw cannotParse("The event stream holds a signature that has not 32 bytes.");
  }
  return {
    date: date.value,
    signature: Buffer.from(signature.value),
    dateHeader: encodeDateHeader(date.value),
    payload,
  };
}

/** The `:date` header as it stands in a frame; its hash goes into the string to sign. */
export function encodeDateHeader(date: Date): Buffer {
  const header: HeaderValue = { type: "timestamp", value: date };
  return encodeHeaders(new Map([[":date", header]]));
}
