import type { VNode } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "./icons.tsx";
import type { Usefulness } from "./tier.ts";

/** The reasons of the public site, in the words of this one. The names are those of PutFeedback. */
const reasons = [
  { reason: "NOT_HELPFUL", label: "Not helpful, wrong or beside the point" },
  { reason: "NOT_BASED_ON_DOCUMENTS", label: "Not based on the documents" },
  { reason: "NOT_COMPLETE", label: "Not complete" },
  { reason: "NOT_CONCISE", label: "Too long" },
  { reason: "INCORRECT_OR_MISSING_SOURCES", label: "Sources wrong or missing" },
  { reason: "OTHER", label: "Something else" },
] as const;

const commentCharsMax = 1000;

export type SendUsefulness = (usefulness: Usefulness) => Promise<void>;

type Stage = "none" | "USEFUL" | "asking" | "NOT_USEFUL" | "failed";

/** Two thumbs; the one that points down asks why. */
export function FeedbackButtons({ onSend }: { readonly onSend: SendUsefulness }): VNode {
  const [stage, setStage] = useState<Stage>("none");
  const down = useRef<HTMLButtonElement>(null);
  const send = async (usefulness: Usefulness): Promise<void> => {
    setStage(usefulness.usefulness);
    await onSend(usefulness).catch(() => setStage("failed"));
  };
  const close = (next: Stage): void => {
    setStage(next);
    down.current?.focus();
  };
  return (
    <>
      <button
        type="button"
        class="quiet round"
        aria-label="Good answer"
        aria-pressed={stage === "USEFUL"}
        onClick={() => void send({ usefulness: "USEFUL" })}
      >
        <Icon shape="up" />
      </button>
      <button
        ref={down}
        type="button"
        class="quiet round"
        aria-label="Bad answer"
        aria-pressed={stage === "NOT_USEFUL"}
        aria-expanded={stage === "asking"}
        onClick={() => setStage(stage === "asking" ? "none" : "asking")}
      >
        <Icon shape="down" />
      </button>
      <span class="thanks" role="status">
        {stage === "USEFUL" || stage === "NOT_USEFUL" ? "Thank you." : ""}
        {stage === "failed" ? "That did not arrive. Please try again." : ""}
      </span>
      {stage === "asking" && (
        <div class="reasons-row">
          <ReasonForm
            onCancel={() => close("none")}
            onSend={(reason, comment) => {
              close("NOT_USEFUL");
              void send({ usefulness: "NOT_USEFUL", ...reason, ...comment });
            }}
          />
        </div>
      )}
    </>
  );
}

function ReasonForm(props: {
  readonly onCancel: () => void;
  readonly onSend: (reason: { reason?: string }, comment: { comment?: string }) => void;
}): VNode {
  const name = useId();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector("input")?.focus({ preventScroll: true });
    form.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const submit = (event: Event): void => {
    event.preventDefault();
    const values = new FormData(form.current ?? undefined);
    const reason = values.get("reason");
    const comment = withoutControls(String(values.get("comment") ?? ""));
    props.onSend(
      typeof reason === "string" ? { reason } : {},
      comment === "" ? {} : { comment: comment.slice(0, commentCharsMax) },
    );
  };
  return (
    <form
      ref={form}
      class="reasons"
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && props.onCancel()}
    >
      <fieldset>
        <legend>What was wrong with it?</legend>
        {reasons.map(({ reason, label }, index) => (
          <label key={reason}>
            <input type="radio" name="reason" value={reason} defaultChecked={index === 0} />
            {label}
          </label>
        ))}
      </fieldset>
      <label class="comment" for={`${name}-comment`}>
        Anything to add? <span class="hint">Optional</span>
      </label>
      <textarea id={`${name}-comment`} name="comment" rows={2} maxLength={commentCharsMax} />
      <div class="form-buttons">
        <button type="submit" class="primary">
          Send
        </button>
        <button type="button" class="quiet" onClick={props.onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** A comment may hold no control characters; line breaks become spaces. */
function withoutControls(comment: string): string {
  return comment.replaceAll(/\p{Cc}+/gu, " ").trim();
}
