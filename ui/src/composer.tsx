import type { RefObject, VNode } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { Icon } from "./icons.tsx";

const questionCharsMax = 7000;
const counterFrom = 6500;

/**
 * Where the question is written. Enter sends, Shift+Enter begins a line. While an answer arrives the field is
 * read-only rather than disabled: a disabled field would throw the keyboard's place away.
 */
export function Composer(props: {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly isStreaming: boolean;
  readonly blockedBecause: string | undefined;
  readonly isFollowUp: boolean;
  readonly onAsk: (question: string) => void;
  readonly onStop: () => void;
}): VNode {
  const { field, isStreaming, blockedBecause } = props;
  const [text, setText] = useState("");
  const isBlocked = blockedBecause !== undefined;
  const isLong = text.length >= counterFrom;
  const canSend = !isStreaming && !isBlocked && text.trim() !== "";

  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  // Where there is a keyboard, one can write at once. On a phone the screen's keyboard would hide half of the
  // page, and inside another site the page must not take the keyboard away.
  useEffect(() => {
    const hasKeyboard = window.matchMedia("(pointer: fine)").matches;
    if (hasKeyboard && window.top === window) field.current?.focus({ preventScroll: true });
  }, [field]);

  const send = (): void => {
    if (!canSend) return;
    props.onAsk(text.trim());
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && isStreaming) props.onStop();
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      class={isBlocked ? "composer blocked" : "composer"}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label class="unseen" for="question">
        Your question
      </label>
      <textarea
        id="question"
        ref={field}
        rows={1}
        value={text}
        maxLength={questionCharsMax}
        placeholder={props.isFollowUp ? "Ask a follow-up" : "Ask a question"}
        aria-describedby="composer-hint"
        readOnly={isStreaming || isBlocked}
        aria-disabled={isStreaming || isBlocked}
        enterkeyhint="send"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {isStreaming ? (
        <button
          key="stop"
          type="button"
          class="send"
          aria-label="Stop answering"
          // The second half of a double click on "Send" lands here, and means nothing.
          onClick={(event) => {
            if (event.detail < 2) props.onStop();
          }}
        >
          <Icon shape="stop" />
        </button>
      ) : (
        <button key="send" type="submit" class="send" aria-label="Send" aria-disabled={!canSend}>
          <Icon shape="send" />
        </button>
      )}
      <p id="composer-hint" class={isLong ? "composer-note" : "unseen"}>
        {isLong
          ? `${text.length} of ${questionCharsMax} characters`
          : (blockedBecause ?? "Enter sends, Shift and Enter begin a new line.")}
      </p>
    </form>
  );
}
