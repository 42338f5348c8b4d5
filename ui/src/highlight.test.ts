import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { markExcerpts } from "./highlight.ts";

function show(snippet: string, ...excerpts: readonly string[]): string {
  return markExcerpts(snippet, excerpts)
    .map(({ text, isExcerpt }) => (isExcerpt ? `[${text}]` : text))
    .join("");
}

test("excerpts are marked where they occur", () => {
  assert.equal(show("one two three", "two"), "one [two] three");
  assert.equal(show("one two three", "one", "three"), "[one] two [three]");
});

test("white space of any kind counts as equal", () => {
  assert.equal(show("one\n  two three", "one two"), "[one\n  two] three");
  assert.equal(show("one two", " one \t two "), "[one two]");
});

test("overlapping excerpts become one", () => {
  assert.equal(show("one two three", "one two", "two three"), "[one two three]");
  assert.equal(show("one two three", "two", "two"), "one [two] three");
});

test("an excerpt that does not occur, or is empty, marks nothing", () => {
  assert.equal(show("one", "two", "", "  "), "one");
  assert.equal(show("", "one"), "");
});

test("the parts put together are the snippet", () => {
  const text = fc.stringMatching(/^[ab \n]{0,30}$/);
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 4 }), (snippet, excerpts) => {
      const parts = markExcerpts(snippet, excerpts);
      assert.equal(parts.map((part) => part.text).join(""), snippet);
    }),
  );
});
