import assert from "node:assert/strict";
import { test } from "node:test";
import { makeOdp, odfCell, odfFrame, odfParagraph, odfRow } from "../testing/odf-file.ts";
import { makePptx, shape } from "../testing/office-file.ts";
import { readOdp } from "./odp.ts";
import { readPptx } from "./pptx.ts";

const notes = (shapes: string): string =>
  `<presentation:notes><draw:page-thumbnail/>${shapes}</presentation:notes>`;
const texts = (...slides: readonly string[]): readonly unknown[] =>
  readOdp(makeOdp(slides)).blocks.map(({ kind, text, page }) => [kind, text, page]);

test("slides with titles, lists and notes come as those of a PowerPoint file", () => {
  const pptx = makePptx([
    {
      body: shape(["Plan &amp; goals"], "title") + shape(["First", "Second"]),
      notes: shape(["Say hello"], "body"),
    },
    { body: shape(["Costs"], "title") + shape(["Only one"]) },
  ]);
  const odp = makeOdp([
    odfFrame(["Plan &amp; goals"], "title") +
      odfFrame(["First", "Second"], "outline") +
      notes(odfFrame(["Say hello"], "notes")),
    odfFrame(["Costs"], "title") + odfFrame(["Only one"]),
  ]);
  const extraction = readOdp(odp);
  assert.deepEqual(extraction, readPptx(pptx));
  assert.equal(extraction.pages, 2);
  assert.deepEqual(extraction.blocks, [
    { kind: "heading", text: "Plan & goals", level: 1, page: 1 },
    { kind: "list", text: "First\nSecond", page: 1 },
    { kind: "paragraph", text: "Say hello", page: 1 },
    { kind: "heading", text: "Costs", level: 1, page: 2 },
    { kind: "paragraph", text: "Only one", page: 2 },
  ]);
});

test("the title is that of the properties, then the first slide's", () => {
  const slides = [odfFrame(["Costs"], "title")];
  assert.equal(readOdp(makeOdp(slides, { title: "The plan" })).title, "The plan");
  assert.equal(readOdp(makeOdp(slides)).title, "Costs");
  assert.equal(readOdp(makeOdp([odfFrame(["Text"])])).title, undefined);
});

test("what repeats on every slide, prompts and comments are left out", () => {
  const furniture = ["page-number", "date-time", "footer", "header"].map((kind) =>
    odfFrame([kind], kind),
  );
  const prompt = odfFrame(["Click to add"], "outline", 'presentation:placeholder="true"');
  const comment = `<office:annotation><dc:creator>Eve</dc:creator>${odfParagraph("Why?")}</office:annotation>`;
  assert.deepEqual(texts(furniture.join("") + prompt + comment + odfFrame(["Text"])), [
    ["paragraph", "Text", 1],
  ]);
});

test("drawn shapes, groups of them and lists in them are read in order", () => {
  const list = `<text:list><text:list-item>${odfParagraph("one")}<text:list><text:list-item>${odfParagraph("two<text:tab/>2")}</text:list-item></text:list></text:list-item></text:list>`;
  const group = `<draw:g><svg:title>alt</svg:title><draw:custom-shape>${odfParagraph("A")}</draw:custom-shape><draw:rect>${odfParagraph("B<text:line-break/>b")}</draw:rect></draw:g>`;
  const page = `<draw:custom-shape>${odfParagraph("Before")}</draw:custom-shape>${group}<draw:frame><draw:text-box>${list}</draw:text-box></draw:frame>`;
  assert.deepEqual(texts("", page), [
    ["paragraph", "Before", 2],
    ["paragraph", "A", 2],
    ["paragraph", "B b", 2],
    ["list", "one\ntwo 2", 2],
  ]);
});

test("tables on slides keep their rows", () => {
  const table = `<draw:frame><table:table>${odfRow([odfCell("Name"), odfCell("Price")])}${odfRow([odfCell("Bolt"), odfCell("2", 'table:number-columns-repeated="2000000"')], 'table:number-rows-repeated="2"')}</table:table><draw:image/></draw:frame>`;
  const { blocks, warnings } = readOdp(makeOdp([`${table}${odfFrame(["After"])}`]));
  const [block, after] = blocks;
  assert.deepEqual([block?.kind, block?.headerRows, block?.page], ["table", 1, 1]);
  assert.deepEqual(block?.rows?.[0], ["Name", "Price"]);
  assert.deepEqual(
    block?.rows?.map((row) => row.length),
    [2, 257, 257],
  );
  assert.equal(warnings.length, 1);
  assert.equal(after?.text, "After");
});

test("a title in the notes is no heading of the slide", () => {
  assert.deepEqual(texts(notes(odfFrame(["Remember"], "title"))), [["paragraph", "Remember", 1]]);
});

test("an empty or broken deck invents nothing", () => {
  assert.deepEqual(texts(), []);
  assert.deepEqual(texts(odfFrame([" "])), []);
  assert.deepEqual(texts("<table:table><table:table-row><text:p>open"), []);
  assert.deepEqual(texts("</draw:frame></presentation:notes><draw:frame><text:p>open"), [
    ["paragraph", "open", 1],
  ]);
});
