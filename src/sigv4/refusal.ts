/** Why a request is not taken. Protocols word and number it differently: `nameRefusal`. */
export type RefusalReason =
  | "missing"
  | "bothForms"
  | "incomplete"
  | "scope"
  | "clock"
  | "expired"
  | "unknownKey"
  | "badToken"
  | "expiredToken"
  | "unsignedHeader"
  | "payload"
  | "signature"
  | "bodyHash";

/** Error shape per protocol: rest-json (qbusiness, kms), query (iam, sts), S3's XML. */
export type Protocol = "restJson" | "query" | "s3";

/** The name, HTTP status and text that one protocol gives to a refusal. */
export type NamedRefusal = {
  readonly code: string;
  readonly status: number;
  readonly message: string;
};

/** A request that is not taken. `code` and `status` are rest-json's. */
export type Refusal = NamedRefusal & {
  readonly reason: RefusalReason;
  /** What should have been signed. Reveals no secret; for a debug mode to append. */
  readonly expected?: { readonly canonicalRequest: string; readonly stringToSign: string };
};

type Name = { readonly code: string; readonly status: number; readonly message?: string };
type NamesByProtocol = { readonly [protocol in Protocol]: Name };

const incomplete = { code: "IncompleteSignatureException", status: 403 };
const invalid = { code: "InvalidSignatureException", status: 403 };
const mismatch = { code: "SignatureDoesNotMatch", status: 403 };
const malformed = { code: "AuthorizationHeaderMalformed", status: 400 };

/** How each protocol says each reason. Source: "Common Errors" of the services' API references. */
export const refusalNames: { readonly [reason in RefusalReason]: NamesByProtocol } = {
  missing: {
    restJson: { code: "MissingAuthenticationTokenException", status: 403 },
    query: { code: "MissingAuthenticationToken", status: 403 },
    s3: { code: "AccessDenied", status: 403, message: "Access Denied" },
  },
  bothForms: {
    restJson: { ...invalid, status: 400 },
    query: { ...mismatch, status: 400 },
    s3: { code: "InvalidArgument", status: 400 },
  },
  incomplete: {
    restJson: incomplete,
    query: { code: "IncompleteSignature", status: 400 },
    s3: malformed,
  },
  scope: { restJson: invalid, query: mismatch, s3: malformed },
  clock: {
    restJson: invalid,
    query: mismatch,
    s3: {
      code: "RequestTimeTooSkewed",
      status: 403,
      message: "The difference between the request time and the current time is too large.",
    },
  },
  expired: {
    restJson: invalid,
    query: { code: "RequestExpired", status: 400 },
    s3: { code: "AccessDenied", status: 403, message: "Request has expired" },
  },
  unknownKey: {
    restJson: { code: "UnrecognizedClientException", status: 403 },
    query: { code: "InvalidClientTokenId", status: 403 },
    s3: {
      code: "InvalidAccessKeyId",
      status: 403,
      message: "The AWS Access Key Id you provided does not exist in our records.",
    },
  },
  badToken: {
    restJson: { code: "UnrecognizedClientException", status: 403 },
    query: { code: "InvalidClientTokenId", status: 403 },
    s3: {
      code: "InvalidToken",
      status: 400,
      message: "The provided token is malformed or otherwise invalid.",
    },
  },
  expiredToken: {
    restJson: { code: "ExpiredTokenException", status: 403 },
    query: { code: "ExpiredToken", status: 403 },
    s3: { code: "ExpiredToken", status: 400, message: "The provided token has expired." },
  },
  unsignedHeader: {
    restJson: invalid,
    query: mismatch,
    s3: {
      code: "AccessDenied",
      status: 403,
      message: "There were headers present in the request which were not signed",
    },
  },
  payload: { restJson: invalid, query: mismatch, s3: { code: "InvalidRequest", status: 400 } },
  signature: {
    restJson: invalid,
    query: mismatch,
    s3: {
      ...mismatch,
      message:
        "The request signature we calculated does not match the signature you provided. " +
        "Check your key and signing method.",
    },
  },
  bodyHash: {
    restJson: invalid,
    query: mismatch,
    s3: {
      code: "XAmzContentSHA256Mismatch",
      status: 400,
      message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
    },
  },
};

/** A refusal with rest-json's name. */
export function refuse(reason: RefusalReason, message: string): Refusal {
  const { code, status } = refusalNames[reason].restJson;
  return { reason, code, status, message };
}

/** The same refusal as another protocol says it. */
export function nameRefusal(refusal: Refusal, protocol: Protocol): NamedRefusal {
  const name = refusalNames[refusal.reason][protocol];
  return { code: name.code, status: name.status, message: name.message ?? refusal.message };
}

const quotedCharsMax = 200;

/** Text of the caller's for a message: printable and of bounded length. */
export function quote(text: string): string {
  const printable = text.slice(0, quotedCharsMax).replaceAll(/[^\x20-\x7e]/g, "?");
  return text.length > quotedCharsMax ? `'${printable}...'` : `'${printable}'`;
}
