import { ApiError } from "./errors.ts";
import { collectIssues } from "./issues.ts";
import { parseJsonObject } from "./json.ts";
import { jsonError, toJsonError } from "./json11-errors.ts";
import type { JsonShape } from "./json11-shapes.ts";

/** What goes back to a client of AWS JSON 1.1. */
export type EncodedJsonAnswer = {
  readonly status: number;
  /** Lower-case names, as HTTP/2 demands. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/**
 * The operation that a request names: `X-Amz-Target: TrentService.CreateKey`, in a POST to `/`
 * ("AWS JSON 1.1 protocol", Smithy). The name is not known to exist.
 *
 * @throws JsonError UnknownOperationException.
 */
export function jsonTarget(
  service: string,
  request: { readonly method: string; readonly path: string; readonly target: string | undefined },
): string {
  const { method, path, target = "" } = request;
  const [named, operation, ...rest] = target.split(".");
  const isWhole = named === service && operation !== undefined && rest.length === 0;
  if (method === "POST" && path === "/" && isWhole && /^[A-Za-z]{1,64}$/.test(operation)) {
    return operation;
  }
  throw jsonError("UnknownOperationException", `X-Amz-Target must be ${service}.Operation.`);
}

/**
 * Reads a body by the shape of the operation's input, every limit checked.
 *
 * @throws JsonError SerializationException or ValidationException.
 */
export function decodeJson<T>(shape: JsonShape<T>, body: Uint8Array): T {
  const issues = collectIssues();
  const input = shape.read(parsed(body), "", issues);
  const refused = issues.toError();
  if (refused !== undefined) throw jsonError("ValidationException", refused.message);
  // Without issues everything that the shape promises has been read.
  return input as T;
}

function parsed(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return parseJsonObject(body);
  } catch (error) {
    if (error instanceof ApiError) throw jsonError("SerializationException", error.message);
    throw error;
  }
}

/** The answer of an operation; one without output answers an empty body. */
export function encodeJson(output: unknown, requestId: string): EncodedJsonAnswer {
  const body = output === undefined ? "" : JSON.stringify(plain(output));
  return answer(200, body, requestId);
}

/** The answer to a request that failed; what is no `JsonError` is a bug, and stays untold. */
export function encodeJsonError(error: unknown, requestId: string): EncodedJsonAnswer {
  const { code, status, message } = toJsonError(error, requestId);
  return answer(status, JSON.stringify({ __type: code, message }), requestId);
}

function answer(status: number, text: string, requestId: string): EncodedJsonAnswer {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": requestId };
  return { status, headers, body: Buffer.from(text) };
}

/** Times are seconds with a fraction, bytes are base64; what is undefined is left out. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}
