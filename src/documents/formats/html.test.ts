import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { plainText } from "../block.ts";
import type { Block } from "../block.ts";
import { readHtml } from "./html.ts";

const blocks = (html: string): readonly Block[] => readHtml(html).blocks;
const text = (html: string): string => plainText(blocks(html));

test("headings, paragraphs and code become blocks and tags vanish", () => {
  const page = readHtml(`<!doctype html><html><head><title>The &amp; page</title></head><body>
    <h1>Main <em>thing</em></h1><p>First <b>bold</b>\n text.<br>New line.</p>loose
    <h3>Sub</h3><pre>  let a;\n\n  let b;</pre></body></html>`);
  assert.equal(page.title, "The & page");
  assert.deepEqual(page.blocks, [
    { kind: "heading", text: "Main thing", level: 1 },
    { kind: "paragraph", text: "First bold text.\nNew line." },
    { kind: "paragraph", text: "loose" },
    { kind: "heading", text: "Sub", level: 3 },
    { kind: "code", text: "  let a;\n\n  let b;" },
  ]);
});

test("snippets without html tags are read, the first heading is their title", () => {
  assert.equal(text("just text"), "just text");
  assert.equal(readHtml("<h2>Name</h2>x").title, "Name");
  assert.equal(readHtml("x").title, undefined);
});

test("scripts, styles, comments, templates and pictures are dropped", () => {
  const html = `a<script>var x = "<p>SCRIPT</p>";</script><style>p{}</style><!-- COMMENT -->
    <template><p>TEMPLATE</p></template><svg><title>SVG</title></svg><svg/>b<script>open`;
  assert.equal(text(html), "a b");
});

test("lists keep their marks and depth", () => {
  const html = "<ul><li>one<li><p>two</p><p>more</p><ol><li>x</li><li>y</li></ol></li></ul>after";
  assert.deepEqual(blocks(html), [
    { kind: "list", text: "- one\n- two\n  more\n  1. x\n  2. y" },
    { kind: "paragraph", text: "after" },
  ]);
});

test("tables keep rows together with their header", () => {
  const html = `<table><caption>Prices</caption><thead><tr><th>Name<th>Price</tr></thead>
    <tr><td>Bolt</td><td>2 <p>EUR</p></td></tr><tr><td colspan=2>all</td></tr></table>`;
  assert.deepEqual(blocks(html), [
    { kind: "paragraph", text: "Prices" },
    {
      kind: "table",
      text: "Name | Price\nBolt | 2 EUR\nall",
      rows: [
        ["Name", "Price"],
        ["Bolt", "2 EUR"],
        ["all", ""],
      ],
      headerRows: 1,
    },
  ]);
});

test("a first row that names the columns is a header without being marked", () => {
  const [table] = blocks("<table><tr><td>Name<td>Price<tr><td>Bolt<td>2</table>");
  assert.equal(table?.headerRows, 1);
  const [numbers] = blocks("<table><tr><td>1<td>2<tr><td>3<td>4</table>");
  assert.equal(numbers?.headerRows, 0);
});

test("tables that arrange a page are read as the page they show", () => {
  const html = `<table><tr><td>menu</td><td><h1>Title</h1><p>Text</p>
    <table><tr><td>A<td>B<tr><td>1<td>2</table></td></tr></table>end`;
  assert.deepEqual(
    blocks(html).map((block) => [block.kind, block.text]),
    [
      ["paragraph", "menu"],
      ["heading", "Title"],
      ["paragraph", "Text"],
      ["table", "A | B\n1 | 2"],
      ["paragraph", "end"],
    ],
  );
  assert.equal(blocks("<table><tr><td>one<tr><td>two</table>")[1]?.text, "two");
});

test("a heading that never ends does not swallow the page", () => {
  const [first] = blocks(`<h1>${"long text ".repeat(100)}`);
  assert.equal(first?.kind, "paragraph");
});

test("every visible letter survives, however the tags are nested", () => {
  const names = "p div b h2 ul li table tr td th pre br span ol section a".split(" ");
  const name = fc.constantFrom(...names);
  const piece = fc.oneof(
    name.map((one) => `<${one}>`),
    name.map((one) => `</${one}>`),
    fc.stringMatching(/^[a-z]{1,5}$/),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const visible = pieces.filter((one) => !one.startsWith("<")).join("");
      // Text of a table that is in no cell moves before the table, so the order may change.
      const read = text(pieces.join("")).replace(/[^a-z]/g, "");
      const sorted = (letters: string): string => [...letters].sort().join("");
      assert.equal(sorted(read), sorted(visible));
    }),
    { numRuns: 500 },
  );
});

test("depth, unclosed tags and repeated openings take linear time", () => {
  const time = (html: string): number => {
    const started = performance.now();
    blocks(html);
    return performance.now() - started;
  };
  const attacks = [
    "<div>",
    "<table><tr><td>",
    "<ul><li>a",
    "<b>a",
    "<svg",
    "<!--",
    '<td a="',
    "<h1>x",
  ];
  for (const attack of attacks) {
    assert.ok(time(attack.repeat(100_000)) < 2500, attack);
  }
  assert.equal(text(`${"<div>".repeat(200_000)}deep${"</div>".repeat(200_000)}`), "deep");
});
