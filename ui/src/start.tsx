import type { VNode } from "preact";
import { Icon } from "./icons.tsx";
import type { SessionState } from "./tier.ts";

/** Title, subtitle and welcome of the web experience. */
export function Welcome({ state }: { readonly state: SessionState }): VNode {
  return (
    <div class="welcome">
      <h1>{state.title || state.applicationName || "Ask the documents"}</h1>
      {state.subtitle !== "" && <p class="subtitle">{state.subtitle}</p>}
      {state.welcomeMessage !== "" && <p class="greeting">{state.welcomeMessage}</p>}
    </div>
  );
}

/** Questions to begin with; choosing one asks it. */
export function SamplePrompts(props: {
  readonly prompts: readonly string[];
  readonly onAsk: (question: string) => void;
}): VNode {
  return (
    <section class="prompts" aria-labelledby="prompts-label">
      <h2 id="prompts-label" class="label">
        For example
      </h2>
      <ul>
        {props.prompts.map((prompt) => (
          <li key={prompt}>
            <button type="button" onClick={() => props.onAsk(prompt)}>
              <span>{prompt}</span>
              <Icon shape="out" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
