import { createPublicKey, type JsonWebKey, type KeyObject, verify } from "node:crypto";

/** A JSON Web Token in its compact form, taken apart; nothing is proven yet. */
export type Jwt = {
  readonly algorithm: JwtAlgorithm;
  readonly keyId: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
};

/** Algorithms that count. Not `none`, and nothing whose key is a shared secret. */
export type JwtAlgorithm = "RS256" | "ES256";

/** A public key of an issuer, ready for use. */
export type IssuerKey = {
  readonly id: string | undefined;
  readonly algorithm: JwtAlgorithm;
  readonly key: KeyObject;
};

const keysMax = 100;
const rsaBitsMin = 2048;
const rsaBitsMax = 8192;

/** Takes a token apart (RFC 7515, RFC 7519); undefined for anything that is none we could check. */
export function parseJwt(text: string): Jwt | undefined {
  const parts = text.split(".", 4);
  const [head = "", payload = "", tail = ""] = parts;
  const signature = bytesOf(tail);
  const header = objectIn(bytesOf(head));
  const claims = objectIn(bytesOf(payload));
  if (parts.length !== 3 || !signature || !header || !claims) return undefined;
  const { alg, kid, crit } = header;
  // Whoever marks a header as critical must be refused where it is not understood.
  if ((alg !== "RS256" && alg !== "ES256") || crit !== undefined) return undefined;
  if (kid !== undefined && typeof kid !== "string") return undefined;
  return {
    algorithm: alg,
    keyId: kid,
    claims,
    signed: Buffer.from(text.slice(0, head.length + 1 + payload.length), "ascii"),
    signature,
  };
}

/** Bytes of base64url without padding; undefined for any other text. */
function bytesOf(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  // Several texts decode to the same bytes; only the one that encodes them counts.
  return text !== "" && bytes.toString("base64url") === text ? bytes : undefined;
}

function objectIn(bytes: Buffer | undefined): Readonly<Record<string, unknown>> | undefined {
  if (bytes === undefined) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The signing keys in a JSON Web Key Set (RFC 7517); those that cannot be used are left out. */
export function readKeySet(document: unknown): readonly IssuerKey[] {
  const keys = isRecord(document) ? document["keys"] : undefined;
  if (!Array.isArray(keys)) return [];
  return keys.slice(0, keysMax).flatMap((jwk: unknown) => keyOf(jwk) ?? []);
}

function keyOf(jwk: unknown): IssuerKey | undefined {
  if (!isRecord(jwk)) return undefined;
  const { kty, kid, use, alg, crv } = jwk;
  const algorithm = kty === "RSA" ? "RS256" : kty === "EC" && crv === "P-256" ? "ES256" : undefined;
  const isForSigning = use === undefined || use === "sig";
  if (algorithm === undefined || !isForSigning) return undefined;
  if (alg !== undefined && alg !== algorithm) return undefined;
  // Only the public half is read, should an issuer publish more by mistake.
  const { n, e, x, y } = jwk;
  const isText = (kty === "RSA" ? [n, e] : [x, y]).every((part) => typeof part === "string");
  if (!isText) return undefined;
  const half = (kty === "RSA" ? { kty, n, e } : { kty, crv, x, y }) as JsonWebKey;
  const key = publicKey(half);
  const bits = key?.asymmetricKeyDetails?.modulusLength;
  const isStrong = bits === undefined || (bits >= rsaBitsMin && bits <= rsaBitsMax);
  if (key === undefined || !isStrong) return undefined;
  return { id: typeof kid === "string" ? kid : undefined, algorithm, key };
}

function publicKey(jwk: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    // Parameters that are no key: the other keys of the set may be.
    return undefined;
  }
}

/** The keys that could have signed a token: the one it names, or all of its kind. */
export function keysFor(
  { keyId, algorithm }: Jwt,
  keys: readonly IssuerKey[],
): readonly IssuerKey[] {
  return keys.filter(
    (key) => key.algorithm === algorithm && (keyId === undefined || key.id === keyId),
  );
}

/** Whether the key signed the token. The key says which algorithm counts, the token only repeats it. */
export function isSignedBy({ signed, signature }: Jwt, { algorithm, key }: IssuerKey): boolean {
  return algorithm === "RS256"
    ? verify("sha256", signed, key, signature)
    : verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, signature);
}
