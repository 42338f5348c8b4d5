/**
 * Headers as the socket gave them: wire order, repeated headers repeated, names in lower case.
 * On HTTP/2 the pseudo headers (`:authority`) are in the list too.
 */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * A request as it travels. `rawTarget` is the request target exactly as on the wire (HTTP/2: the
 * value of `:path`), one character per byte: never the output of a URL parser, which folds `..`.
 */
export type WireRequest = {
  readonly method: string;
  readonly rawTarget: string;
  readonly headers: HeaderList;
};

/** How a service wants the path in the canonical request: S3 takes it as it is, all others fold. */
export type PathStyle = "general" | "s3";

/** Day, region and service a signature is good for, as they stand in the credential. */
export type Scope = {
  /** `yyyymmdd`. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
};

/** A secret and what it belongs to. `sessionToken` comes with temporary keys only. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

export const algorithm = "AWS4-HMAC-SHA256";
export const terminator = "aws4_request";
export const unsignedPayload = "UNSIGNED-PAYLOAD";
export const eventStreamPayload = "STREAMING-AWS4-HMAC-SHA256-EVENTS";

/** The longest life of a presigned URL: a week. */
export const expiresSecondsMax = 604_800;

/** The SHA-256 of nothing: the payload hash of a request without a body. */
export const emptyBodyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** The credential scope as text, the third line of the string to sign. */
export function credentialScopeOf(scope: Scope): string {
  return `${scope.day}/${scope.region}/${scope.service}/${terminator}`;
}

/** S3 is the one service that neither folds nor encodes the path a second time. */
export function pathStyleOf(service: string): PathStyle {
  return service === "s3" ? "s3" : "general";
}

/** True for exactly 64 lower-case hexadecimal digits: a SHA-256 as the protocol writes it. */
export function isHexHash(text: string): boolean {
  if (text.length !== 64) return false;
  for (let index = 0; index < 64; index += 1) {
    const code = text.charCodeAt(index);
    const isHex = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
    if (!isHex) return false;
  }
  return true;
}
