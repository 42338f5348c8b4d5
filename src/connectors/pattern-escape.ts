import { charSet, complement, type CharSet } from "./char-set.ts";
import { PatternError } from "./pattern-tree.ts";

/** Where the parser of a regular expression stands. */
export type Cursor = { readonly chars: readonly string[]; at: number; ignoresCase: boolean };

const digit: CharSet = [[0x30, 0x39]];
const word = charSet([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
const space = charSet([
  [0x09, 0x0d],
  [0x20, 0x20],
]);

const classes: Readonly<Record<string, CharSet>> = {
  d: digit,
  D: complement(digit),
  w: word,
  W: complement(word),
  s: space,
  S: complement(space),
};

const literals: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f", v: "\v" };

/** The set of `\d` and the like, with the backslash already read; undefined if it is another. */
export function classOf(cursor: Cursor): CharSet | undefined {
  const name = cursor.chars[cursor.at] ?? "";
  if (!Object.hasOwn(classes, name)) return undefined;
  cursor.at += 1;
  return classes[name];
}

/** The character that an escape stands for, with the backslash already read. */
export function literalOf(cursor: Cursor): string {
  const rest = cursor.chars.slice(cursor.at, cursor.at + 12).join("");
  const code = /^(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|x\{([0-9A-Fa-f]{1,6})\})/.exec(rest);
  if (code !== null) {
    const value = Number.parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16);
    if (value > 0x10ffff) throw new PatternError("no such character");
    cursor.at += code[0].length;
    return String.fromCodePoint(value);
  }
  const char = cursor.chars[cursor.at];
  if (char === undefined) throw new PatternError("a backslash ends the pattern");
  cursor.at += 1;
  if (Object.hasOwn(literals, char)) return literals[char] ?? char;
  // Digits refer back to groups, other letters mean something that we do not know.
  if (/[0-9A-Za-z]/.test(char)) throw new PatternError(`"\\${char}" is not supported`);
  return char;
}
