import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalHeaders, collapseBlanks, indexHeaders } from "./headers.ts";

const values: readonly (readonly [given: string, canonical: string])[] = [
  ["", ""],
  [" ", ""],
  ["a", "a"],
  [" a ", "a"],
  ["a  b", "a b"],
  ["a\tb", "a b"],
  ["a\r\n  b", "a b"],
  ['"a   b"', '"a b"'],
  ["a\u00a0 b", "a\u00a0 b"],
];

test("values are trimmed and runs of blanks become one space", () => {
  for (const [given, canonical] of values) assert.equal(collapseBlanks(given), canonical);
});

test("repeated headers are joined in wire order", () => {
  const index = indexHeaders([
    ["B", " 2 "],
    ["a", "x"],
    ["b", "1"],
    ["b", ""],
  ]);
  assert.equal(canonicalHeaders(index, ["a", "b"]), "a:x\nb:2,1,\n");
});

test("a signed header that did not arrive is not an empty one", () => {
  assert.equal(canonicalHeaders(indexHeaders([["a", ""]]), ["a"]), "a:\n");
  assert.equal(canonicalHeaders(indexHeaders([["a", ""]]), ["a", "b"]), undefined);
});

test("the host is found under its HTTP/1.1 and its HTTP/2 name", () => {
  assert.equal(canonicalHeaders(indexHeaders([[":authority", "h"]]), ["host"]), "host:h\n");
  assert.equal(canonicalHeaders(indexHeaders([["host", "h"]]), [":authority"]), ":authority:h\n");
  const both = indexHeaders([
    [":authority", "one"],
    ["host", "two"],
  ]);
  assert.equal(canonicalHeaders(both, [":authority", "host"]), ":authority:one\nhost:two\n");
});

test("a value cannot start a line of its own", () => {
  const index = indexHeaders([["a", "1\nhost:evil"]]);
  assert.equal(canonicalHeaders(index, ["a"]), "a:1 host:evil\n");
});
