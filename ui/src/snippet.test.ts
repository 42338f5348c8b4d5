import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { markExcerpts } from "./highlight.ts";
import { readableExcerpt, readableParts } from "./snippet.ts";

function show(snippet: string, ...excerpts: readonly string[]): string {
  return readableParts(markExcerpts(snippet, excerpts))
    .map(({ text, isExcerpt }) => (isExcerpt ? `[${text}]` : text))
    .join("");
}

test("marks of Markdown that are no text are left out, also across the edge of an excerpt", () => {
  assert.equal(
    show("## Nothing helps\n\nRestart **the hub**."),
    "Nothing helps\n\nRestart the hub.",
  );
  assert.equal(show("Restart **the hub** now", "Restart **the"), "[Restart the] hub now");
  assert.equal(show("# A", "# A"), "[A]");
  assert.equal(
    show("Start with *Your first weeks*, then rest."),
    "Start with Your first weeks, then rest.",
  );
});

test("what only looks like a mark stays", () => {
  for (const text of [
    "#5 of 7",
    "2 ** 3 ** 4",
    "a # b",
    "**",
    "****",
    "a*b*c",
    "2 * 3 * 4",
    "\\*x*",
    "* item",
    "** x**",
    "**a\nb**",
  ]) {
    assert.equal(show(text), text);
  }
});

test("lines that were broken at the edge of a window are joined, others are kept", () => {
  const long = "Restart the hub, wait a quarter of an hour, and do not do a";
  assert.equal(
    show(`${long}\nfactory reset.`, "do a\nfactory"),
    `${long.slice(0, -4)}[do a factory] reset.`,
  );
  assert.equal(show(`${long}\nFactory reset.`), `${long}\nFactory reset.`);
  assert.equal(show(`${long}\n\nfactory`), `${long}\n\nfactory`);
  assert.equal(show("short\nlines"), "short\nlines");
  assert.equal(show(`${long}\n- item`), `${long}\n- item`);
});

test("rows of a table show their cells with dots between them", () => {
  const table = "| What | Limit |\n| --- | :-: |\n| Meals | 38 euros |\n\nAfter";
  assert.equal(show(table, "| Meals | 38 euros |"), "What · Limit\n[Meals · 38 euros]\n\nAfter");
  assert.equal(readableExcerpt("| Meals | 38 euros a day |"), "Meals · 38 euros a day");
  assert.equal(show("|a||b|"), "a ·  · b");
  assert.equal(show("a | b"), "a | b");
});

test("an excerpt of a list shows without the list's mark", () => {
  assert.equal(readableExcerpt("- **Gullstone**, a station"), "Gullstone, a station");
  assert.equal(readableExcerpt("-5 degrees"), "-5 degrees");
  assert.equal(readableExcerpt(""), "");
});

test("no letter of a passage is lost, and its parts stay what they are", () => {
  const text = fc.stringMatching(/^[ab #*|\n-]{0,40}$/);
  const letters = (shown: string): string => shown.replace(/[^ab]/g, "");
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 3 }), (snippet, excerpts) => {
      const parts = markExcerpts(snippet, excerpts);
      const shown = readableParts(parts);
      const of = (list: typeof parts, isExcerpt: boolean): string =>
        letters(
          list
            .filter((part) => part.isExcerpt === isExcerpt)
            .map((p) => p.text)
            .join(""),
        );
      assert.equal(of(shown, true), of(parts, true));
      assert.equal(of(shown, false), of(parts, false));
    }),
  );
});

test("a hostile passage takes no time", () => {
  const started = performance.now();
  for (const text of [
    "**a".repeat(30_000),
    "#".repeat(90_000),
    "a".repeat(90_000),
    "\na".repeat(45_000),
    "*a".repeat(45_000),
    `|${" ".repeat(90_000)}|`,
    "|".repeat(90_000),
  ]) {
    show(text);
  }
  assert.ok(performance.now() - started < 2000);
});
