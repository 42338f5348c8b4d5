import { anyChar, charSet, complement, only, type CharSet } from "./char-set.ts";
import { PatternError, type PatternTree } from "./pattern-tree.ts";
import { classOf, literalOf, type Cursor } from "./pattern-escape.ts";

const depthMax = 100;
const timesMax = 1000;

/**
 * Parses a regular expression: the part common to Java and JavaScript that can be matched in
 * linear time. Look-around, back references and possessive quantifiers are refused, as other
 * linear-time engines do. A dot matches every character. Groups, lazy quantifiers, `(?i)`, `(?s)`,
 * `\d \w \s \b`, `\uXXXX` and `^ $` are understood.
 *
 * @throws PatternError
 */
export function parseRegex(source: string): PatternTree {
  const cursor: Cursor = { chars: [...source], at: 0, ignoresCase: false };
  const tree = parseAlternatives(cursor, 0);
  if (cursor.at < cursor.chars.length) throw new PatternError("a closing bracket has no partner");
  return tree;
}

function parseAlternatives(cursor: Cursor, depth: number): PatternTree {
  if (depth > depthMax) throw new PatternError(`groups are nested deeper than ${depthMax}`);
  const before = cursor.ignoresCase;
  const parts: PatternTree[] = [parseSequence(cursor, depth)];
  while (cursor.chars[cursor.at] === "|") {
    cursor.at += 1;
    parts.push(parseSequence(cursor, depth));
  }
  // A flag inside a group ends with the group.
  cursor.ignoresCase = before;
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "oneOf", parts };
}

function parseSequence(cursor: Cursor, depth: number): PatternTree {
  const parts: PatternTree[] = [];
  for (;;) {
    const char = cursor.chars[cursor.at];
    if (char === undefined || char === "|" || char === ")") return { kind: "sequence", parts };
    const part = parseAtom(cursor, depth);
    parts.push(parseQuantifier(cursor, part));
  }
}

function parseAtom(cursor: Cursor, depth: number): PatternTree {
  const char = cursor.chars[cursor.at] ?? "";
  if (char === "(") return parseGroup(cursor, depth);
  cursor.at += 1;
  if (char === ".") return { kind: "chars", set: anyChar };
  if (char === "^") return { kind: "assert", at: "start" };
  if (char === "$") return { kind: "assert", at: "end" };
  if (char === "[") return parseClass(cursor);
  if (char === "\\") return parseEscape(cursor);
  if ("*+?".includes(char)) throw new PatternError(`nothing to repeat before "${char}"`);
  return chars(only(char), cursor);
}

const chars = (set: CharSet, cursor: Cursor): PatternTree =>
  cursor.ignoresCase ? { kind: "chars", set, ignoresCase: true } : { kind: "chars", set };

function parseGroup(cursor: Cursor, depth: number): PatternTree {
  const head = cursor.chars.slice(cursor.at, cursor.at + 60).join("");
  const opening = /^\((?:\?(?:(?<flags>[is]{1,2})(?<end>[:)])|:|P?<[A-Za-z]\w{0,40}>))?/.exec(head);
  const { flags, end } = opening?.groups ?? {};
  cursor.at += opening?.[0].length ?? 1;
  if (opening?.[0] === "(" && cursor.chars[cursor.at] === "?") {
    throw new PatternError("look-around and this kind of group are not supported");
  }
  const before = cursor.ignoresCase;
  if (flags?.includes("i") === true) cursor.ignoresCase = true;
  if (end === ")") return { kind: "sequence", parts: [] };
  const tree = parseAlternatives(cursor, depth + 1);
  if (cursor.chars[cursor.at] !== ")") throw new PatternError("a group is not closed");
  cursor.at += 1;
  cursor.ignoresCase = before;
  return tree;
}

function parseEscape(cursor: Cursor): PatternTree {
  const char = cursor.chars[cursor.at];
  if (char === "b" || char === "B") {
    cursor.at += 1;
    return { kind: "assert", at: char === "b" ? "word" : "notWord" };
  }
  return chars(classOf(cursor) ?? only(literalOf(cursor)), cursor);
}

function parseQuantifier(cursor: Cursor, part: PatternTree): PatternTree {
  const rest = cursor.chars.slice(cursor.at, cursor.at + 24).join("");
  const found = /^(?:[*+?]|\{(?<min>\d{1,9})(?<comma>,(?<max>\d{1,9})?)?\})/.exec(rest);
  if (found === null) return part;
  if (part.kind === "assert") throw new PatternError("an anchor cannot be repeated");
  const { min = "", comma, max } = found.groups ?? {};
  const sign = found[0];
  let times: readonly [number, number] = [sign === "+" ? 1 : 0, sign === "?" ? 1 : Infinity];
  if (sign.startsWith("{")) {
    const least = Number(min);
    times = [least, comma === undefined ? least : Number(max ?? Infinity)];
    const most = Number.isFinite(times[1]) ? times[1] : least;
    if (most > timesMax) throw new PatternError(`more than ${timesMax} repetitions`);
    if (times[1] < least) throw new PatternError(`"${sign}" runs backwards`);
  }
  cursor.at += sign.length;
  const next = cursor.chars[cursor.at];
  // Lazy or greedy makes no difference to whether a whole key matches.
  if (next === "?") cursor.at += 1;
  else if (next === "+") throw new PatternError("possessive quantifiers are not supported");
  else if (next === "*") throw new PatternError("a quantifier follows a quantifier");
  return { kind: "repeat", part, min: times[0], max: times[1] };
}

function parseClass(cursor: Cursor): PatternTree {
  const isNegated = cursor.chars[cursor.at] === "^";
  if (isNegated) cursor.at += 1;
  const ranges: (readonly [number, number])[] = [];
  for (;;) {
    const char = cursor.chars[cursor.at];
    if (char === undefined) throw new PatternError("a character class is not closed");
    if (char === "]" && ranges.length > 0) break;
    ranges.push(...parseMember(cursor));
  }
  cursor.at += 1;
  const set = charSet(ranges);
  if (!isNegated) return chars(set, cursor);
  if (!cursor.ignoresCase) return { kind: "chars", set: complement(set) };
  return { kind: "chars", set, ignoresCase: true, isNegated };
}

function parseMember(cursor: Cursor): CharSet {
  const from = parseClassAtom(cursor);
  const isRange = cursor.chars[cursor.at] === "-" && (cursor.chars[cursor.at + 1] ?? "]") !== "]";
  if (typeof from !== "string") return from;
  const first = from.codePointAt(0) ?? 0;
  if (!isRange) return [[first, first]];
  cursor.at += 1;
  const to = parseClassAtom(cursor);
  const last = typeof to === "string" ? (to.codePointAt(0) ?? 0) : -1;
  if (last < first) throw new PatternError("a character range runs backwards");
  return [[first, last]];
}

function parseClassAtom(cursor: Cursor): CharSet | string {
  const char = cursor.chars[cursor.at] ?? "";
  const isIntersection = char === "&" && cursor.chars[cursor.at + 1] === "&";
  if (char === "[" || isIntersection) {
    throw new PatternError("sets inside a character class are not supported");
  }
  cursor.at += 1;
  return char === "\\" ? (classOf(cursor) ?? literalOf(cursor)) : char;
}
