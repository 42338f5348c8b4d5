import type { SnippetPart } from "./highlight.ts";

/** A stretch of a snippet that is shown as something else: as nothing, or as a space. */
type Edit = { readonly begin: number; readonly end: number; readonly text: "" | " " };

const heading = /^#{1,6}[ \t]+/gm;
const strong = /\*\*(?=[^\s*])[^*\n]+\*\*/g;
// Authors of plain text and Markdown break lines where their window ended. A line that goes on with
// a small letter is such a one; rows of a table or an address are not.
const softBreak = /(?<=[^\n]{40})\n(?=\p{Ll})/gu;

/**
 * A passage as people read it: documents are stored as they were written, so a snippet of a Markdown
 * file has its marks. Only marks that are no text by themselves are left out.
 */
export function readableParts(parts: readonly SnippetPart[]): readonly SnippetPart[] {
  const edits = editsOf(parts.map(({ text }) => text).join(""));
  let begin = 0;
  return parts
    .map(({ text, isExcerpt }) => {
      const from = begin;
      begin += text.length;
      return { text: apply(text, from, edits), isExcerpt };
    })
    .filter(({ text }) => text !== "");
}

/** The first excerpt of a source, in the list: without the mark of the list it stood in. */
export function readableExcerpt(excerpt: string): string {
  const [part] = readableParts([{ text: excerpt, isExcerpt: true }]);
  return (part?.text ?? "").replace(/^[-*+][ \t]+/, "");
}

function editsOf(snippet: string): readonly Edit[] {
  const headings = [...snippet.matchAll(heading)].map((match) =>
    removal(match.index, match[0].length),
  );
  const strongs = [...snippet.matchAll(strong)].flatMap(({ index, 0: { length } }) => [
    removal(index, 2),
    removal(index + length - 2, 2),
  ]);
  const breaks = [...snippet.matchAll(softBreak)].map(({ index }): Edit => ({
    begin: index,
    end: index + 1,
    text: " ",
  }));
  return [...headings, ...strongs, ...breaks].sort((a, b) => a.begin - b.begin);
}

function removal(begin: number, length: number): Edit {
  return { begin, end: begin + length, text: "" };
}

/** The part of a snippet that begins at `from`, with the edits that lie in it, wholly or partly. */
function apply(text: string, from: number, edits: readonly Edit[]): string {
  let shown = "";
  let at = 0;
  for (const edit of edits) {
    const begin = Math.max(edit.begin - from, at);
    const end = Math.min(edit.end - from, text.length);
    if (begin >= end) continue;
    shown += text.slice(at, begin) + edit.text;
    at = end;
  }
  return shown + text.slice(at);
}
