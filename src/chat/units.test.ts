import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { unitsOf } from "./units.ts";

function shownIn(text: string): readonly string[] {
  return unitsOf(text).map(({ kind, shown }) => `${kind}: ${shown}`);
}

test("prose falls into sentences without its headings", () => {
  assert.deepEqual(shownIn("# Leave\n\nTake 25 days. Ask Dr. Li first."), [
    "sentence: Take 25 days.",
    "sentence: Ask Dr. Li first.",
  ]);
});

test("a unit points at its own words in the passage", () => {
  const text = "# Leave\n\nSee [the guide](g.md) first. Then ask.";
  const [unit] = unitsOf(text);
  assert.equal(text.slice(unit?.begin, unit?.end), "See [the guide](g.md) first.");
  assert.equal(unit?.shown, "See the guide first.");
});

test("a table row names its columns, the header and the ruler are no units", () => {
  const table = "| Name | Default | Note |\n|:--|---:|---|\n| `size` | 5 | |\n| `age` | 7 | old |";
  assert.deepEqual(shownIn(table), [
    "row: Name: size; Default: 5",
    "row: Name: age; Default: 7; Note: old",
  ]);
});

test("a table without outer bars is a table too", () => {
  assert.deepEqual(shownIn("Name | Price\nKettle | 49 EUR"), ["row: Name: Kettle; Price: 49 EUR"]);
});

test("a lone row is shown as it is", () => {
  assert.deepEqual(shownIn("Kettle | 49 EUR"), ["row: Kettle; 49 EUR"]);
});

test("an escaped bar does not end a cell, and extra cells have no name", () => {
  assert.deepEqual(shownIn("| A |\n|---|\n| x \\| y | z |"), ["row: A: x | y; z"]);
});

test("a list item stays in one piece, with the line it goes on to", () => {
  assert.deepEqual(
    shownIn("- `size`: how many. Default is 5.\n  It may be 0.\n- `age`: how old."),
    ["item: size: how many. Default is 5. It may be 0.", "item: age: how old."],
  );
});

test("a long list item is read sentence by sentence", () => {
  const item = `- ${"This sentence says something. ".repeat(20)}`;
  assert.equal(unitsOf(item).length, 20);
  assert.equal(unitsOf(item)[0]?.shown, "This sentence says something.");
});

test("a code block is one unit, blank lines and all, open or closed", () => {
  const code = "PUT /index\n\n{ }";
  assert.deepEqual(shownIn(`Run:\n\n\`\`\`json\n${code}\n\`\`\`\n\nDone.`), [
    "sentence: Run:",
    `code: ${code}`,
    "sentence: Done.",
  ]);
  assert.deepEqual(shownIn(`~~~\n${code}`), [`code: ${code}`]);
});

test("a question mark in a code span ends no sentence", () => {
  const text = "The pattern cannot contain `/`, `?`, `#`, or `>`. Other signs are allowed.";
  assert.deepEqual(shownIn(text), [
    "sentence: The pattern cannot contain /, ?, #, or >.",
    "sentence: Other signs are allowed.",
  ]);
});

test("a citation mark behind a full stop belongs to no sentence", () => {
  assert.deepEqual(shownIn("It flew.[1][2] It landed [citation needed]. It is gone [3]."), [
    "sentence: It flew.",
    "sentence: It landed.",
    "sentence: It is gone.",
  ]);
});

test("a unit knows the heading above it, marked or bare", () => {
  const text = "# Leave\n\nTake 25 days.\n\nWorking abroad\n\nAsk first.\n\n## Pay\n- 5 EUR";
  assert.deepEqual(
    unitsOf(text).map(({ heading, shown }) => [heading, shown]),
    [
      ["Leave", "Take 25 days."],
      ["Working abroad", "Ask first."],
      ["Pay", "5 EUR"],
    ],
  );
});

test("a short line with a number, a full stop, or nothing below it is text", () => {
  for (const line of ["Lunch from 12", "We are open.", "Kettle: sold out"]) {
    assert.deepEqual(shownIn(`${line}\n\nMore text.`)[0], `sentence: ${line}`);
  }
  assert.deepEqual(shownIn("More text.\n\nThe end"), ["sentence: More text.", "sentence: The end"]);
});

test("rulers, empty fences and signs alone are no units", () => {
  for (const text of ["", "\n\n", "***", "```\n\n```", "| |\n|-|", "#", "| --- |"]) {
    assert.deepEqual(shownIn(text), [], JSON.stringify(text));
  }
});

test("units lie in the passage, in order, apart, and show something", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "# H",
      "- item. more",
      "| a | b |",
      "|---|",
      "```",
      "",
      "One. Two `x. y",
      "~~~",
    ),
    fc.string({ unit: "binary", maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join("\n");
      let end = 0;
      for (const unit of unitsOf(text)) {
        assert.ok(unit.begin >= end && unit.end > unit.begin && unit.end <= text.length);
        assert.ok(unit.shown.trim() !== "");
        end = unit.end;
      }
    }),
  );
});

test("a passage of very many lines is read up to a limit", () => {
  assert.ok(unitsOf("- item\n".repeat(50_000)).length <= 1_000);
});
