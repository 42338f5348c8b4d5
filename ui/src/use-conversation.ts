import { useReducer, useRef } from "preact/hooks";
import {
  applyChange,
  emptyConversation,
  failureOf,
  threadOf,
  type Conversation,
  type Failure,
} from "./conversation.ts";
import { NotReached, Refused, SessionOver, type Tier } from "./tier.ts";

export type Asking = {
  readonly conversation: Conversation;
  readonly isStreaming: boolean;
  readonly ask: (question: string) => void;
  readonly askAgain: (id: number) => void;
  readonly stop: () => void;
  readonly clear: () => void;
};

/** The conversation and its one running answer. `onSessionOver` is called when the server ends the session. */
export function useConversation(tier: Tier, onSessionOver: () => void): Asking {
  const [conversation, change] = useReducer(applyChange, emptyConversation);
  const running = useRef<AbortController | undefined>(undefined);
  const isStreaming = conversation.turns.some(({ status }) => status === "streaming");

  const run = async (id: number, message: string): Promise<void> => {
    const controller = new AbortController();
    running.current = controller;
    try {
      for await (const event of tier.ask(
        { message, ...threadOf(conversation) },
        controller.signal,
      )) {
        change({ kind: "event", id, event });
        if (event.kind === "error" && event.name === "ExpiredSession") onSessionOver();
      }
      change({ kind: "end", id });
    } catch (error) {
      if (controller.signal.aborted) return;
      if (error instanceof SessionOver) onSessionOver();
      change({ kind: "fail", id, failure: failureFrom(error) });
    }
  };
  const stop = (): void => {
    running.current?.abort();
    for (const { id } of conversation.turns) change({ kind: "stop", id });
  };

  return {
    conversation,
    isStreaming,
    ask(question) {
      if (isStreaming) return;
      change({ kind: "ask", question });
      void run(conversation.nextId, question);
    },
    askAgain(id) {
      const turn = conversation.turns.find((turn) => turn.id === id);
      if (turn === undefined || isStreaming) return;
      change({ kind: "again", id });
      void run(conversation.nextId, turn.question);
    },
    stop,
    clear() {
      stop();
      change({ kind: "clear" });
    },
  };
}

function failureFrom(error: unknown): Failure {
  if (error instanceof SessionOver) {
    return failureOf({ name: "ExpiredSession", message: error.message });
  }
  if (error instanceof NotReached) {
    return { kind: "offline", message: "The server could not be reached. Check your connection." };
  }
  if (error instanceof Refused) return failureOf(error);
  console.error(error);
  return failureOf({ name: "", message: "" });
}
