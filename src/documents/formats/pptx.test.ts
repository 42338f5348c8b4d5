import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentFailure } from "../failure.ts";
import { makePptx, shape } from "../testing/office-file.ts";
import { makeZip } from "../testing/zip-file.ts";
import { readPptx } from "./pptx.ts";

test("slides come in the order they are shown, with titles, lists and notes", () => {
  const deck = makePptx([
    {
      body:
        shape(["Plan &amp; goals"], "title") + shape(["First", "Second"]) + shape(["7"], "sldNum"),
      notes: shape(["Say hello"], "body") + shape(["1"], "sldNum"),
    },
    { body: shape(["Costs"], "ctrTitle") + shape(["Only one"]) },
  ]);
  const { blocks, pages, title } = readPptx(deck);
  assert.equal(pages, 2);
  assert.equal(title, "Plan & goals");
  assert.deepEqual(blocks, [
    { kind: "heading", text: "Plan & goals", level: 1, page: 1 },
    { kind: "list", text: "First\nSecond", page: 1 },
    { kind: "paragraph", text: "Say hello", page: 1 },
    { kind: "heading", text: "Costs", level: 1, page: 2 },
    { kind: "paragraph", text: "Only one", page: 2 },
  ]);
});

test("tables on slides keep their rows", () => {
  const cell = (text: string): string =>
    `<a:tc><a:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody></a:tc>`;
  const row = (cells: readonly string[]): string => `<a:tr>${cells.map(cell).join("")}</a:tr>`;
  const table = `<p:graphicFrame><a:tbl>${row(["Name", "Price"])}${row(["Bolt", "2"])}</a:tbl></p:graphicFrame>`;
  const [block] = readPptx(makePptx([{ body: table }])).blocks;
  assert.equal(block?.text, "Name | Price\nBolt | 2");
  assert.equal(block?.headerRows, 1);
  assert.equal(block?.page, 1);
});

test("without an order slides are read by their numbers", () => {
  const slide = (text: string): string => `<p:sld>${shape([text])}</p:sld>`;
  const deck = makeZip([
    { name: "ppt/presentation.xml", content: "<p:presentation/>" },
    { name: "ppt/slides/slide10.xml", content: slide("ten") },
    { name: "ppt/slides/slide2.xml", content: slide("two") },
  ]);
  assert.deepEqual(
    readPptx(deck).blocks.map((block) => block.text),
    ["two", "ten"],
  );
});

test("an empty or broken deck invents nothing", () => {
  assert.deepEqual(readPptx(makePptx([{ body: "" }])).blocks, []);
  const deck = makePptx([{ body: shape(["text"]) }]);
  assert.throws(() => readPptx(deck.subarray(0, 100)), DocumentFailure);
  assert.deepEqual(readPptx(makePptx([{ body: "<a:tbl><a:tr><a:p><a:t>open" }])).blocks, []);
});
