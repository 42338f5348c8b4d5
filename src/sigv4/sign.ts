import { createHmac } from "node:crypto";
import { joinCanonicalRequest, joinStringToSign } from "./canonical.ts";
import { formatDateTime } from "./date-time.ts";
import { canonicalHeaders, indexHeaders, isHostName, type HeaderIndex } from "./headers.ts";
import * as request from "./request.ts";
import { deriveSigningKey } from "./signing-key.ts";
import { canonicalPath, canonicalQuery, splitTarget } from "./target.ts";
import { encodeUri } from "./uri.ts";
import type { Seed } from "./verify.ts";

/** What a signature is made for, and when. */
export type SignOptions = {
  readonly service: string;
  readonly region: string;
  readonly now: Date;
  /** Lower-case hex SHA-256 of the body. A `x-amz-content-sha256` header wins over it. */
  readonly bodyHash?: string;
  /** Follows from the service unless given. */
  readonly pathStyle?: request.PathStyle;
};

/** What was signed, for tests and for people who compare. */
export type SigningSteps = {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signature: string;
};

/** A signed request's new headers, and what a stream of signed frames goes on from. */
export type Signed = SigningSteps & { readonly headers: request.HeaderList; readonly seed: Seed };

/** Hop-by-hop headers and those that clients and proxies rewrite: signing them breaks requests. */
const unsignable: ReadonlySet<string> = new Set(
  (
    "authorization cache-control connection expect from keep-alive max-forwards pragma referer " +
    "te trailer transfer-encoding upgrade user-agent x-amzn-trace-id"
  ).split(" "),
);

/**
 * Signs a request in its `Authorization` header. `headers` must hold `host`, on HTTP/2
 * `:authority`. Gives back all headers: those given, then `x-amz-security-token` (temporary keys),
 * `x-amz-date` and `authorization`. For a stream of signed frames give
 * `x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-EVENTS` and go on with `createEventSigner`.
 *
 *     sign({ method: "GET", rawTarget: "/applications", headers: [["host", "127.0.0.1:8090"]] },
 *       credentials, { service: "qbusiness", region: "us-east-1", now });
 */
export function sign(
  wire: request.WireRequest,
  credentials: request.Credentials,
  options: SignOptions,
): Signed {
  const dateTime = formatDateTime(options.now.getTime());
  const token = credentials.sessionToken;
  const headers: (readonly [string, string])[] = [
    ...wire.headers,
    ...(token === undefined ? [] : [["x-amz-security-token", token] as const]),
    ["x-amz-date", dateTime],
  ];
  const index = indexHeaders(headers);
  const signedHeaders = signedNames(index);
  const steps = signSteps({ ...wire, headers: index, signedHeaders, dateTime }, credentials, {
    ...options,
    payloadHash: index.get("x-amz-content-sha256") ?? options.bodyHash ?? request.emptyBodyHash,
  });
  const { credentialScope, signature } = steps;
  const authorization =
    `${request.algorithm} Credential=${credentials.accessKeyId}/${credentialScope}, ` +
    `SignedHeaders=${signedHeaders.join(";")}, Signature=${signature}`;
  const { canonicalRequest, stringToSign, signingKey } = steps;
  return {
    headers: [...headers, ["authorization", authorization]],
    seed: { signature, credentialScope, signingKey },
    canonicalRequest,
    stringToSign,
    signature,
  };
}

/**
 * Signs a request in its query: gives the request target to use instead of `wire.rawTarget`. Who
 * has it may make the request until `expiresSeconds` (1 to 604800) have passed. `bodyHash` may be
 * `UNSIGNED-PAYLOAD` for S3.
 */
export function presign(
  wire: request.WireRequest,
  credentials: request.Credentials,
  options: SignOptions & { readonly expiresSeconds: number },
): SigningSteps & { readonly rawTarget: string } {
  const { expiresSeconds } = options;
  if (!(expiresSeconds >= 1 && expiresSeconds <= request.expiresSecondsMax)) {
    throw new RangeError(`expiresSeconds is ${expiresSeconds}; it must be 1 to 604800.`);
  }
  const dateTime = formatDateTime(options.now.getTime());
  const day = dateTime.slice(0, 8);
  const index = indexHeaders(wire.headers);
  const signedHeaders = signedNames(index);
  const token = credentials.sessionToken;
  const scope = request.credentialScopeOf({ ...options, day });
  const parameters: readonly (readonly [string, string])[] = [
    ["X-Amz-Algorithm", request.algorithm],
    ["X-Amz-Credential", `${credentials.accessKeyId}/${scope}`],
    ["X-Amz-Date", dateTime],
    ["X-Amz-SignedHeaders", signedHeaders.join(";")],
    ["X-Amz-Expires", String(expiresSeconds)],
    ...(token === undefined ? [] : [["X-Amz-Security-Token", token] as const]),
  ];
  const added = parameters.map(([name, value]) => `${name}=${encodeUri(value)}`).join("&");
  const rawTarget = `${wire.rawTarget}${wire.rawTarget.includes("?") ? "&" : "?"}${added}`;
  const unsignedWhenS3 = options.service === "s3" ? request.unsignedPayload : request.emptyBodyHash;
  const { canonicalRequest, stringToSign, signature } = signSteps(
    { method: wire.method, rawTarget, headers: index, signedHeaders, dateTime },
    credentials,
    {
      ...options,
      payloadHash: index.get("x-amz-content-sha256") ?? options.bodyHash ?? unsignedWhenS3,
    },
  );
  const signed = `${rawTarget}&X-Amz-Signature=${signature}`;
  return { rawTarget: signed, canonicalRequest, stringToSign, signature };
}

function signSteps(
  wire: {
    readonly method: string;
    readonly rawTarget: string;
    readonly headers: HeaderIndex;
    readonly signedHeaders: readonly string[];
    readonly dateTime: string;
  },
  credentials: request.Credentials,
  options: SignOptions & { readonly payloadHash: string },
): SigningSteps & Seed {
  const { method, signedHeaders, dateTime } = wire;
  const { path, query } = splitTarget(wire.rawTarget);
  const scope = { ...options, day: dateTime.slice(0, 8) };
  const credentialScope = request.credentialScopeOf(scope);
  const canonicalRequest = joinCanonicalRequest({
    method,
    path: canonicalPath(path, options.pathStyle ?? request.pathStyleOf(options.service)),
    query: canonicalQuery(query, []),
    headerLines: canonicalHeaders(wire.headers, signedHeaders) ?? "",
    signedHeaders,
    payloadHash: options.payloadHash,
  });
  const stringToSign = joinStringToSign({ dateTime, credentialScope, canonicalRequest });
  const signingKey = deriveSigningKey(credentials.secretAccessKey, scope);
  const signature = createHmac("sha256", signingKey).update(stringToSign).digest("hex");
  return { canonicalRequest, stringToSign, signature, credentialScope, signingKey };
}

function signedNames(headers: HeaderIndex): readonly string[] {
  const isSignable = (name: string): boolean =>
    !unsignable.has(name) &&
    !name.startsWith("proxy-") &&
    !name.startsWith("sec-") &&
    // Of the pseudo headers only the host is a header to the signature.
    (!name.startsWith(":") || isHostName(name));
  return [...headers.keys()].filter(isSignable).sort();
}
