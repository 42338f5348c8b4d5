// The conversation on the page as a value, and what changes it. No effects here.
import type { AnswerEvent, Source } from "./events.ts";

/** What went wrong, told by what the reader can do about it. */
export type Failure = {
  readonly kind: "busy" | "offline" | "lost" | "expired" | "broken";
  readonly message: string;
};

/** One question and its answer. `text` is what is shown; after `done` it is the final text. */
export type Turn = {
  readonly id: number;
  readonly question: string;
  readonly status: "streaming" | "done" | "stopped" | "failed";
  readonly text: string;
  readonly isGrounded: boolean;
  readonly conversationId: string | undefined;
  readonly messageId: string | undefined;
  readonly sources: readonly Source[];
  readonly failure: Failure | undefined;
};

export type Conversation = { readonly turns: readonly Turn[]; readonly nextId: number };

export type Change =
  | { readonly kind: "ask"; readonly question: string }
  | { readonly kind: "again"; readonly id: number }
  | { readonly kind: "event"; readonly id: number; readonly event: AnswerEvent }
  | { readonly kind: "end" | "stop"; readonly id: number }
  | { readonly kind: "fail"; readonly id: number; readonly failure: Failure }
  | { readonly kind: "clear" };

// Ids go on counting after a clear, so that a late event of an old answer finds no turn.
export const emptyConversation: Conversation = { turns: [], nextId: 1 };

const brokenOff: Failure = {
  kind: "broken",
  message: "The answer broke off before it was complete.",
};

/** The conversation after a change. A change for a turn that is over or gone does nothing. */
export function applyChange(conversation: Conversation, change: Change): Conversation {
  switch (change.kind) {
    case "clear":
      return { turns: [], nextId: conversation.nextId };
    case "ask":
      return append(conversation, change.question);
    case "again": {
      const failed = conversation.turns.find(({ id }) => id === change.id);
      if (failed === undefined || failed.status === "streaming") return conversation;
      const turns = conversation.turns.filter((turn) => turn !== failed);
      return append({ ...conversation, turns }, failed.question);
    }
    case "event":
      return update(conversation, change.id, (turn) => applyEvent(turn, change.event));
    case "end":
      return update(conversation, change.id, (turn) => fail(turn, brokenOff));
    case "stop":
      return update(conversation, change.id, (turn) => ({ ...turn, status: "stopped" }));
    case "fail":
      return update(conversation, change.id, (turn) => fail(turn, change.failure));
  }
}

function append(conversation: Conversation, question: string): Conversation {
  const turn: Turn = {
    id: conversation.nextId,
    question,
    status: "streaming",
    text: "",
    isGrounded: false,
    conversationId: undefined,
    messageId: undefined,
    sources: [],
    failure: undefined,
  };
  return { turns: [...conversation.turns, turn], nextId: conversation.nextId + 1 };
}

function update(
  conversation: Conversation,
  id: number,
  change: (turn: Turn) => Turn,
): Conversation {
  const turns = conversation.turns.map((turn) =>
    turn.id === id && turn.status === "streaming" ? change(turn) : turn,
  );
  return { ...conversation, turns };
}

function applyEvent(turn: Turn, event: AnswerEvent): Turn {
  switch (event.kind) {
    case "error":
      return fail(turn, failureOf(event));
    case "text": {
      // The corrected message comes after the first one and replaces it.
      const isReplaced = event.isGrounded && !turn.isGrounded;
      return {
        ...turn,
        text: isReplaced ? event.delta : turn.text + event.delta,
        isGrounded: turn.isGrounded || event.isGrounded,
        conversationId: event.conversationId ?? turn.conversationId,
        messageId: event.messageId ?? turn.messageId,
      };
    }
    case "final":
      return {
        ...turn,
        status: "done",
        text: event.text ?? turn.text,
        sources: event.sources,
        conversationId: event.conversationId ?? turn.conversationId,
        messageId: event.messageId ?? turn.messageId,
      };
  }
}

function fail(turn: Turn, failure: Failure): Turn {
  return { ...turn, status: "failed", failure };
}

/** What an error of the service means for the reader. */
export function failureOf({
  name,
  message,
}: {
  readonly name: string;
  readonly message: string;
}): Failure {
  switch (name) {
    case "ThrottlingException":
      return {
        kind: "busy",
        message: "Too many questions at once. Wait a moment, then try again.",
      };
    case "ResourceNotFoundException":
      return { kind: "lost", message: message || "This conversation no longer exists." };
    case "ExpiredSession":
      return { kind: "expired", message: message || "This session has ended." };
    case "AccessDeniedException":
      return { kind: "broken", message: message || "This site is not allowed to answer." };
    case "ValidationException":
      return { kind: "broken", message: message || "This question could not be read." };
    default:
      return {
        kind: "broken",
        message: "Something went wrong while answering. It is not your fault.",
      };
  }
}

/** The ids that let the next question follow the last complete answer. */
export function threadOf({ turns }: Conversation): {
  readonly conversationId?: string;
  readonly parentMessageId?: string;
} {
  const last = turns.findLast(({ status }) => status === "done");
  if (last?.conversationId === undefined || last.messageId === undefined) return {};
  return { conversationId: last.conversationId, parentMessageId: last.messageId };
}
