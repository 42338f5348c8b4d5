import { presign, sign } from "../sign.ts";
import { parseAuthentication } from "../parse.ts";
import { refuse, type Refusal } from "../refusal.ts";
import { emptyBodyHash, type Credentials, type HeaderList, type WireRequest } from "../request.ts";
import { joinCanonicalRequest, joinStringToSign } from "../canonical.ts";
import { formatDateTime } from "../date-time.ts";
import { canonicalHeaders, indexHeaders } from "../headers.ts";
import { hmac } from "../signing-key.ts";
import { createVerifier, type Seed, type Verdict, type VerifyOptions } from "../verify.ts";

// What the tests of this module share: one caller, one moment, one server.

export const now = new Date("2026-02-03T04:05:06Z");
export const caller = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret + a / slash" };
export const scope = { service: "qbusiness", region: "us-east-1" };
export const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

/** A GET as a client would send it, signed in the header. */
export function signedGet(
  given: {
    readonly rawTarget?: string;
    readonly headers?: HeaderList;
    readonly credentials?: Credentials;
    readonly service?: string;
    readonly region?: string;
    readonly bodyHash?: string;
  } = {},
): WireRequest {
  const wire = {
    method: "GET",
    rawTarget: given.rawTarget ?? "/applications?maxResults=5",
    headers: given.headers ?? [["host", "localhost:8090"]],
  } as const;
  const { bodyHash = emptyBodyHash, ...rest } = given;
  const options = { ...scope, ...rest, bodyHash, now };
  return { ...wire, headers: sign(wire, given.credentials ?? caller, options).headers };
}

/** The same, signed in the query for five minutes. */
export function presignedGet(
  given: { readonly credentials?: Credentials; readonly service?: string } = {},
): WireRequest {
  const wire = {
    method: "GET",
    rawTarget: "/applications?maxResults=5",
    headers: [["host", "localhost:8090"]],
  } as const;
  const options = { ...scope, ...given, now, expiresSeconds: 300 };
  return { ...wire, rawTarget: presign(wire, given.credentials ?? caller, options).rawTarget };
}

/** Puts another value under a header's name. */
export function withHeader(request: WireRequest, name: string, value: string): WireRequest {
  const others = request.headers.filter(([other]) => other !== name);
  return { ...request, headers: [...others, [name, value]] };
}

/** Rewrites a header's value. */
export function editHeader(
  request: WireRequest,
  name: string,
  edit: (value: string) => string,
): WireRequest {
  const headers = request.headers.map(
    ([other, value]) => [other, other === name ? edit(value) : value] as const,
  );
  return { ...request, headers };
}

const verifier = createVerifier({
  acceptedServices: ["qbusiness", "iam", "sts", "s3"],
  acceptedRegions: ["us-east-1", "eu-central-1"],
});

/** Parse and verify in one step, with the caller's key found. */
export function check(request: WireRequest, options: Partial<VerifyOptions> = {}): Verdict {
  const parsed = parseAuthentication(request);
  if (!parsed.ok) return parsed;
  const owner = { secretAccessKey: caller.secretAccessKey };
  return verifier.verify(parsed.authentication, {
    owner,
    now,
    bodyHash: emptyBodyHash,
    ...options,
  });
}

/** The refusal of a request that must not pass. */
export function refusalOf(request: WireRequest, options: Partial<VerifyOptions> = {}): Refusal {
  const verdict = check(request, options);
  return verdict.ok ? refuse("missing", "It was accepted!") : verdict.refusal;
}

/** A small, repeatable source of random text over all bytes; far faster than a property test's. */
export function randomWords(seed: number): {
  readonly bool: () => boolean;
  readonly text: (charsMax: number) => string;
} {
  let state = seed;
  // Mulberry32.
  const next = (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  const frequent = "=,;/&%? \tCredential=Signature=SignedHeaders=X-Amz-Date";
  const char = (): string =>
    next(2) === 0 ? (frequent[next(frequent.length)] ?? "") : String.fromCharCode(next(256));
  return {
    bool: () => next(2) === 0,
    text: (charsMax) => Array.from({ length: next(charsMax + 1) }, char).join(""),
  };
}

/** Signs with a `date` header instead of `x-amz-date`, as very old clients do. */
export function signWithDateHeader(request: WireRequest, seed: Seed): WireRequest {
  const index = indexHeaders(request.headers);
  const signedHeaders = ["date", "host"];
  const canonicalRequest = joinCanonicalRequest({
    method: request.method,
    path: "/",
    query: "",
    headerLines: canonicalHeaders(index, signedHeaders) ?? "",
    signedHeaders,
    payloadHash: emptyBodyHash,
  });
  const { credentialScope } = seed;
  const dateTime = formatDateTime(now.getTime());
  const text = joinStringToSign({ dateTime, credentialScope, canonicalRequest });
  const signature = hmac(seed.signingKey, text).toString("hex");
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${caller.accessKeyId}/${credentialScope}, ` +
    `SignedHeaders=date;host, Signature=${signature}`;
  return withHeader(request, "authorization", authorization);
}
