import { queryContracts } from "../contract/contract.ts";

// Errors that every query service may answer ("Common Errors", IAM API Reference), and those of
// the signature check, which `sigv4` names and numbers.
const commonStatuses = {
  AccessDenied: 403,
  ExpiredToken: 403,
  IncompleteSignature: 400,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  MalformedQueryString: 404,
  MissingAction: 400,
  MissingAuthenticationToken: 403,
  MissingParameter: 400,
  RequestEntityTooLarge: 413,
  RequestExpired: 400,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
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
  readonly code: QueryErrorCode;
  readonly status: number;

  constructor(code: QueryErrorCode, message: string, options?: ErrorOptions & { status?: number }) {
    super(message, options);
    this.name = "QueryError";
    this.code = code;
    this.status = options?.status ?? statusOf(code);
  }
}

/**
 * The error of that code, to be thrown by operations and the server. `cause` goes to the log only;
 * `status` is for the few codes whose status depends on the situation.
 *
 * @example
 * throw queryError("NoSuchEntity", "The role with name Reader cannot be found.");
 */
export function queryError(
  code: QueryErrorCode,
  message: string,
  options?: { readonly cause?: unknown; readonly status?: number },
): QueryError {
  return new QueryError(code, message, options);
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
