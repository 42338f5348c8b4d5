import { ApiError } from "../wire/wire.ts";
import { headerOf, type Incoming, type Outgoing } from "./exchange.ts";
import { refusal } from "./page-answer.ts";
import { type BodyBudget, readBody } from "./read-body.ts";
import { isJson } from "./web-same-origin.ts";

const sizeBytesMax = 64 * 1024;

/** The members of a JSON object, none of them looked at yet. */
export type WebBody = Readonly<Record<string, unknown>>;

/** Reads the small JSON object that a page posts, or says why it is none. */
export async function readWebBody(
  incoming: Incoming,
  budget: BodyBudget,
): Promise<{ readonly body: WebBody } | { readonly refused: Outgoing }> {
  if (!isJson(incoming)) return refuse(415, "The body must be application/json.");
  const declared = Number(headerOf(incoming, "content-length") ?? Number.NaN);
  const declaredBytes = Number.isSafeInteger(declared) && declared >= 0 ? declared : undefined;
  try {
    const read = await readBody(incoming.body, { sizeBytesMax, declaredBytes, budget });
    const value = parse(read.bytes);
    read.release();
    if (value === undefined) return refuse(400, "The body must be a JSON object.");
    return { body: value };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.name === "RequestEntityTooLargeException") {
      return refuse(413, `The body is larger than ${sizeBytesMax / 1024} KiB.`);
    }
    return { refused: refusal(error.status, error, { "retry-after": "2" }) };
  }
}

function refuse(status: number, message: string): { readonly refused: Outgoing } {
  return { refused: refusal(status, { name: "ValidationException", message }) };
}

function parse(bytes: Uint8Array): WebBody | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as WebBody) : undefined;
  } catch {
    return undefined;
  }
}
