import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeChatInputEvent, encodeChatOutputEvent, encodeStreamError } from "./chat-events.ts";
import { ApiError, apiError } from "./errors.ts";
import type { HeaderValue } from "./frame-headers.ts";
import { decodeFrame, encodeFrame } from "./frames.ts";
import type { Frame } from "./frames.ts";
import { encodeDateHeader, isSignedFrame, unwrapSignedFrame } from "./signed-frame.ts";

const text = (value: string): HeaderValue => ({ type: "string", value });

function event(type: string, payload: string, messageType = "event"): Frame {
  const headers = new Map([
    [":message-type", text(messageType)],
    [":event-type", text(type)],
    [":content-type", text("application/json")],
  ]);
  return { headers, payload: Buffer.from(payload) };
}

function textsOf(frame: Frame): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...frame.headers].map(([name, { value }]) => [name, value]));
}

test("each event of a chat request gets its type", () => {
  assert.deepEqual(decodeChatInputEvent(event("textEvent", '{"userMessage":"Grüße 😀"}')), {
    textEvent: { userMessage: "Grüße 😀" },
  });
  assert.deepEqual(decodeChatInputEvent(event("endOfInputEvent", "{}")), { endOfInputEvent: {} });
  assert.deepEqual(decodeChatInputEvent(event("endOfInputEvent", "")), { endOfInputEvent: {} });
  const attachment = decodeChatInputEvent(
    event("attachmentEvent", '{"attachment":{"name":"a","data":"AAA="}}'),
  );
  assert.deepEqual(attachment?.attachmentEvent?.attachment?.data, Buffer.from([0, 0]));
});

test("an event of a type that the contract does not have is ignored", () => {
  assert.equal(decodeChatInputEvent(event("futureEvent", "not even JSON")), undefined);
  assert.equal(decodeChatInputEvent(event("toString", "{}")), undefined);
});

test("an event that breaks the contract is refused with the field's name", () => {
  for (const [type, payload, words] of [
    ["textEvent", "{}", /'inputStream\.textEvent\.userMessage'.*must not be null/],
    [
      "configurationEvent",
      '{"chatMode":"X"}',
      /'inputStream\.configurationEvent\.chatMode'.*enum value set/,
    ],
    ["textEvent", "[]", /must be a JSON object/],
    ["textEvent", "{", /not valid JSON/],
  ] as const) {
    assert.throws(() => decodeChatInputEvent(event(type, payload)), words);
  }
});

test("a message that is no event is refused", () => {
  assert.throws(() => decodeChatInputEvent(event("textEvent", "{}", "exception")), ApiError);
  assert.throws(
    () => decodeChatInputEvent({ headers: new Map(), payload: Buffer.alloc(0) }),
    ApiError,
  );
  const headers = new Map<string, HeaderValue>([
    [":message-type", text("event")],
    [":event-type", { type: "integer", value: 1 }],
  ]);
  assert.throws(() => decodeChatInputEvent({ headers, payload: Buffer.alloc(0) }), ApiError);
});

test("decoding events throws nothing but ApiError, whatever the payload", () => {
  const types = fc.constantFrom(
    "configurationEvent",
    "textEvent",
    "attachmentEvent",
    "actionExecutionEvent",
  );
  fc.assert(
    fc.property(types, fc.oneof(fc.json(), fc.string()), (type, payload) => {
      try {
        decodeChatInputEvent(event(type, payload));
      } catch (error) {
        assert.ok(error instanceof ApiError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test("an event of an answer is one plain message", () => {
  const frame = decodeFrame(encodeChatOutputEvent({ textEvent: { systemMessage: "Hi 😀" } }));
  assert.deepEqual(textsOf(frame), {
    ":message-type": "event",
    ":event-type": "textEvent",
    ":content-type": "application/json",
  });
  assert.equal(frame.payload.toString(), '{"systemMessage":"Hi 😀"}');
});

test("an answer that fails in the middle ends with the error form", () => {
  const frame = decodeFrame(
    encodeStreamError(apiError("ThrottlingException", { message: "slow down" }), "r"),
  );
  assert.deepEqual(textsOf(frame), {
    ":message-type": "error",
    ":error-code": "ThrottlingException",
    ":error-message": "slow down",
  });
  const bug = decodeFrame(encodeStreamError(new Error("secret"), "request-5"));
  assert.equal(textsOf(bug)[":error-code"], "InternalServerException");
  assert.match(String(textsOf(bug)[":error-message"]), /request-5/);
  assert.doesNotMatch(String(textsOf(bug)[":error-message"]), /secret/);
});

test("a signed frame comes apart into date, signature, the signed header and the message", () => {
  const inner = encodeFrame(event("textEvent", '{"userMessage":"x"}'));
  const date = new Date("2026-01-02T03:04:05Z");
  const signature = Buffer.alloc(32, 7);
  const headers = new Map<string, HeaderValue>([
    [":date", { type: "timestamp", value: date }],
    [":chunk-signature", { type: "binary", value: signature }],
  ]);
  const outer = decodeFrame(encodeFrame({ headers, payload: inner }));
  assert.ok(isSignedFrame(outer));
  const unwrapped = unwrapSignedFrame(outer);
  assert.deepEqual(unwrapped.date, date);
  assert.deepEqual(unwrapped.signature, signature);
  assert.deepEqual(unwrapped.dateHeader, encodeDateHeader(date));
  assert.equal(unwrapped.dateHeader.toString("hex"), "053a64617465080000019b7ca98c88");
  assert.deepEqual(decodeFrame(unwrapped.payload), decodeFrame(inner));
});

test("a frame without a proper date and signature is no signed frame", () => {
  const payload = Buffer.alloc(0);
  const date: HeaderValue = { type: "timestamp", value: new Date(0) };
  const signature: HeaderValue = { type: "binary", value: Buffer.alloc(32) };
  const wrong: readonly (readonly (readonly [string, HeaderValue])[])[] = [
    [],
    [[":date", date]],
    [[":chunk-signature", signature]],
    [
      [":date", text("2026")],
      [":chunk-signature", signature],
    ],
    [
      [":date", date],
      [":chunk-signature", { type: "binary", value: Buffer.alloc(31) }],
    ],
    [
      [":date", date],
      [":chunk-signature", signature],
      ["x", text("y")],
    ],
  ];
  for (const headers of wrong) {
    assert.throws(() => unwrapSignedFrame({ headers: new Map(headers), payload }), ApiError);
  }
  assert.ok(!isSignedFrame(event("textEvent", "{}")));
});
