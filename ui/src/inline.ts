import { safeHref } from "./links.ts";

/** Where a reader finds the support for the text before: a source and one of its segments. */
export type Citation = { readonly number: number; readonly segment: number };

/** A run of text that stands in the message as it is: `text === message.slice(begin, end)`. */
export type Leaf = {
  readonly kind: "text" | "code";
  readonly text: string;
  readonly begin: number;
  readonly end: number;
};

export type Inline =
  | Leaf
  | { readonly kind: "strong" | "emphasis"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: "citations"; readonly citations: readonly Citation[] };

const depthMax = 5;
const labelCharsMax = 1000;
const emphases = [
  { mark: "**", kind: "strong" },
  { mark: "__", kind: "strong" },
  { mark: "*", kind: "emphasis" },
  { mark: "_", kind: "emphasis" },
] as const;

type Found = { readonly nodes: readonly Inline[]; readonly end: number };

/**
 * Reads the inline marks of Markdown in one stretch of a message: strong, emphasis, code, links and
 * bare addresses. Links lead to http and https only; of an image the description is left, as text.
 * A mark without its partner is text. Takes time linear in the length for any input.
 */
export function parseInline(
  message: string,
  begin: number,
  end: number,
  depth = 0,
): readonly Inline[] {
  const nodes: Inline[] = [];
  // Marks known to have no partner further on; looking again would make hostile input slow.
  const lonely = new Set<string>();
  let textBegin = begin;
  let at = begin;
  const flush = (until: number): void => {
    if (until > textBegin) nodes.push(leaf("text", message, textBegin, until));
  };
  while (at < end) {
    if (message[at] === "\\" && isPunctuation(message[at + 1]) && at + 1 < end) {
      flush(at);
      textBegin = at + 1;
      at += 2;
      continue;
    }
    const found = parseMark({ message, at, end, depth, lonely });
    if (found === undefined) {
      at += 1;
      continue;
    }
    flush(at);
    nodes.push(...found.nodes);
    at = found.end;
    textBegin = at;
  }
  flush(end);
  return nodes;
}

type Place = {
  readonly message: string;
  readonly at: number;
  readonly end: number;
  readonly depth: number;
  readonly lonely: Set<string>;
};

function parseMark(place: Place): Found | undefined {
  switch (place.message[place.at]) {
    case "`":
      return parseCode(place);
    case "*":
    case "_":
      return parseEmphasis(place);
    case "!":
      return place.message[place.at + 1] === "[" ? parseLink(place, place.at + 1) : undefined;
    case "[":
      return parseLink(place, place.at);
    case "h":
      return parseAddress(place);
    default:
      return undefined;
  }
}

function parseCode({ message, at, end, lonely }: Place): Found | undefined {
  let open = at;
  while (open < end && message[open] === "`") open += 1;
  const mark = message.slice(at, open);
  const close = lonely.has(mark) ? -1 : message.indexOf(mark, open);
  if (close < 0 || close + mark.length > end || close === open) {
    if (close !== open) lonely.add(mark);
    // The whole run is text, or its last characters would be looked at as marks of their own.
    return { nodes: [leaf("text", message, at, open)], end: open };
  }
  return { nodes: [leaf("code", message, open, close)], end: close + mark.length };
}

function parseEmphasis(place: Place): Found | undefined {
  const { message, at, end, depth, lonely } = place;
  const emphasis = emphases.find(({ mark }) => message.startsWith(mark, at));
  if (emphasis === undefined || depth >= depthMax || lonely.has(emphasis.mark)) return undefined;
  const { mark, kind } = emphasis;
  const open = at + mark.length;
  // `snake_case` and `2 * 3` are not emphasis.
  if (open >= end || isSpace(message[open])) return undefined;
  if (mark.startsWith("_") && isWord(message[at - 1])) return undefined;
  const close = closingMark(message, mark, open, end);
  if (close === undefined) {
    lonely.add(mark);
    return undefined;
  }
  const children = parseInline(message, open, close, depth + 1);
  return { nodes: [{ kind, children }], end: close + mark.length };
}

function closingMark(message: string, mark: string, open: number, end: number): number | undefined {
  let at = message.indexOf(mark, open + 1);
  while (at >= 0 && at + mark.length <= end) {
    const char = mark[0];
    const run = at + mark.length;
    const isWhole = mark.length === 2 || (message[run] !== char && message[at - 1] !== char);
    const isInWord = char === "_" && isWord(message[run]);
    if (isWhole && !isInWord && !isSpace(message[at - 1])) return at;
    at = message.indexOf(mark, at + 1);
  }
  return undefined;
}

/** `[label](address)`; the label may hold marks but no further bracket. */
function parseLink({ message, at, end, depth }: Place, bracket: number): Found | undefined {
  const windowEnd = Math.min(end, bracket + labelCharsMax);
  let close = bracket + 1;
  while (close < windowEnd && message[close] !== "]" && message[close] !== "[") close += 1;
  if (close >= windowEnd || message[close] !== "]" || message[close + 1] !== "(") return undefined;
  const open = close + 2;
  let last = open;
  while (
    last < Math.min(end, open + labelCharsMax) &&
    !isSpace(message[last]) &&
    message[last] !== ")"
  ) {
    last += 1;
  }
  if (last >= end || message[last] !== ")") return undefined;
  const children = depth >= depthMax ? [] : parseInline(message, bracket + 1, close, depth + 1);
  const isImage = bracket > at;
  const href = isImage ? undefined : safeHref(message.slice(open, last));
  // A link within a link is none; its words stay.
  const nodes: readonly Inline[] =
    href === undefined ? children : [{ kind: "link", href, children: withoutLinks(children) }];
  return { nodes, end: last + 1 };
}

function parseAddress({ message, at, end }: Place): Found | undefined {
  if (!message.startsWith("http://", at) && !message.startsWith("https://", at)) return undefined;
  if (isWord(message[at - 1])) return undefined;
  let last = at;
  while (last < end && !isSpace(message[last]) && !'<>"`'.includes(message[last] ?? "")) last += 1;
  while (last > at && ".,;:!?)]}'*_".includes(message[last - 1] ?? "")) last -= 1;
  const href = safeHref(message.slice(at, last));
  if (href === undefined) return undefined;
  return {
    nodes: [{ kind: "link", href, children: [leaf("text", message, at, last)] }],
    end: last,
  };
}

function withoutLinks(nodes: readonly Inline[]): readonly Inline[] {
  return nodes.flatMap((node) => {
    if (node.kind === "link") return withoutLinks(node.children);
    if (node.kind !== "strong" && node.kind !== "emphasis") return [node];
    return [{ kind: node.kind, children: withoutLinks(node.children) }];
  });
}

function leaf(kind: Leaf["kind"], message: string, begin: number, end: number): Leaf {
  return { kind, text: message.slice(begin, end), begin, end };
}

function isSpace(char: string | undefined): boolean {
  return char === undefined || char.trim() === "";
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}]/u.test(char);
}

function isPunctuation(char: string | undefined): boolean {
  return char !== undefined && "\\`*_{}[]()#+-.!>~|".includes(char);
}
