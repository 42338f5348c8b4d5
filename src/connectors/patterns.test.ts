import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import * as fc from "fast-check";
import { compilePattern, dialectOf, patternLengthMax, type Pattern } from "./patterns.ts";
import vectors from "./pattern-vectors.json" with { type: "json" };

function compiled(source: string): Pattern {
  const pattern = compilePattern(source);
  assert.ok("matches" in pattern, `${source}: ${"error" in pattern ? pattern.error : ""}`);
  return pattern;
}

test("patterns match as the guide's table says", () => {
  assert.ok(vectors.rows.length >= 36);
  for (const { patterns, matches } of vectors.rows) {
    const all = patterns.map(compiled);
    const found = vectors.keys.map((key) => (all.some((one) => one.matches(key)) ? "1" : "0"));
    assert.equal(found.join(""), matches, patterns.join(" and "));
  }
});

test("S18: a leading slash matches nothing and warns; two stars before a folder miss the root", () => {
  assert.match(compiled("/x/**").warning ?? "", /starts with a slash/);
  assert.equal(compiled("/x/**").matches("x/a"), false);
  assert.equal(compiled("/x/**").matches("/x/a"), false);
  assert.equal(compiled("**/x/**").matches("x/a"), false);
  assert.equal(compiled("**/x/**").matches("y/x/a"), true);
});

test("what looks like neither language is a glob", () => {
  for (const [pattern = "", dialect] of vectors.dialects)
    assert.equal(dialectOf(pattern), dialect, pattern);
});

test("what a linear matcher cannot do is refused with a reason", () => {
  for (const source of [...vectors.refused, "x".repeat(patternLengthMax + 1)]) {
    const pattern = compilePattern(source);
    assert.ok("error" in pattern && pattern.error.length > 5, source);
  }
});

test("globs of every form match as written", () => {
  for (const [source, key, matches] of vectors.globs as [string, string, boolean][]) {
    assert.equal(dialectOf(source), "glob");
    assert.equal(compiled(source).matches(key), matches, `${source} on ${JSON.stringify(key)}`);
  }
});

// The plain twin of the glob matcher: tries everything, in exponential time.
type Plain = (text: string, rest: (text: string) => boolean) => boolean;
type Piece = { readonly source: string; readonly plain: Plain };

const lit = (char: string): Piece => ({
  source: char,
  plain: (text, rest) => text.startsWith(char) && rest(text.slice(1)),
});
const run = (source: string, isCovered: (char: string) => boolean): Piece => ({
  source,
  plain(text, rest) {
    for (let length = 0; ; length += 1) {
      if (rest(text.slice(length))) return true;
      const char = text[length];
      if (char === undefined || !isCovered(char)) return false;
    }
  },
});
const isWhole = (piece: Piece, text: string): boolean => piece.plain(text, (left) => left === "");
const sequence = (pieces: readonly Piece[]): Piece => ({
  source: pieces.map(({ source }) => source).join(""),
  plain: (text, rest) => {
    const [first, ...others] = pieces;
    return first === undefined
      ? rest(text)
      : first.plain(text, (left) => sequence(others).plain(left, rest));
  },
});
const oneOf = (pieces: readonly Piece[], open: string, close: string, mark: string): Piece => ({
  source: open + pieces.map(({ source }) => source).join(mark) + close,
  plain: (text, rest) => pieces.some((piece) => piece.plain(text, rest)),
});
const not = (pieces: readonly Piece[]): Piece => ({
  source: `!(${pieces.map(({ source }) => source).join("|")})`,
  plain(text, rest) {
    for (let length = 0; length <= text.length; length += 1) {
      const taken = text.slice(0, length);
      if (taken.includes("/")) return false;
      if (!pieces.some((piece) => isWhole(piece, taken)) && rest(text.slice(length))) return true;
    }
    return false;
  },
});
const some = (pieces: readonly Piece[], sign: "*" | "+" | "?"): Piece => {
  const group = oneOf(pieces, `${sign}(`, ")", "|");
  const again = (text: string, rest: (text: string) => boolean): boolean =>
    rest(text) || group.plain(text, (left) => left.length < text.length && again(left, rest));
  const plain: Plain = (text, rest) => {
    if (sign === "?") return rest(text) || group.plain(text, rest);
    return sign === "*" ? again(text, rest) : group.plain(text, (left) => again(left, rest));
  };
  return { source: group.source, plain };
};

