import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Source } from "./events.ts";
import { markExcerpts } from "./highlight.ts";
import { readableParts } from "./snippet.ts";
import { Icon } from "./icons.tsx";
import { readableAddress, safeHref } from "./links.ts";

const dateFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" });

/**
 * One source at full length. A modal dialog of the platform: the rest of the page is inert while it is open,
 * Escape closes it, and the focus goes back to the number that opened it.
 */
export function SourceDialog(props: {
  readonly source: Source;
  readonly segment: number;
  readonly onClose: () => void;
}): VNode {
  const { source, segment, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    element?.querySelector("mark")?.scrollIntoView({ block: "center" });
    return () => {
      element?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  const href = safeHref(source.url);
  const chosen = source.segments[segment]?.excerpt ?? "";
  const excerpts = [chosen, ...source.segments.map(({ excerpt }) => excerpt)];
  return (
    <dialog
      ref={dialog}
      class="panel"
      aria-labelledby="source-title"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="panel-body">
        <header class="panel-head">
          <p class="label">Source {source.number}</p>
          <button type="button" class="quiet round" aria-label="Close" onClick={onClose}>
            <Icon shape="close" />
          </button>
        </header>
        <h2 id="source-title">{source.title}</h2>
        {href !== undefined && (
          <a class="panel-link" href={href} target="_blank" rel="noopener noreferrer">
            <Icon shape="out" />
            <span>{readableAddress(href)}</span>
          </a>
        )}
        {source.updatedAt !== undefined && (
          <p class="panel-date">Updated {dateFormat.format(source.updatedAt)}</p>
        )}
        <Snippet snippet={source.snippet === "" ? chosen : source.snippet} excerpts={excerpts} />
      </div>
    </dialog>
  );
}

function Snippet(props: { readonly snippet: string; readonly excerpts: readonly string[] }): VNode {
  return (
    <blockquote class="snippet" tabIndex={0} aria-label="Passage of the document">
      {readableParts(markExcerpts(props.snippet, props.excerpts)).map(({ text, isExcerpt }) =>
        isExcerpt ? <mark>{text}</mark> : text,
      )}
    </blockquote>
  );
}
