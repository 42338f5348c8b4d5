/** A part of a snippet; the parts put together are the snippet. */
export type SnippetPart = { readonly text: string; readonly isExcerpt: boolean };

type Range = { readonly begin: number; readonly end: number };

/**
 * Cuts a snippet into parts, so that the excerpts an answer rests on can be marked. White space counts as
 * equal whatever its kind and length: excerpts are often cleaned more than snippets. An excerpt that
 * does not occur marks nothing; overlapping ones are merged.
 */
export function markExcerpts(snippet: string, excerpts: readonly string[]): readonly SnippetPart[] {
  const { text, origin } = collapse(snippet);
  const ranges = excerpts.flatMap((excerpt): readonly Range[] => {
    const wanted = collapse(excerpt).text.trim();
    const at = wanted === "" ? -1 : text.indexOf(wanted);
    if (at < 0) return [];
    const last = origin[at + wanted.length - 1] ?? 0;
    return [{ begin: origin[at] ?? 0, end: last + 1 }];
  });
  return cut(snippet, merge(ranges));
}

function collapse(text: string): { readonly text: string; readonly origin: readonly number[] } {
  const chars: string[] = [];
  const origin: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? "";
    const isSpace = char.trim() === "";
    if (isSpace && chars.at(-1) === " ") continue;
    chars.push(isSpace ? " " : char);
    origin.push(index);
  }
  return { text: chars.join(""), origin };
}

function merge(ranges: readonly Range[]): readonly Range[] {
  const merged: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.begin - b.begin)) {
    const last = merged.at(-1);
    if (last === undefined || range.begin > last.end) merged.push(range);
    else merged[merged.length - 1] = { begin: last.begin, end: Math.max(last.end, range.end) };
  }
  return merged;
}

function cut(snippet: string, ranges: readonly Range[]): readonly SnippetPart[] {
  const parts: SnippetPart[] = [];
  let at = 0;
  for (const { begin, end } of ranges) {
    parts.push({ text: snippet.slice(at, begin), isExcerpt: false });
    parts.push({ text: snippet.slice(begin, end), isExcerpt: true });
    at = end;
  }
  parts.push({ text: snippet.slice(at), isExcerpt: false });
  return parts.filter(({ text }) => text !== "");
}