const pieces = fc.letrec<{ piece: Piece; group: Piece[] }>((tie) => ({
  group: fc.array(fc.array(tie("piece"), { minLength: 1, maxLength: 2 }).map(sequence), {
    minLength: 1,
    maxLength: 2,
  }),
  piece: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    fc.constantFrom(lit("a"), lit("b"), lit("/"), lit(".")),
    fc.constant(run("*", (char) => char !== "/")),
    fc.constant({
      source: "?",
      plain: (text: string, rest: (t: string) => boolean) =>
        text !== "" && text[0] !== "/" && rest(text.slice(1)),
    }),
    fc.constant({
      source: "[!a]",
      plain: (text: string, rest: (t: string) => boolean) =>
        text !== "" && !"a/".includes(text[0] ?? "a") && rest(text.slice(1)),
    }),
    tie("group").map((group) => oneOf(group, "{", "}", ",")),
    tie("group").map((group) => oneOf(group, "@(", ")", "|")),
    tie("group").map((group) => not(group)),
    fc
      .tuple(tie("group"), fc.constantFrom("*" as const, "+" as const, "?" as const))
      .map(([group, sign]) => some(group, sign)),
  ),
})).piece;

const keys = fc
  .array(fc.constantFrom("a", "b", "/", "."), { maxLength: 7 })
  .map((chars) => chars.join(""));

test("the glob matcher agrees with a matcher that simply tries everything", () => {
  // Anchored by a folder in front; a star directly before a bracket would read as another sign.
  const globs = fc.array(pieces, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(globs, fc.array(keys, { minLength: 3, maxLength: 6 }), (parts, texts) => {
      const glob = sequence([lit("b"), lit("/"), ...parts]);
      const isAmbiguous = /[*?+@!](?=[*?]|[*?]\()|\.\*|\.\+/.test(glob.source);
      fc.pre(!isAmbiguous && dialectOf(glob.source) === "glob");
      const pattern = compiled(glob.source);
      for (const text of texts) {
        const key = `b/${text}`;
        assert.equal(pattern.matches(key), isWhole(glob, key), `${glob.source} on ${key}`);
      }
    }),
    { numRuns: 1500 },
  );
});

test("the regular expression matcher agrees with JavaScript's own on whole keys", () => {
  const atoms = fc.constantFrom(
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "\\w",
    "\\.",
    "/",
    "(?:a|b)",
    "\\b",
    "\\D",
    "[a-c.]",
  );
  const signs = fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,2}", "{1,}", "*?");
  const sources = fc
    .array(fc.tuple(atoms, signs), { maxLength: 5 })
    .map((parts) => parts.map(([atom, sign]) => (atom === "\\b" ? atom : atom + sign)).join(""));
  const groups = fc.tuple(sources, sources, signs).map(([a, b, sign]) => `(${a}|${b})${sign}`);
  fc.assert(
    fc.property(fc.oneof(sources, groups), keys, fc.boolean(), (source, key, ignoresCase) => {
      const own = `^${ignoresCase ? "(?i)" : ""}(?:${source})$`;
      const plain = new RegExp(`^(?:${source})$`, ignoresCase ? "isu" : "su");
      const text = ignoresCase ? key.toUpperCase() : key;
      assert.equal(compiled(own).matches(text), plain.test(text), `${own} on ${text}`);
    }),
    { numRuns: 1500 },
  );
});

test("hostile patterns are compiled or refused, and matched, and none of them hangs", () => {
  const long = "a".repeat(1024);
  const hostile = [
    "^(a+)+$",
    "^(a|a)*$",
    "^(a|aa)+$",
    "^(.*a){20}$",
    "(.*)*\\z",
    "^(a?){400}a{400}$",
    "^((a{1,30}){1,30}){1,30}$",
    "^(((){1000}){1000}){1000}$",
    `${"(".repeat(400)}a${")*".repeat(300)}$`,
    "^(\\w+\\s?)*$",
    "^(.*.*.*.*.*.*.*=)$",
    "*a".repeat(300),
    "{".repeat(900),
    "!(".repeat(300),
    "*(".repeat(300) + "a" + ")".repeat(300),
    "[".repeat(900),
    `${"*(a|".repeat(150)}a${")".repeat(150)}`,
    `${"!(".repeat(20)}*a*${")".repeat(20)}`,
    "!(*a????????????????)",
    `!(${Array.from({ length: 60 }, (_, n) => `*${n}*`).join("|")})`,
    `${"{a,b}".repeat(180)}`,
    "**/**/**/**/**/**/**/**/x/y",
    `${"+(*)".repeat(200)}b`,
    `!(${"?".repeat(400)})`,
    `${"!(a)".repeat(100)}b`,
    "@(" + "a|".repeat(400) + "a)",
  ];
  const slow: string[] = [];
  for (const source of hostile) {
    const begin = performance.now();
    const pattern = compilePattern(source);
    if ("matches" in pattern) {
      pattern.matches(long);
      pattern.matches(`${long.slice(1)}!`);
    }
    const tookMs = performance.now() - begin;
    // Backtracking would take longer than anybody waits; a busy machine takes a few times 50 ms.
    if (tookMs > 2000) slow.push(`${source.slice(0, 40)}: ${tookMs.toFixed(0)} ms`);
  }
  assert.deepEqual(slow, []);
});
