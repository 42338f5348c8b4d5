import { anyChar, charSet, complement, noSlash, only, without, type CharSet } from "./char-set.ts";
import type { PatternTree } from "./pattern-tree.ts";

const slash = 0x2f;
const anyRun = (set: CharSet): PatternTree => {
  return { kind: "repeat", part: { kind: "chars", set }, min: 0, max: Infinity };
};

/**
 * Parses a glob: `*`, `**`, `?`, `[abc]`, `[!a-z]`, `{a, b}` and the extended forms `!(x|y)`,
 * `@()`, `*()`, `+()`, `?()`. There is no escape character; a bracket without its partner is
 * itself. Source: "Glob patterns" of the Amazon Kendra data source reference.
 */
export function parseGlob(glob: string): PatternTree {
  const chars = [...glob];
  return parseRange({ chars, closeOf: pairBrackets(chars) }, 0, chars.length);
}

type Glob = { readonly chars: readonly string[]; readonly closeOf: ReadonlyMap<number, number> };

/**
 * Finds the partner of each opening bracket in one pass. Deciding it while parsing, by trying,
 * would take exponential time on a row of open brackets.
 */
function pairBrackets(chars: readonly string[]): ReadonlyMap<number, number> {
  const closeOf = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? "";
    if (char === "[") {
      const close = chars.indexOf("]", at + (chars[at + 1] === "!" ? 3 : 2));
      if (close < 0) continue;
      closeOf.set(at, close);
      at = close;
    } else if (char === "{" || (char === "(" && "!@*+?".includes(chars[at - 1] ?? " "))) {
      open.push(at);
    } else if (char === "}" || char === ")") {
      const opener = char === "}" ? "{" : "(";
      const found = open.findLastIndex((from) => chars[from] === opener);
      if (found < 0) continue;
      closeOf.set(open[found] ?? 0, at);
      open.length = found;
    }
  }
  return closeOf;
}

function parseRange(glob: Glob, from: number, to: number): PatternTree {
  const parts: PatternTree[] = [];
  let at = from;
  while (at < to) {
    const [part, next] = parseOne(glob, at);
    parts.push(part);
    at = next;
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "sequence", parts };
}

function parseOne({ chars, closeOf }: Glob, at: number): [PatternTree, number] {
  const char = chars[at] ?? "";
  const close = closeOf.get(at);
  const groupClose = closeOf.get(at + 1);
  if (chars[at + 1] === "(" && groupClose !== undefined) {
    const parts = alternatives({ chars, closeOf }, at + 2, groupClose, "|");
    const group = extended(
      char,
      parts.map(([a, b]) => parseRange({ chars, closeOf }, a, b)),
    );
    if (group !== undefined) return [group, groupClose + 1];
  }
  if (char === "[" && close !== undefined) {
    return [{ kind: "chars", set: parseClass(chars.slice(at + 1, close)) }, close + 1];
  }
  if (char === "{" && close !== undefined) {
    const parts = alternatives({ chars, closeOf }, at + 1, close, ",").map(([a, b]) =>
      parseRange({ chars, closeOf }, ...trimmed(chars, a, b)),
    );
    return [{ kind: "oneOf", parts }, close + 1];
  }
  if (char === "?") return [{ kind: "chars", set: noSlash }, at + 1];
  if (char !== "*") return [{ kind: "chars", set: only(char) }, at + 1];
  let end = at + 1;
  // The last star before a bracket belongs to the bracket.
  while (chars[end] === "*" && !closeOf.has(end + 1)) end += 1;
  return [anyRun(end - at > 1 ? anyChar : noSlash), end];
}

function extended(sign: string, parts: readonly PatternTree[]): PatternTree | undefined {
  const part: PatternTree = { kind: "oneOf", parts };
  if (sign === "@") return part;
  if (sign === "!") return { kind: "not", part };
  if (sign === "?") return { kind: "repeat", part, min: 0, max: 1 };
  if (sign === "*") return { kind: "repeat", part, min: 0, max: Infinity };
  return sign === "+" ? { kind: "repeat", part, min: 1, max: Infinity } : undefined;
}

/** The ranges between separators that lie in no inner bracket. */
function alternatives(glob: Glob, from: number, to: number, separator: string): [number, number][] {
  const ranges: [number, number][] = [];
  let start = from;
  for (let at = from; at < to; at += 1) {
    const close = glob.closeOf.get(at);
    if (close !== undefined) at = close;
    else if (glob.chars[at] === separator) {
      ranges.push([start, at]);
      start = at + 1;
    }
  }
  return [...ranges, [start, to]];
}

function trimmed(chars: readonly string[], from: number, to: number): [number, number] {
  let [start, end] = [from, to];
  while (start < end && chars[start] === " ") start += 1;
  while (end > start && chars[end - 1] === " ") end -= 1;
  return [start, end];
}

function parseClass(chars: readonly string[]): CharSet {
  const isNegated = chars[0] === "!";
  const members = isNegated ? chars.slice(1) : chars;
  const ranges: [number, number][] = [];
  for (let at = 0; at < members.length; at += 1) {
    const from = members[at]?.codePointAt(0) ?? 0;
    const isRange = members[at + 1] === "-" && at + 2 < members.length;
    const to = isRange ? (members[at + 2]?.codePointAt(0) ?? 0) : from;
    if (isRange) at += 2;
    // A range that runs backwards holds nothing.
    if (from <= to) ranges.push([from, to]);
  }
  const set = charSet(ranges);
  return without(isNegated ? complement(set) : set, slash);
}
