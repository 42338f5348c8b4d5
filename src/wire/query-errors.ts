import { queryContracts } from "../contract/contract.ts";

// Errors that every query service may answer ("Common Errors", IAM API Reference). Those of the
// signature check are named and numbered by `sigv4`.
const commonStatuses = {
  AccessDenied: 403,
  InternalFailure: 500,
  InvalidAction: 400,
  MalformedQueryString: 404,
  MissingAction: 400,
  RequestEntityTooLarge: 413,
  ServiceUnavailable: 503,
  Throttling: 400,
  ValidationError: 400,
} as const;

/** Errors of IAM's and STS's own models, by the code on the wire. */
export type ModelledQueryCode =
  | "ConcurrentModification"
  | "DeleteConflict"
  | "EntityAlreadyExists"
  | "EntityTemporarilyUnmodifiable"
  | "ExpiredTokenException"
  | "IDPCommunicationError"
  | "IDPRejectedClaim"
  | "InvalidAuthorizationMessageException"
  | "InvalidIdentityToken"
  | "InvalidInput"
  | "LimitExceeded"
  | "MalformedPolicyDocument"
  | "NoSuchEntity"
  | "PackedPolicyTooLarge"
  | "PolicyEvaluation"
  | "PolicyNotAttachable"
  | "RegionDisabledException"
  | "ServiceFailure"
  | "UnmodifiableEntity";

/** Code of an error that a query service can answer. */
export type QueryErrorCode = keyof typeof commonStatuses | ModelledQueryCode;

/** A refusal on its way to a client of a query service. Made by `queryError`. */
export class QueryError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(
    { code, status }: { readonly code: string; readonly status: number },
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = "QueryError";
    this.code = code;
    this.status = status;
  }
}

/**
 * The error of that code, to be thrown by operations and the server. `cause` goes to the log only.
 *
 * @example
 * throw queryError("NoSuchEntity", "The role with name Reader cannot be found.");
 */
export function queryError(
  code: QueryErrorCode,
  message: string,
  options?: { readonly cause?: unknown },
): QueryError {
  return new QueryError({ code, status: statusOf(code) }, message, options);
}

/** A refusal of the signature check (`nameRefusal(refusal, "query")`), which is named already. */
export function queryRefusal(refusal: {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}): QueryError {
  return new QueryError(refusal, refusal.message);
}

/** The error itself if it is meant for clients, else an InternalFailure without detail. */
export function toQueryError(error: unknown, requestId: string): QueryError {
  if (error instanceof QueryError) return error;
  const message = `The server failed to answer this request; the operator finds it in the log as ${requestId}.`;
  return queryError("InternalFailure", message, { cause: error });
}

function statusOf(code: QueryErrorCode): number {
  if (code in commonStatuses) return commonStatuses[code as keyof typeof commonStatuses];
  const status = queryContracts.iam.errors[code] ?? queryContracts.sts.errors[code];
  if (status === undefined) throw new Error(`No service answers ${code}.`);
  return status;
}
