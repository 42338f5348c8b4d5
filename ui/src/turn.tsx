import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { AnswerText, type OpenSource } from "./answer-text.tsx";
import { citationMarks, placeCitations } from "./citations.ts";
import type { Failure, Turn } from "./conversation.ts";
import { CopyButton } from "./copy.tsx";
import { FeedbackButtons } from "./feedback.tsx";
import { Icon } from "./icons.tsx";
import { parseMarkdown } from "./markdown.ts";
import { Sources } from "./sources.tsx";
import type { Feedback } from "./tier.ts";

export type TurnActions = {
  readonly onOpen: OpenSource;
  readonly onAgain: () => void;
  readonly onNew: () => void;
  readonly onFeedback: (feedback: Feedback) => Promise<void>;
};

/** A question longer than this is not set as a heading of a page: its answer would be out of sight. */
const headingCharsMax = 280;

/** A question with its answer, set like a section of a text: heading, body, notes. */
export function TurnView({ turn, ...actions }: TurnActions & { readonly turn: Turn }): VNode {
  const { text, sources, status } = turn;
  const blocks = useMemo(() => {
    const parsed = parseMarkdown(text);
    return status === "done" ? placeCitations(parsed, citationMarks(text, sources)) : parsed;
  }, [text, sources, status]);
  const headingId = `question-${turn.id}`;
  const isLong = turn.question.length > headingCharsMax;
  return (
    <article class="turn" aria-labelledby={headingId} aria-busy={status === "streaming"}>
      <h2 id={headingId} class={isLong ? "question long" : "question"} tabIndex={isLong ? 0 : -1}>
        {turn.question}
      </h2>
      <div class="answer">
        {text !== "" && <AnswerText blocks={blocks} sources={sources} onOpen={actions.onOpen} />}
        {status === "streaming" && text === "" && <Reading />}
        {status === "stopped" && <p class="remark">Stopped.</p>}
        {turn.failure !== undefined && <FailureView failure={turn.failure} {...actions} />}
        {status === "done" && <Tools turn={turn} onFeedback={actions.onFeedback} />}
      </div>
      {sources.length > 0 && (
        <Sources id={`sources-${turn.id}`} sources={sources} onOpen={actions.onOpen} />
      )}
    </article>
  );
}

function Reading(): VNode {
  return (
    <p class="reading">
      <span class="strata" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      Reading the documents
    </p>
  );
}

function Tools({
  turn,
  onFeedback,
}: { readonly turn: Turn } & Pick<TurnActions, "onFeedback">): VNode {
  const { conversationId, messageId } = turn;
  const ids =
    conversationId === undefined || messageId === undefined
      ? undefined
      : { conversationId, messageId };
  return (
    <div class="tools" role="group" aria-label="About this answer">
      <CopyButton
        text={turn.text}
        onCopied={() => {
          // Nobody waits for this report; that it got lost is no news for the reader.
          if (ids)
            void onFeedback({ ...ids, messageCopiedAt: Date.now() / 1000 }).catch(() => undefined);
        }}
      />
      {ids !== undefined && (
        <FeedbackButtons
          onSend={(messageUsefulness) => onFeedback({ ...ids, messageUsefulness })}
        />
      )}
    </div>
  );
}

function FailureView(
  props: { readonly failure: Failure } & Pick<TurnActions, "onAgain" | "onNew">,
): VNode {
  const { kind, message } = props.failure;
  return (
    <div class="failure" role="alert">
      <p>{message}</p>
      {kind === "lost" && (
        <button type="button" class="secondary" onClick={props.onNew}>
          <Icon shape="plus" />
          New conversation
        </button>
      )}
      {kind !== "lost" && kind !== "expired" && (
        <button type="button" class="secondary" onClick={props.onAgain}>
          <Icon shape="again" />
          Try again
        </button>
      )}
    </div>
  );
}
