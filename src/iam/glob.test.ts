import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { textGlob } from "./arn-pattern.ts";
import { compileGlob, globMatches, globTokens } from "./glob.ts";
import { like } from "./testing/plain-values.ts";

const matches = (pattern: string, text: string): boolean => globMatches(textGlob(pattern), text);

test("a star is any run of characters, a question mark exactly one", () => {
  assert.ok(matches("", ""));
  assert.ok(!matches("", "a"));
  assert.ok(matches("*", ""));
  assert.ok(matches("a*", "a"));
  assert.ok(!matches("?", ""));
  assert.ok(matches("?", "a"));
  assert.ok(!matches("?", "ab"));
  assert.ok(matches("a*?b", "axb"));
  assert.ok(!matches("a*?b", "ab"));
  assert.ok(matches("*?*?*", "xy"));
  assert.ok(!matches("*?*?*", "x"));
});

test("the end of the text belongs to the end of the pattern", () => {
  assert.ok(matches("*ab", "aab"));
  assert.ok(matches("*ab*ab", "abab"));
  assert.ok(!matches("ab*ab", "ab"));
  assert.ok(!matches("*a?", "ba"));
  assert.ok(matches("*a?", "bab"));
});

test("nothing else is special", () => {
  for (const text of ["[a]", "a.c", "(x|y)", "\\d+", "^a$", "{2}", "a\\"]) {
    assert.ok(matches(text, text), text);
    assert.ok(!matches(text, "a"), text);
  }
});

test("literal tokens keep their stars", () => {
  const glob = compileGlob([{ literal: "a*" }, "*", { literal: "?" }]);
  assert.ok(globMatches(glob, "a*x?"));
  assert.ok(!globMatches(glob, "abx?"));
  assert.ok(!globMatches(glob, "a*xy"));
});

test("matching can begin inside the text", () => {
  assert.ok(globMatches(textGlob("b*"), "abc", 1));
  assert.ok(!globMatches(textGlob("a*"), "abc", 1));
  assert.ok(globMatches(textGlob("*"), "abc", 3));
});

test("tokens put together again are the pattern", () => {
  fc.assert(
    fc.property(fc.string(), (pattern) => {
      const tokens = globTokens(pattern);
      const text = tokens
        .map((token) => (typeof token === "string" ? token : token.literal))
        .join("");
      assert.equal(text, pattern);
    }),
  );
});

test("the matcher agrees with the textbook on random patterns and texts", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "😀"), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "😀"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (pattern, text) => {
      assert.equal(matches(pattern, text), like(pattern, text));
    }),
    { numRuns: 5_000 },
  );
});

test("a text matches itself with any part replaced by a star", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (before, middle, after) => {
      const tokens = [{ literal: before }, "*", { literal: after }] as const;
      assert.ok(globMatches(compileGlob(tokens), before + middle + after));
    }),
  );
});
