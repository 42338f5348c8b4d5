const linesMax = 400;

/**
 * YAML front matter at the start of a Markdown file: how many lines it takes and its `title`. Only
 * plain and quoted one-line titles are read; nothing is parsed as YAML, so nothing in it can hurt.
 */
export function frontMatter(lines: readonly string[]): {
  readonly lines: number;
  readonly title?: string;
} {
  if (lines[0]?.trimEnd() !== "---") return { lines: 0 };
  const end = lines.slice(1, linesMax).findIndex((line) => /^(?:---|\.\.\.)\s*$/.test(line));
  if (end === -1) return { lines: 0 };
  const inside = lines.slice(1, end + 1);
  // Two rules with prose between them are no front matter.
  if (!inside.some((line) => /^[\w-]+:(?:\s|$)/.test(line))) return { lines: 0 };
  const title = unquote(inside.find((line) => line.startsWith("title:"))?.slice("title:".length));
  return { lines: end + 2, ...(title === "" ? {} : { title }) };
}

function unquote(value = ""): string {
  const text = value.trim();
  const quote = text[0];
  const isQuoted = (quote === '"' || quote === "'") && text.length > 1 && text.endsWith(quote);
  if (!isQuoted) return text;
  const inner = text.slice(1, -1);
  return quote === "'" ? inner.replaceAll("''", "'") : inner.replaceAll('\\"', '"');
}
