import assert from "node:assert/strict";
import { structureOf } from "../contract/contract.ts";
import type { ChatInputStream, ChatOutputStream } from "../contract/contract.ts";
import { toApiError } from "./encode-output.ts";
import { cannotParse } from "./errors.ts";
import { encodeFrame } from "./frames.ts";
import type { Frame } from "./frames.ts";
import type { HeaderValue } from "./frame-headers.ts";
import { collectIssues } from "./issues.ts";
import { parseJsonObject } from "./json.ts";
import { structureDecoder } from "./value-decoder.ts";
import { structureEncoder } from "./value-encoder.ts";

const inputEvents = structureOf("ChatInputStream").members;

/**
 * Decodes and validates one event of a Chat request, already out of its signed frame. Undefined
 * for an event type that the contract does not know: those are ignored. Throws
 * ValidationException like `decodeInput`. Source: API reference, "ChatInputStream".
 */
export function decodeChatInputEvent({ headers, payload }: Frame): ChatInputStream | undefined {
  const type = textOf(headers.get(":message-type"));
  const event = textOf(headers.get(":event-type"));
  if (type !== "event" || event === undefined) {
    throw cannotParse("The event stream holds a message that is no event.");
  }
  if (!Object.hasOwn(inputEvents, event)) return undefined;
  const issues = collectIssues();
  const decode = structureDecoder("ChatInputStream");
  const decoded = decode({ [event]: parseJsonObject(payload) }, "inputStream", issues);
  const error = issues.toError();
  if (error !== undefined) throw error;
  return decoded as ChatInputStream;
}

/** The bytes of one event of a Chat answer. */
export function encodeChatOutputEvent(event: ChatOutputStream): Buffer {
  const encoded = structureEncoder("ChatOutputStream")(event) as Readonly<Record<string, unknown>>;
  const [entry] = Object.entries(encoded);
  assert.ok(entry !== undefined);
  return encodeFrame({
    headers: textHeaders({
      ":message-type": "event",
      ":event-type": entry[0],
      ":content-type": "application/json",
    }),
    payload: Buffer.from(JSON.stringify(entry[1])),
  });
}

/**
 * The last message of a Chat answer that fails after its first event. The `error` form is used,
 * not `exception`: the output stream models no exceptions, and only this form brings an error's
 * name and text to the client unchanged.
 */
export function encodeStreamError(error: unknown, requestId: string): Buffer {
  const { name, message } = toApiError(error, requestId);
  return encodeFrame({
    headers: textHeaders({
      ":message-type": "error",
      ":error-code": name,
      ":error-message": message.slice(0, 2048).toWellFormed(),
    }),
    payload: Buffer.alloc(0),
  });
}

function textHeaders(texts: Readonly<Record<string, string>>): ReadonlyMap<string, HeaderValue> {
  return new Map(Object.entries(texts).map(([name, value]) => [name, { type: "string", value }]));
}

function textOf(header: HeaderValue | undefined): string | undefined {
  return header?.type === "string" ? header.value : undefined;
}
