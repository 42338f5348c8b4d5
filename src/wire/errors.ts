import { exceptions } from "../contract/contract.ts";
import type { ErrorTypes, OperationName } from "../contract/contract.ts";

// Answers of the front door, which stand outside the service's model. Names and statuses:
// AWS General Reference, "Common error types", and what SDKs look for when they correct a clock.
const frontDoorStatuses = {
  ExpiredTokenException: 403,
  IncompleteSignatureException: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  RequestEntityTooLargeException: 413,
  RequestExpired: 403,
  UnrecognizedClientException: 403,
} as const;

type FrontDoorName = keyof typeof frontDoorStatuses;

/** Name of an error that can leave the server. */
export type ErrorName = keyof ErrorTypes | FrontDoorName;

/** The members of an error's body; the front door's errors have a message only. */
export type ErrorMembers<Name extends ErrorName> = Name extends keyof ErrorTypes
  ? ErrorTypes[Name]
  : { readonly message: string };

/** A refusal on its way to the client. Made by `apiError`. */
export class ApiError extends Error {
  override readonly name: ErrorName;
  readonly status: number;
  /** Body members, `message` among them. */
  readonly members: { readonly message: string };

  constructor(
    name: ErrorName,
    members: { readonly message: string },
    options?: { readonly cause?: unknown },
  ) {
    super(members.message, options);
    this.name = name;
    this.status = isModelled(name) ? exceptions[name].status : frontDoorStatuses[name];
    this.members = members;
  }
}

/**
 * The error of that name, to be thrown by operations and the server; its members are checked by
 * the compiler. `cause` goes to the log only.
 *
 * @example
 * throw apiError("ConflictException", {
 *   message: "The index is still being created.", resourceId: indexId, resourceType: "INDEX",
 * });
 */
export function apiError<Name extends ErrorName>(
  name: Name,
  members: ErrorMembers<Name>,
  options?: { readonly cause?: unknown },
): ApiError {
  return new ApiError(name, members, options);
}

/** Whether an error's name is in the service's model. */
export function isModelled(name: ErrorName): name is keyof ErrorTypes {
  return Object.hasOwn(exceptions, name);
}

/** ValidationException for bytes that are no request at all. */
export function cannotParse(message: string): ApiError {
  return apiError("ValidationException", { message, reason: "CANNOT_PARSE" });
}

/**
 * The answer to an operation that the contract has and Quarry does not have yet. It is modelled,
 * not a plain 501: SDKs show its name and text, and do not try again.
 */
export function notImplemented(operation: OperationName): ApiError {
  return apiError("ValidationException", {
    message: `Quarry does not implement ${operation} yet; see docs/compatibility.md.`,
    reason: "UNKNOWN_OPERATION",
  });
}

/** The answer to a path that is no operation's. */
export function unknownOperation(): ApiError {
  return apiError("ValidationException", {
    message: "No operation of the service has this method and path.",
    reason: "UNKNOWN_OPERATION",
  });
}
