import type { VNode } from "preact";
import type { OpenSource } from "./answer-text.tsx";
import type { Source } from "./events.ts";
import { readableAddress, safeHref } from "./links.ts";
import { readableExcerpt } from "./snippet.ts";

/** The list below an answer, or beside it where there is room: number, title, first excerpt, address. */
export function Sources(props: {
  readonly id: string;
  readonly sources: readonly Source[];
  readonly onOpen: OpenSource;
}): VNode {
  return (
    <section class="sources" aria-labelledby={props.id}>
      <h3 id={props.id} class="label">
        Sources
      </h3>
      <ol>
        {props.sources.map((source) => (
          <SourceItem key={source.number} source={source} onOpen={props.onOpen} />
        ))}
      </ol>
    </section>
  );
}

function SourceItem({
  source,
  onOpen,
}: {
  readonly source: Source;
  readonly onOpen: OpenSource;
}): VNode {
  const excerpt =
    source.segments.find((segment) => segment.excerpt !== "")?.excerpt ?? source.snippet;
  const href = safeHref(source.url);
  return (
    <li class="source">
      <span class="source-number" aria-hidden="true">
        {source.number}
      </span>
      <div>
        <button
          type="button"
          class="source-title"
          aria-haspopup="dialog"
          aria-label={`Source ${source.number}: ${source.title}`}
          onClick={() => onOpen({ number: source.number, segment: 0 })}
        >
          {source.title}
        </button>
        {excerpt !== "" && <p class="source-excerpt">{readableExcerpt(excerpt)}</p>}
        {href !== undefined && (
          <a class="source-address" href={href} target="_blank" rel="noopener noreferrer">
            {readableAddress(href)}
          </a>
        )}
      </div>
    </li>
  );
}
