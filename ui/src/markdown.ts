// The little Markdown that answers use, read into values: the page draws them as elements of its own, so that
// no text of a document or a model ever becomes HTML. Every leaf knows its place in the message, because
// citations are given as offsets into it.
import { parseInline, type Inline } from "./inline.ts";

export type ListItem = {
  readonly children: readonly Inline[];
  readonly blocks: readonly Block[];
};

export type Block =
  | { readonly kind: "paragraph" | "quote"; readonly children: readonly Inline[] }
  | { readonly kind: "heading"; readonly level: number; readonly children: readonly Inline[] }
  | {
      readonly kind: "list";
      readonly start: number | undefined;
      readonly items: readonly ListItem[];
    }
  | { readonly kind: "code"; readonly children: readonly Inline[] };

const depthMax = 5;

type Line =
  | { readonly kind: "blank" | "fence" | "text"; readonly begin: number; readonly end: number }
  | { readonly kind: "quote"; readonly begin: number; readonly end: number }
  | {
      readonly kind: "heading";
      readonly level: number;
      readonly begin: number;
      readonly end: number;
    }
  | ItemLine;

type ItemLine = {
  readonly kind: "item";
  readonly indent: number;
  readonly number: number | undefined;
  readonly begin: number;
  readonly end: number;
};

/** Reads a message into blocks. Any string is a valid message; unknown marks stay text. */
export function parseMarkdown(message: string): readonly Block[] {
  const lines = readLines(message);
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const { block, next } = readBlock(message, lines, at);
    if (block !== undefined) blocks.push(block);
    at = next;
  }
  return blocks;
}

type Read = { readonly block: Block | undefined; readonly next: number };

function readBlock(message: string, lines: readonly Line[], at: number): Read {
  const line = lines[at];
  switch (line?.kind) {
    case undefined:
    case "blank":
      return { block: undefined, next: at + 1 };
    case "fence":
      return readFence(message, lines, at);
    case "heading": {
      const children = parseInline(message, line.begin, line.end);
      return { block: { kind: "heading", level: line.level, children }, next: at + 1 };
    }
    case "item":
      return readList(message, lines, at);
    case "quote":
      return readQuote(message, lines, at);
    case "text":
      return readParagraph(message, lines, at);
  }
}

function readParagraph(message: string, lines: readonly Line[], at: number): Read {
  let next = at + 1;
  while (lines[next]?.kind === "text") next += 1;
  const children = parseInline(message, lines[at]?.begin ?? 0, lines[next - 1]?.end ?? 0);
  return { block: { kind: "paragraph", children }, next };
}

function readQuote(message: string, lines: readonly Line[], at: number): Read {
  const children: Inline[] = [];
  let next = at;
  for (let line = lines[next]; line?.kind === "quote"; line = lines[next]) {
    const lineEnd = lines[next + 1]?.kind === "quote" ? line.end + 1 : line.end;
    children.push(...parseInline(message, line.begin, Math.min(lineEnd, message.length)));
    next += 1;
  }
  return { block: { kind: "quote", children }, next };
}

/** A fence that is never closed runs to the end: so a program is readable while it arrives. */
function readFence(message: string, lines: readonly Line[], at: number): Read {
  let next = at + 1;
  while (next < lines.length && lines[next]?.kind !== "fence") next += 1;
  const first = lines[at + 1];
  const last = lines[next - 1];
  if (first === undefined || last === undefined || next === at + 1) {
    return { block: undefined, next: next + 1 };
  }
  // Within a fence a line counts from its real beginning, whatever mark it seemed to carry.
  const begin = (lines[at]?.end ?? 0) + 1;
  const text = message.slice(begin, last.end);
  if (text === "") return { block: undefined, next: next + 1 };
  const program = { kind: "code", text, begin, end: last.end } as const;
  return { block: { kind: "code", children: [program] }, next: next + 1 };
}

type FlatItem = ItemLine & { readonly textEnd: number };

/** Items with the lines that belong to them; a blank line between two items does not end the list. */
function readList(message: string, lines: readonly Line[], at: number): Read {
  const items: FlatItem[] = [];
  let next = at;
  while (next < lines.length) {
    const line = lines[next];
    if (line?.kind === "blank" && lines[next + 1]?.kind === "item") next += 1;
    else if (line?.kind === "item") {
      let last = next;
      while (lines[last + 1]?.kind === "text") last += 1;
      items.push({ ...line, textEnd: lines[last]?.end ?? line.end });
      next = last + 1;
    } else break;
  }
  return { block: nest(message, items, 0), next };
}

function nest(message: string, items: readonly FlatItem[], depth: number): Block {
  const base = items[0]?.indent ?? 0;
  const groups: FlatItem[][] = [];
  for (const item of items) {
    const isDeeper = item.indent > base + 1 && depth < depthMax;
    const group = groups.at(-1);
    if (isDeeper && group !== undefined) group.push(item);
    else groups.push([item]);
  }
  return {
    kind: "list",
    start: items[0]?.number,
    items: groups.map(([item, ...below]) => ({
      children: item === undefined ? [] : parseInline(message, item.begin, item.textEnd),
      blocks: below.length === 0 ? [] : [nest(message, below, depth + 1)],
    })),
  };
}

function readLines(message: string): readonly Line[] {
  const lines: Line[] = [];
  let begin = 0;
  while (begin <= message.length) {
    const newline = message.indexOf("\n", begin);
    const end = newline < 0 ? message.length : newline;
    lines.push(readLine(message, begin, end));
    begin = end + 1;
  }
  return lines;
}

/** Says what a line is; `begin` of the result is where its text begins, after the mark. */
function readLine(message: string, lineBegin: number, end: number): Line {
  const raw = message.slice(lineBegin, end);
  const indent = raw.length - raw.trimStart().length;
  const begin = lineBegin + indent;
  const text = raw.trim();
  if (text === "") return { kind: "blank", begin, end };
  if (text.startsWith("```") || text.startsWith("~~~")) return { kind: "fence", begin, end };
  const heading = /^(#{1,6})[ \t]+\S/.exec(text)?.[1];
  if (heading !== undefined) {
    return { kind: "heading", level: heading.length, begin: begin + heading.length + 1, end };
  }
  if (text.startsWith("> ")) return { kind: "quote", begin: begin + 2, end };
  const item = /^(?:[-*+•]|(\d{1,9})[.)])[ \t]+(?=\S)/.exec(text);
  if (item === null) return { kind: "text", begin, end };
  const number = item[1] === undefined ? undefined : Number(item[1]);
  return { kind: "item", indent, number, begin: begin + item[0].length, end };
}

/** The words of a message without its marks, one block a line: for what is spoken, not seen. */
export function plainText(blocks: readonly Block[]): string {
  return blocks.map(plainBlock).join("\n");
}

function plainBlock(block: Block): string {
  if (block.kind !== "list") return plainInlines(block.children);
  return block.items
    .map(({ children, blocks }) => [plainInlines(children), ...blocks.map(plainBlock)].join("\n"))
    .join("\n");
}

function plainInlines(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if ("children" in node) return plainInlines(node.children);
      return node.kind === "citations" ? "" : node.text;
    })
    .join("");
}
