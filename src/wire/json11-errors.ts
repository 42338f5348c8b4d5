/**
 * A refusal on its way to a client of a service that speaks AWS JSON 1.1. The code travels in
 * `__type`; almost all of them are HTTP 400, also denials ("Common Errors", AWS KMS API Reference).
 */
export class JsonError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(
    code: string,
    message: string,
    options: { readonly status: number; readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = "JsonError";
    this.code = code;
    this.status = options.status;
  }
}

/** Errors that every service of the protocol may answer. */
export type CommonJsonCode =
  | "AccessDeniedException"
  | "SerializationException"
  | "UnknownOperationException"
  | "UnsupportedOperationException"
  | "ValidationException";

/** Errors of the KMS model, by the code on the wire. */
export type KmsErrorCode =
  | "AlreadyExistsException"
  | "DisabledException"
  | "DryRunOperationException"
  | "IncorrectKeyException"
  | "InvalidAliasNameException"
  | "InvalidArnException"
  | "InvalidCiphertextException"
  | "InvalidGrantIdException"
  | "InvalidGrantTokenException"
  | "InvalidKeyUsageException"
  | "InvalidMarkerException"
  | "KMSInvalidStateException"
  | "LimitExceededException"
  | "MalformedPolicyDocumentException"
  | "NotFoundException"
  | "TagException";

/** The error of that code, to be thrown by operations and the server. */
export function jsonError(code: CommonJsonCode | KmsErrorCode, message: string): JsonError {
  return new JsonError(code, message, { status: 400 });
}

/** The error itself if it is meant for clients, else one without detail. */
export function toJsonError(error: unknown, requestId: string): JsonError {
  if (error instanceof JsonError) return error;
  const message = `The server failed to answer this request; the operator finds it in the log as ${requestId}.`;
  return new JsonError("KMSInternalException", message, { status: 500, cause: error });
}
