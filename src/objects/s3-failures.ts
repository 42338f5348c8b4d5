import { failed, type Failed, type FailureKind } from "./object-store.ts";

/** What an error of the client or of the socket tells, as far as we look at it. */
type Told = {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

const kindOfName: Readonly<Record<string, FailureKind>> = {
  NoSuchBucket: "noSuchBucket",
  NoSuchKey: "noSuchKey",
  NoSuchVersion: "noSuchKey",
  PreconditionFailed: "changed",
  InvalidObjectState: "archived",
  PermanentRedirect: "wrongRegion",
  AuthorizationHeaderMalformed: "wrongRegion",
  IllegalLocationConstraintException: "wrongRegion",
  InvalidBucketName: "noSuchBucket",
  KeyTooLongError: "noSuchKey",
  KMSAccessDenied: "keyDenied",
};

const passingNames = new Set([
  "SlowDown",
  "ServiceUnavailable",
  "InternalError",
  "RequestTimeout",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TimeoutError",
]);

const timeoutCodes = new Set(["ETIMEDOUT", "ESOCKETTIMEDOUT"]);
const socketCodes = new Set([
  ...timeoutCodes,
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "EAI_AGAIN",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** A request whose answer took longer than the limit. */
export class TookTooLong extends Error {
  override readonly name = "TimeoutError";
}

/** The role that an access was to be made as gives no session; the message is for people. */
export class RoleRefused extends Error {
  override readonly name = "RoleRefused";
}

/** Is the failure one that another attempt may not meet: an overloaded server, a lost connection? */
export function isWorthARetry(error: unknown): boolean {
  const { name = "", code = "", $metadata } = error as Told;
  const status = $metadata?.httpStatusCode ?? 0;
  if (passingNames.has(name) || status === 429) return true;
  if (status >= 500 && status !== 501) return true;
  return socketCodes.has(code) || isBrokenAnswer(error);
}

/**
 * Translates what the S3 client threw. Codes: "Error responses" of the Amazon S3 API reference.
 * What is no failure of the store at all (a bug of ours, a full disk) is thrown on.
 */
export function asS3Failure(
  error: unknown,
  where: { readonly bucket: string; readonly key?: string },
  signal?: AbortSignal,
): Failed {
  if (signal?.aborted === true) return failed("aborted", where, "The request was ended.");
  if (error instanceof RoleRefused) return failed("denied", where, error.message);
  const kind = kindOf(error, where.key !== undefined);
  if (kind === undefined) throw error;
  const what = where.key === undefined ? `Bucket "${where.bucket}"` : `Object "${where.key}"`;
  return failed(kind, where, `${what}: ${reasonOf(error as Told)}`);
}

function reasonOf({ name = "Error", message = "", $metadata }: Told): string {
  const status = $metadata?.httpStatusCode;
  // What the client calls an answer without a body, as all those to HEAD are.
  const isSilent = status !== undefined && /^(unknown(error)?|\d{3})$/i.test(name);
  if (isSilent && status === 403) {
    return "the store refused access (HTTP 403). Look at the credentials that the server has for it, and at the bucket's policy.";
  }
  if (isSilent) return `the store answered HTTP ${status} and gave no reason.`;
  return `${name}${message === "" ? "" : ` (${message.slice(0, 300)})`}`;
}

function kindOf(error: unknown, isObject: boolean): FailureKind | undefined {
  const { name = "", code = "", message = "", $metadata } = error as Told;
  if (name.startsWith("KMS.") || /\bkms:/i.test(message)) return "keyDenied";
  if (name === "InvalidRequest" && /Server Side Encryption/i.test(message)) return "encrypted";
  // An agent that may not connect to where the store is.
  if (code === "ERR_EGRESS_REFUSED") return "denied";
  const named = kindOfName[name];
  if (named !== undefined) return named;
  // The client calls resets timeouts too, so the code is asked before the name.
  if (timeoutCodes.has(code)) return "timedOut";
  if (socketCodes.has(code) || isBrokenAnswer(error)) return "unreachable";
  if (name === "TimeoutError") return "timedOut";
  const status = $metadata?.httpStatusCode;
  // A HEAD request is answered without a body, so the status is all there is.
  if (status === 301) return "wrongRegion";
  if (status === 404) return isObject ? "noSuchKey" : "noSuchBucket";
  if (status === 412) return "changed";
  // Redirects are not followed: nobody has checked where they lead.
  if (status !== undefined && status >= 300 && status < 400) return "unreachable";
  if (status !== undefined && status >= 500) return "unreachable";
  if (status !== undefined && status >= 400) return status === 429 ? "unreachable" : "denied";
  if (/credential/i.test(name)) return "denied";
  return undefined;
}

/** The connection ended in the middle, or what came was no S3 answer. */
function isBrokenAnswer(error: unknown): boolean {
  const { name = "", message = "" } = error as Told;
  if (/socket hang up|aborted|Deserialization error|premature close/i.test(message)) return true;
  return name === "IncompleteBody";
}
