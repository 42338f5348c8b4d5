import type { ComponentChildren, VNode } from "preact";
import type { Citation, Inline } from "./inline.ts";
import type { Block, ListItem } from "./markdown.ts";
import type { Source } from "./events.ts";

export type OpenSource = (citation: Citation) => void;

type Drawing = { readonly sources: readonly Source[]; readonly onOpen: OpenSource };

/** Draws the blocks of an answer as elements; text stays text, whatever it contains. */
export function AnswerText({
  blocks,
  ...drawing
}: Drawing & { readonly blocks: readonly Block[] }): VNode {
  return <div class="prose">{blocks.map((block) => drawBlock(block, drawing))}</div>;
}

function drawBlock(block: Block, drawing: Drawing): VNode {
  switch (block.kind) {
    case "paragraph":
      return <p>{drawInlines(block.children, drawing)}</p>;
    case "quote":
      return (
        <blockquote>
          <p>{drawInlines(block.children, drawing)}</p>
        </blockquote>
      );
    case "heading":
      // The question is the heading above an answer, so the answer's own begin one level below.
      return block.level < 3 ? (
        <h3>{drawInlines(block.children, drawing)}</h3>
      ) : (
        <h4>{drawInlines(block.children, drawing)}</h4>
      );
    case "code":
      return drawProgram(block.children, drawing);
    case "list":
      return block.start === undefined ? (
        <ul>{block.items.map((item) => drawItem(item, drawing))}</ul>
      ) : (
        <ol start={block.start}>{block.items.map((item) => drawItem(item, drawing))}</ol>
      );
  }
}

function drawItem({ children, blocks }: ListItem, drawing: Drawing): VNode {
  return (
    <li>
      {drawInlines(children, drawing)}
      {blocks.map((block) => drawBlock(block, drawing))}
    </li>
  );
}

/** A program can be wider than the page: it scrolls by itself, by keyboard too. */
function drawProgram(children: readonly Inline[], drawing: Drawing): VNode {
  const [program, ...citations] = children;
  return (
    <>
      <pre tabIndex={0}>{program?.kind === "code" && <code>{program.text}</code>}</pre>
      {citations.length > 0 && <p>{drawInlines(citations, drawing)}</p>}
    </>
  );
}

/** Citations are drawn with the end of the text before them, for a line may not break in between. */
function drawInlines(nodes: readonly Inline[], drawing: Drawing): ComponentChildren {
  return nodes.map((node, index) => {
    const next = nodes[index + 1];
    const before = nodes[index - 1];
    if (node.kind === "text" && next?.kind === "citations") {
      const { rest, word } = lastWord(node.text);
      return (
        <>
          {rest}
          <span class="cited-word">
            {word}
            {drawInline(next, drawing)}
          </span>
        </>
      );
    }
    return node.kind === "citations" && before?.kind === "text" ? null : drawInline(node, drawing);
  });
}

const wordCharsMax = 24;

function lastWord(text: string): { readonly rest: string; readonly word: string } {
  const begin = text.search(/\S+$/);
  if (begin < 0 || text.length - begin > wordCharsMax) return { rest: text, word: "" };
  return { rest: text.slice(0, begin), word: text.slice(begin) };
}

function drawInline(node: Inline, drawing: Drawing): ComponentChildren {
  switch (node.kind) {
    case "text":
      return node.text;
    case "code":
      return <code>{node.text}</code>;
    case "strong":
      return <strong>{drawInlines(node.children, drawing)}</strong>;
    case "emphasis":
      return <em>{drawInlines(node.children, drawing)}</em>;
    case "link":
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer">
          {drawInlines(node.children, drawing)}
        </a>
      );
    case "citations":
      return (
        <span class="cited-word">
          {node.citations.map((citation) => drawCitation(citation, drawing))}
        </span>
      );
  }
}

function drawCitation(citation: Citation, { sources, onOpen }: Drawing): VNode {
  const title = sources.find(({ number }) => number === citation.number)?.title ?? "";
  return (
    <button
      type="button"
      class="citation"
      aria-haspopup="dialog"
      aria-label={`Source ${citation.number}: ${title}`}
      title={title}
      onClick={() => onOpen(citation)}
    >
      {citation.number}
    </button>
  );
}
