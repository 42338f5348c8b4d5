import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { plainText } from "../block.ts";
import { readMarkdown } from "./markdown.ts";

const kinds = (markdown: string): readonly string[] =>
  readMarkdown(markdown).blocks.map((block) => block.kind);

test("headings are recognised and keep their syntax in the text", () => {
  const { blocks, title } = readMarkdown("# A `guide` #\n\nText\n\nPart\n----\n### Deep {#deep}\n");
  assert.equal(title, "A guide");
  assert.deepEqual(
    blocks.filter((block) => block.kind === "heading"),
    [
      { kind: "heading", text: "# A `guide` #", level: 1, label: "A guide" },
      { kind: "heading", text: "Part\n----", level: 2, label: "Part" },
      { kind: "heading", text: "### Deep {#deep}", level: 3, label: "Deep" },
    ],
  );
});

test("what only looks like a heading is text", () => {
  assert.deepEqual(kinds("#hashtag\n\n    # indented"), ["paragraph", "paragraph"]);
  assert.deepEqual(kinds("```\n# comment\n```"), ["code"]);
});

test("fenced code is one block, with its blank lines, to its own kind of fence", () => {
  const code = "````js\nlet a;\n\n```\n# no heading\n````";
  assert.deepEqual(readMarkdown(`Before\n${code}\nAfter`).blocks, [
    { kind: "paragraph", text: "Before" },
    { kind: "code", text: code },
    { kind: "paragraph", text: "After" },
  ]);
  assert.deepEqual(kinds("~~~\nnever closed\n\n# x"), ["code"]);
});

test("tables have their header and rule as header rows", () => {
  const { blocks } = readMarkdown(
    "Intro\n\n| Name | Price |\n| --- | ---: |\n| Bolt | 2 |\nnot | bare",
  );
  assert.deepEqual(blocks[1], {
    kind: "table",
    text: "| Name | Price |\n| --- | ---: |\n| Bolt | 2 |\nnot | bare",
    rows: [
      ["Name", "Price"],
      ["---", "---:"],
      ["Bolt", "2"],
      ["not", "bare"],
    ],
    headerRows: 2,
  });
  assert.deepEqual(kinds("a | b\nno rule below"), ["paragraph"]);
});

test("items with their continuation lines are one list", () => {
  assert.deepEqual(readMarkdown("- one\n  more\n- two\n1. three\n\nText").blocks, [
    { kind: "list", text: "- one\n  more\n- two\n1. three" },
    { kind: "paragraph", text: "Text" },
  ]);
});

test("front matter is not text and its title wins", () => {
  const page = readMarkdown('---\nlayout: x\ntitle: "A \\"fine\\" page"\n---\n\n# Other\n');
  assert.equal(page.title, 'A "fine" page');
  assert.equal(plainText(page.blocks), "# Other");
  assert.equal(readMarkdown("---\ntitle: It''s\n---\nx").title, "It''s");
  assert.equal(readMarkdown("---\ntitle: 'It''s'\n---\nx").title, "It's");
  assert.match(plainText(readMarkdown("---\nJust prose.\n---\nMore").blocks), /Just prose/);
  assert.match(plainText(readMarkdown("---\ntitle: never closed\n").blocks), /never closed/);
});

test("nothing but white space and front matter is lost", () => {
  const line = fc.constantFrom(
    "# a",
    "text",
    "",
    "- i",
    "|a|b|",
    "|-|-|",
    "```",
    "===",
    "  x",
    "---",
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = ["start", ...lines].join("\n");
      const squeezed = (s: string): string => s.replace(/\s/g, "");
      assert.equal(squeezed(plainText(readMarkdown(text).blocks)), squeezed(text));
    }),
  );
});
