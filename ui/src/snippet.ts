import type { SnippetPart } from "./highlight.ts";

/** A stretch of a snippet that is shown as something else: as nothing, a space, or a dot between cells. */
type Edit = { readonly begin: number; readonly end: number; readonly text: "" | " " | " · " };

const heading = /^#{1,6}[ \t]+/gm;
const strong = /\*\*(?=[^\s*])[^*\n]+\*\*/g;
const emphasis = /(?<![*\w\\])\*(?=[^\s*])[^*\n]+\*(?![*\w])/g;
const tableRow = /^\|[^\n]*\|$/gm;
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
  const emphases = [...snippet.matchAll(emphasis)].flatMap(({ index, 0: { length } }) => [
    removal(index, 1),
    removal(index + length - 1, 1),
  ]);
  const rows = [...snippet.matchAll(tableRow)].flatMap((match) => rowEdits(match[0], match.index));
  const breaks = [...snippet.matchAll(softBreak)].map(({ index }): Edit => ({
    begin: index,
    end: index + 1,
    text: " ",
  }));
  const edits = [...headings, ...strongs, ...emphases, ...rows, ...breaks];
  return edits.sort((a, b) => a.begin - b.begin);
}

/** Cells with a dot between them; the row of dashes below a table's head is left out. */
function rowEdits(row: string, at: number): readonly Edit[] {
  if (/^[-|: \t]*$/.test(row)) return [removal(at, row.length + 1)];
  const edits: Edit[] = [];
  for (let bar = row.indexOf("|"); bar >= 0; bar = row.indexOf("|", bar + 1)) {
    if (row[bar - 1] === "\\") continue;
    const begin = bar > 0 && row[bar - 1] === " " ? bar - 1 : bar;
    const end = row[bar + 1] === " " ? bar + 2 : bar + 1;
    const isEdge = bar === 0 || bar === row.length - 1;
    edits.push({ begin: at + begin, end: at + end, text: isEdge ? "" : " · " });
  }
  return edits;
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
