import { operations } from "../contract/contract.ts";
import type { OperationName, OutputOf } from "../contract/contract.ts";
import { ApiError, apiError, isModelled } from "./errors.ts";
import { structureEncoder } from "./value-encoder.ts";

/** What goes back to the client, apart from the headers that every answer has. */
export type EncodedError = {
  readonly status: number;
  /** Lower-case names, as HTTP/2 demands. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** The JSON of an operation's output. A value that is not of the contract's type is a bug. */
export function encodeOutput<Name extends Exclude<OperationName, "Chat">>(
  operation: Name,
  output: OutputOf<Name>,
): string {
  return JSON.stringify(structureEncoder(operations[operation].output)(output));
}

/**
 * The answer to a request that failed. The name travels in the header `x-amzn-errortype` and again
 * as `__type` in the body, for clients differ in where they look. What is no `ApiError` is a bug
 * of ours: the client learns the request id and nothing else.
 */
export function encodeError(error: unknown, requestId: string): EncodedError {
  const { name, status, members } = toApiError(error, requestId);
  const fields = isModelled(name) ? structureEncoder(name)(members) : { message: members.message };
  return {
    status,
    headers: {
      "content-type": "application/json",
      "x-amzn-errortype": name,
      "x-amzn-requestid": requestId,
    },
    body: Buffer.from(JSON.stringify({ __type: name, ...(fields as object) })),
  };
}

/** The error itself if it is meant for clients, else an InternalServerException without detail. */
export function toApiError(error: unknown, requestId: string): ApiError {
  if (error instanceof ApiError) return error;
  const message = `The server failed to answer this request; the operator finds it in the log as ${requestId}.`;
  return apiError("InternalServerException", { message }, { cause: error });
}
