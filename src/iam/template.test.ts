import assert from "node:assert/strict";
import { test } from "node:test";
import { arnVerdict, compileArnPattern } from "./arn-pattern.ts";
import { compileGlob, globMatches } from "./glob.ts";
import { ownTexts } from "./own-text.ts";
import { parseTemplate, resolveTokens } from "./template.ts";

const rules = { variables: true, wildcards: true };
const values: Readonly<Record<string, string>> = { "a:b": "x", "c:d": "*" };
const resolve = (key: string): string | undefined => values[key];

test("a template is plain text, wildcards and variables in order", () => {
  assert.deepEqual(parseTemplate("a*${A:B}?b${c:d, 'e f'}", rules).tokens, [
    { literal: "a" },
    "*",
    { variable: "a:b", fallback: undefined },
    "?",
    { literal: "b" },
    { variable: "c:d", fallback: "e f" },
  ]);
  assert.deepEqual(parseTemplate("", rules).tokens, []);
  assert.deepEqual(parseTemplate("$a{b}$", rules).tokens, [{ literal: "$a{b}$" }]);
});

test("without variables, and without wildcards, both are plain text", () => {
  const text = "a*${a:b}";
  assert.deepEqual(parseTemplate(text, { variables: false, wildcards: false }).tokens, [
    { literal: text },
  ]);
  const onlyStars = parseTemplate(text, { variables: false, wildcards: true }).tokens;
  assert.deepEqual(onlyStars, [{ literal: "a" }, "*", { literal: "${a:b}" }]);
});

test("escapes are single plain characters", () => {
  const { tokens, faults } = parseTemplate("${*}${?}${$}", rules);
  assert.deepEqual(tokens, [{ literal: "*" }, { literal: "?" }, { literal: "$" }]);
  assert.deepEqual(faults, []);
});

test("incomplete variables are reported and stay plain text", () => {
  const rows = [
    ["a${b", "MISSING_BRACE_IN_VARIABLE"],
    ["${}", "EMPTY_VARIABLE"],
    ["${ }", "EMPTY_VARIABLE"],
    ["${a:b, 'c}", "MISSING_QUOTE_IN_VARIABLE"],
    ["${a:b, 'c'", "MISSING_BRACE_IN_VARIABLE"],
    ["${a:b, 'c'x}", "MISSING_BRACE_IN_VARIABLE"],
    ["${a:b 'c'}", "EMPTY_VARIABLE"],
    ["${, 'c'}", "EMPTY_VARIABLE"],
  ] as const;
  for (const [text, code] of rows) {
    const { faults, tokens } = parseTemplate(text, rules);
    assert.deepEqual(
      faults.map((fault) => fault.code),
      [code],
      text,
    );
    assert.ok(
      tokens.every((token) => typeof token !== "string" && "literal" in token),
      text,
    );
  }
});

test("values go in as plain text, defaults where there is none, and nothing where there is neither", () => {
  const matched = (template: string, text: string): boolean | undefined => {
    const tokens = resolveTokens(parseTemplate(template, rules).tokens, resolve);
    return tokens && globMatches(compileGlob(tokens), text);
  };
  assert.equal(matched("${a:b}/*", "x/y"), true);
  assert.equal(matched("${c:d}", "anything"), false);
  assert.equal(matched("${c:d}", "*"), true);
  assert.equal(matched("${no:key, 'd*'}", "d*"), true);
  assert.equal(matched("${no:key, 'd*'}", "dx"), false);
  assert.equal(matched("${no:key}", ""), undefined);
});

function verdict(pattern: string, arn: string, variablesIn: "resource" | "everywhere"): unknown {
  const own = ownTexts();
  return arnVerdict(
    compileArnPattern(pattern, { variables: true, variablesIn, own }),
    arn,
    resolve,
  );
}

test("conditions take variables in every part of an ARN, resources in the last", () => {
  const arn = "arn:aws:iam::x:role/x";
  assert.equal(verdict("arn:aws:iam::${a:b}:role/x", arn, "everywhere"), true);
  assert.equal(verdict("arn:aws:iam::${a:b}:role/x", arn, "resource"), "unresolved");
  assert.equal(verdict("arn:aws:iam::*:role/${a:b}", arn, "resource"), true);
  assert.equal(verdict("arn:aws:iam::x:role/${no:key}", arn, "everywhere"), "unresolved");
  assert.equal(verdict("arn:aws:s3:::${no:key}", arn, "resource"), "unresolved");
});

test("colons inside a variable do not separate parts", () => {
  const arn = "arn:aws:s3:::x:y";
  assert.equal(verdict("arn:aws:s3:::${a:b}:y", arn, "resource"), true);
  assert.equal(verdict("arn:aws:s3:::${no:key, 'x:y'}", arn, "resource"), true);
  assert.equal(verdict("arn:aws:s3:::${no:key, 'x:z'}", arn, "resource"), false);
});

test("missing trailing parts of a pattern cover everything, and only a star covers what is no ARN", () => {
  assert.equal(verdict("arn:aws:s3", "arn:aws:s3:::x", "resource"), true);
  assert.equal(verdict("arn:aws:sns", "arn:aws:s3:::x", "resource"), false);
  assert.equal(verdict("*", "x", "resource"), true);
  assert.equal(verdict("**", "x", "resource"), false);
  assert.equal(verdict("arn:*:*:*:*:*", "x:y", "resource"), false);
});

test("owned texts are equal, shared, and carry any character", () => {
  const own = ownTexts();
  for (const text of ["", "plain", "é", "😀", "\ud800", "a\u0000b"]) assert.equal(own(text), text);
});
