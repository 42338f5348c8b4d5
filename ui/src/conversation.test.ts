import assert from "node:assert/strict";
import { test } from "node:test";
import { announcementOf } from "./announcement.ts";
import {
  applyChange,
  emptyConversation,
  failureOf,
  threadOf,
  type Change,
  type Conversation,
} from "./conversation.ts";
import type { AnswerEvent } from "./events.ts";

const ids = { conversationId: "c1", messageId: "m1" };

function after(...changes: readonly Change[]): Conversation {
  return changes.reduce(applyChange, emptyConversation);
}

function delta(text: string, isGrounded = false): AnswerEvent {
  return { kind: "text", delta: text, isGrounded, ...ids };
}

const ask: Change = { kind: "ask", question: "Why?" };
const final: AnswerEvent = { kind: "final", text: "Because.", sources: [], ...ids };

function event(event: AnswerEvent, id = 1): Change {
  return { kind: "event", id, event };
}

test("deltas add up, and the final text is what counts", () => {
  assert.equal(after(ask, event(delta("Be")), event(delta("cau"))).turns[0]?.text, "Becau");
  const turn = after(ask, event(delta("Generating")), event(final)).turns[0];
  assert.equal(turn?.text, "Because.");
  assert.equal(turn?.status, "done");
});

test("a final event without text leaves the deltas", () => {
  const change = event({ ...final, text: undefined });
  assert.equal(after(ask, event(delta("Be.")), change).turns[0]?.text, "Be.");
});

test("a grounded message replaces the first one", () => {
  const changes = [event(delta("Wrong")), event(delta("Ri", true)), event(delta("ght", true))];
  assert.equal(after(ask, ...changes).turns[0]?.text, "Right");
});

test("the next question follows the last complete answer", () => {
  const first = [ask, event(final)];
  const thread = { conversationId: "c1", parentMessageId: "m1" };
  assert.deepEqual(threadOf(after(...first)), thread);
  assert.deepEqual(threadOf(after(...first, ask, { kind: "stop", id: 2 })), thread);
  assert.deepEqual(threadOf(after(ask, event(delta("Be")))), {});
  assert.deepEqual(threadOf(after(...first, { kind: "clear" })), {});
});

test("a stream that ends without its final event has broken off", () => {
  const turn = after(ask, event(delta("Be")), { kind: "end", id: 1 }).turns[0];
  assert.equal(turn?.status, "failed");
  assert.match(turn?.failure?.message ?? "", /broke off/);
  assert.equal(after(ask, event(final), { kind: "end", id: 1 }).turns[0]?.status, "done");
});

test("an error in the stream keeps what was read and says what happened", () => {
  const error: AnswerEvent = { kind: "error", name: "ThrottlingException", message: "x" };
  const turn = after(ask, event(delta("Be")), event(error)).turns[0];
  assert.equal(turn?.text, "Be");
  assert.equal(turn?.failure?.kind, "busy");
});

test("what comes after the end of an answer changes nothing", () => {
  const stopped = after(ask, event(delta("Be")), { kind: "stop", id: 1 });
  assert.deepEqual(applyChange(stopped, event(final)), stopped);
  assert.deepEqual(applyChange(stopped, { kind: "end", id: 1 }), stopped);
});

test("an answer that arrives after a new beginning finds no turn", () => {
  const cleared = after(ask, { kind: "clear" }, ask, event(final, 1));
  assert.equal(cleared.turns.length, 1);
  assert.equal(cleared.turns[0]?.status, "streaming");
});

test("asking again puts the question at the end and drops the failed turn", () => {
  const failed = after(ask, { kind: "end", id: 1 });
  const again = applyChange(failed, { kind: "again", id: 1 });
  assert.deepEqual(
    again.turns.map(({ id, question, status }) => ({ id, question, status })),
    [{ id: 2, question: "Why?", status: "streaming" }],
  );
  assert.equal(applyChange(again, { kind: "again", id: 2 }), again, "a running answer stays");
  assert.equal(applyChange(again, { kind: "again", id: 9 }), again, "an unknown one too");
});

test("each error of the service tells what the reader can do", () => {
  const kinds = {
    ThrottlingException: "busy",
    ResourceNotFoundException: "lost",
    ExpiredSession: "expired",
    ValidationException: "broken",
    InternalServerException: "broken",
  };
  for (const [name, kind] of Object.entries(kinds)) {
    const failure = failureOf({ name, message: "" });
    assert.equal(failure.kind, kind, name);
    assert.notEqual(failure.message, "", name);
  }
});

test("inner details of an unknown error are not shown", () => {
  const { message } = failureOf({
    name: "InternalServerException",
    message: "db.sqlite is locked",
  });
  assert.doesNotMatch(message, /sqlite/);
});

test("a screen reader hears the beginning and the whole end, not each word", () => {
  const announced = (...changes: readonly Change[]): string =>
    announcementOf(after(...changes).turns[0]);
  assert.equal(announced(), "");
  assert.equal(announced(ask), "Answering.");
  assert.equal(announced(ask, event(delta("Be"))), "Answering.");
  assert.equal(announced(ask, event({ ...final, text: "**Yes.**" })), "Answer: Yes. No sources.");
  assert.equal(announced(ask, { kind: "stop", id: 1 }), "Stopped.");
});
