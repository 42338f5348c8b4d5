import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Composer } from "./composer.tsx";
import type { Turn } from "./conversation.ts";
import type { Source } from "./events.ts";
import { Icon, Mark } from "./icons.tsx";
import { announcementOf } from "./announcement.ts";
import { SourceDialog } from "./source-dialog.tsx";
import { SamplePrompts, Welcome } from "./start.tsx";
import type { SessionState, Tier } from "./tier.ts";
import { TurnView } from "./turn.tsx";
import { useConversation, type Asking } from "./use-conversation.ts";
import { useOffline } from "./use-session.ts";

type OpenSession = {
  readonly kind: "open" | "closing" | "over";
  readonly state: SessionState;
  readonly end: () => void;
};

type Shown = { readonly source: Source; readonly segment: number };

/** The page of a visitor with a session: start screen, conversation, composer. */
export function Chat({
  tier,
  session,
}: {
  readonly tier: Tier;
  readonly session: OpenSession;
}): VNode {
  const { state } = session;
  const asking = useConversation(tier, session.end);
  const { turns } = asking.conversation;
  const isOffline = useOffline();
  const field = useRef<HTMLTextAreaElement>(null);
  const isStart = turns.length === 0;
  const isOver = session.kind === "over";

  useEffect(() => {
    document.title = state.title || state.applicationName || "Ask";
  }, [state]);
  const startAnew = (): void => {
    asking.clear();
    field.current?.focus();
  };
  const ask = (question: string): void => {
    if (isOver || isOffline) return;
    asking.ask(question);
    field.current?.focus({ preventScroll: true });
  };

  return (
    <>
      <a class="skip" href="#question" onClick={(event) => skipTo(event, field.current)}>
        Skip to the question field
      </a>
      <Head state={state} isStart={isStart} onNew={startAnew} />
      <main class={isStart ? "start" : "talk"}>
        {isStart ? (
          <Welcome state={state} />
        ) : (
          <Turns tier={tier} asking={asking} onNew={startAnew} />
        )}
        <div class="dock">
          <SessionNotice kind={session.kind} />
          {isOffline && !isOver && (
            <p class="notice" role="status">
              You are offline. What you have read stays here; asking works again once you are
              connected.
            </p>
          )}
          <Composer
            field={field}
            isStreaming={asking.isStreaming}
            isFollowUp={!isStart}
            blockedBecause={blockedBecause(isOver, isOffline)}
            onAsk={ask}
            onStop={asking.stop}
          />
        </div>
        {isStart && !isOver && state.samplePrompts.length > 0 && (
          <SamplePrompts prompts={state.samplePrompts} onAsk={ask} />
        )}
      </main>
      <p class="unseen" role="status" aria-live="polite">
        {announcementOf(turns.at(-1))}
      </p>
    </>
  );
}

function blockedBecause(isOver: boolean, isOffline: boolean): string | undefined {
  if (isOver) return "The session has ended.";
  return isOffline ? "Waiting for a connection." : undefined;
}

/** A link to a fragment would write into the address; the focus is all that has to move. */
function skipTo(event: Event, field: HTMLElement | null): void {
  event.preventDefault();
  field?.focus();
}

function Head(props: {
  readonly state: SessionState;
  readonly isStart: boolean;
  readonly onNew: () => void;
}): VNode {
  const { title, applicationName } = props.state;
  return (
    <header class="head">
      <p class="name">
        <Mark />
        {props.isStart ? "" : <span>{title || applicationName}</span>}
      </p>
      {!props.isStart && (
        <button type="button" class="quiet" onClick={props.onNew}>
          <Icon shape="plus" />
          <span>
            New<span class="spare"> conversation</span>
          </span>
        </button>
      )}
    </header>
  );
}

function SessionNotice({ kind }: { readonly kind: OpenSession["kind"] }): VNode {
  return (
    <div role="status">
      {kind === "closing" && (
        <p class="notice">This session ends within two minutes. Copy what you want to keep.</p>
      )}
      {kind === "over" && (
        <p class="notice">
          <strong>This session has ended.</strong> Your answers stay readable until you leave. To
          ask more, open a fresh link from where you found this page.
        </p>
      )}
    </div>
  );
}

function Turns(props: {
  readonly tier: Tier;
  readonly asking: Asking;
  readonly onNew: () => void;
}): VNode {
  const { turns } = props.asking.conversation;
  const [shown, setShown] = useState<Shown | undefined>(undefined);
  const list = useRef<HTMLDivElement>(null);
  const lastId = turns.at(-1)?.id;
  useEffect(() => {
    // A new question goes to the top of the window and its answer grows below it, so nothing read ever moves.
    if (turns.length > 1) list.current?.lastElementChild?.scrollIntoView({ block: "start" });
  }, [lastId]);
  const open = (turn: Turn, number: number, segment: number): void => {
    const source = turn.sources.find((candidate) => candidate.number === number);
    if (source !== undefined) setShown({ source, segment });
  };
  return (
    <>
      <div class="turns" ref={list}>
        {turns.map((turn) => (
          <TurnView
            key={turn.id}
            turn={turn}
            onOpen={({ number, segment }) => open(turn, number, segment)}
            onAgain={() => props.asking.askAgain(turn.id)}
            onNew={props.onNew}
            onFeedback={props.tier.feedback}
          />
        ))}
      </div>
      {shown !== undefined && <SourceDialog {...shown} onClose={() => setShown(undefined)} />}
    </>
  );
}
