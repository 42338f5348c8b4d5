import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Chat } from "./chat.tsx";
import { Mark } from "./icons.tsx";
import type { Tier } from "./tier.ts";
import { useSession } from "./use-session.ts";

/** The whole page: what it shows depends on the visitor's session. */
export function Page({ tier }: { readonly tier: Tier }): VNode {
  const session = useSession(tier);
  switch (session.kind) {
    case "opening":
      return <main class="plain" aria-busy="true" />;
    case "unreached":
      return (
        <Plain title="No connection" text="The server could not be reached.">
          <button type="button" class="primary" onClick={session.retry}>
            Try again
          </button>
        </Plain>
      );
    case "refused":
      return (
        <Plain
          title="This site cannot answer now"
          text={session.message || "The server refused to open it. It is not your fault."}
        >
          <button type="button" class="primary" onClick={session.retry}>
            Try again
          </button>
        </Plain>
      );
    case "none":
      return (
        <Plain
          title="A fresh link is needed"
          text={session.message || "Each link to this page opens once and for a limited time."}
        >
          <p>Go back to where you found the link and open it again from there.</p>
        </Plain>
      );
    case "open":
    case "closing":
    case "over":
      return <Chat tier={tier} session={session} />;
  }
}

function Plain(props: {
  readonly title: string;
  readonly text: string;
  readonly children: VNode;
}): VNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = props.title;
    heading.current?.focus();
  }, [props.title]);
  return (
    <main class="plain">
      <Mark />
      <h1 ref={heading} tabIndex={-1}>
        {props.title}
      </h1>
      <p>{props.text}</p>
      {props.children}
    </main>
  );
}
