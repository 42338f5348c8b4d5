import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeEvent } from "./events.ts";

const ids = { conversationId: "c", userMessageId: "u", systemMessageId: "s" };

test("a text event is a delta with the ids of its message", () => {
  const line = { textEvent: { ...ids, systemMessageType: "RESPONSE", systemMessage: "Hi" } };
  assert.deepEqual(decodeEvent(line), {
    kind: "text",
    delta: "Hi",
    isGrounded: false,
    conversationId: "c",
    messageId: "s",
  });
});

test("a metadata event brings the final text and its sources, in the order of their numbers", () => {
  const source = {
    citationNumber: 2,
    title: "Leave",
    snippet: "27 days",
    url: "https://x.example",
    updatedAt: 1767600000.5,
    textMessageSegments: [{ beginOffset: 0, endOffset: 5, snippetExcerpt: { text: "27" } }],
  };
  const line = {
    metadataEvent: {
      ...ids,
      finalTextMessage: "27 days",
      sourceAttributions: [source, { citationNumber: 1 }],
    },
  };
  const event = decodeEvent(line);
  assert.ok(event?.kind === "final");
  assert.deepEqual(event.sources[1], {
    number: 2,
    title: "Leave",
    snippet: "27 days",
    url: "https://x.example",
    updatedAt: new Date(1767600000500),
    segments: [{ beginOffset: 0, endOffset: 5, excerpt: "27" }],
  });
  assert.equal(event.sources[0]?.title, "Untitled document");
});

test("a source without a usable number gets its place, a segment without a usable end is left out", () => {
  const segments = [{ endOffset: -1 }, { endOffset: "4" }, { endOffset: Number.NaN }, {}, null];
  const sourceAttributions = [{ citationNumber: 0.5, textMessageSegments: segments }];
  const event = decodeEvent({ metadataEvent: { sourceAttributions } });
  assert.ok(event?.kind === "final");
  assert.equal(event.sources[0]?.number, 1);
  assert.deepEqual(event.sources[0]?.segments, []);
});

test("an error keeps its name and message", () => {
  const error = { name: "ThrottlingException", message: "Slow down" };
  assert.deepEqual(decodeEvent({ error }), { kind: "error", ...error });
});

test("an event of an unknown kind is passed over", () => {
  assert.equal(decodeEvent({ actionReviewEvent: {} }), undefined);
  assert.equal(decodeEvent(null), undefined);
});

test("no line can break the reading", () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom("textEvent", "metadataEvent", "error"),
      (value, name) => {
        decodeEvent(value);
        decodeEvent({ [name]: value });
        decodeEvent({ metadataEvent: { sourceAttributions: [value], finalTextMessage: value } });
      },
    ),
  );
});
