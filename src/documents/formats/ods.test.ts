import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentFailure } from "../failure.ts";
import { makeOds, odfCell, odfParagraph, odfRow } from "../testing/odf-file.ts";
import { makeXlsx } from "../testing/office-file.ts";
import { readOds } from "./ods.ts";
import { readXlsx } from "./xlsx.ts";

const empty = (repeated: number): string =>
  `<table:table-cell table:number-columns-repeated="${repeated}"/>`;
const rowsOf = (rows: string): readonly (readonly string[])[] =>
  readOds(makeOds([{ name: "S", rows }])).blocks[1]?.rows ?? [];

test("each sheet is a heading and a table, as those of an Excel file", () => {
  const inline = (ref: string, text: string): string =>
    `<c r="${ref}" t="inlineStr"><is><t>${text}</t></is></c>`;
  const xlsx = makeXlsx([
    {
      name: "A &amp; B",
      rows: `<row>${inline("A1", "Name")}${inline("B1", "Price")}</row><row>${inline("A3", "Bolt")}<c r="B3"><v>0.3</v></c></row><row>${inline("C4", "far")}</row>`,
    },
    { name: "Empty", rows: "" },
    { name: "Last", rows: `<row>${inline("A1", "x")}${inline("B1", "y")}</row>` },
  ]);
  const number = odfCell("0,30", 'office:value-type="float" office:value="0.30000000000000004"');
  const ods = makeOds([
    {
      name: "A &amp; B",
      rows: [
        odfRow([odfCell("Name"), odfCell("Price"), empty(1022)]),
        odfRow([empty(1024)], 'table:number-rows-repeated="1"'),
        odfRow([odfCell("Bolt"), number, empty(1022)]),
        odfRow([empty(2), odfCell("far"), empty(1021)]),
        odfRow([empty(1024)], 'table:number-rows-repeated="1048572"'),
      ].join(""),
    },
    { name: "Empty", rows: odfRow([empty(1024)], 'table:number-rows-repeated="1048576"') },
    { name: "Last", rows: odfRow([odfCell("x"), odfCell("y")]) },
  ]);
  const extraction = readOds(ods);
  assert.deepEqual(extraction, readXlsx(xlsx));
  assert.equal(extraction.pages, 3);
  assert.deepEqual(
    extraction.blocks.map(({ text, page }) => [text, page]),
    [
      ["A & B", 1],
      ["Name | Price\nBolt | 0.3\n |  | far", 1],
      ["Last", 3],
      ["x | y", 3],
    ],
  );
});

test("the title is that of the properties", () => {
  const sheets = [{ name: "S", rows: odfRow([odfCell("x"), odfCell("y")]) }];
  assert.equal(readOds(makeOds(sheets, { title: "Prices" })).title, "Prices");
  assert.equal(readOds(makeOds(sheets)).title, undefined);
});

test("cells and rows that say how often they stand there are written out", () => {
  const rows =
    odfRow(
      [odfCell("a", 'table:number-columns-repeated="3"'), odfCell("b")],
      'table:number-rows-repeated="2"',
    ) + odfRow([odfCell("c")]);
  assert.deepEqual(rowsOf(rows), [["a", "a", "a", "b"], ["a", "a", "a", "b"], ["c"]]);
});

test("a million repetitions neither grow nor hide what else is there", () => {
  const many = `table:number-columns-repeated="1000000000"`;
  const often = `table:number-rows-repeated="1000000000"`;
  const rows =
    odfRow([odfCell("a", many), odfCell("b")], often) +
    odfRow([`<table:table-cell ${many}/>`, odfCell("c")], 'table:number-rows-repeated="1e99"') +
    odfRow([odfCell("d", 'table:number-columns-repeated="-5"')], 'table:number-rows-repeated="x"');
  const { blocks, warnings } = readOds(makeOds([{ name: "S", rows }]));
  const all = blocks[1]?.rows ?? [];
  assert.equal(all.length, 1002);
  assert.deepEqual([all[0]?.length, all[0]?.at(-1)], [257, "b"]);
  assert.deepEqual([all[1000]?.length, all[1000]?.at(-1)], [257, "c"]);
  assert.deepEqual(all[1001], ["d"]);
  assert.deepEqual(warnings.length, 1);
  assert.match(warnings[0] ?? "", /repeated more than 256 times .* 1000 times/);
});

test("repetitions of repetitions are refused where they are too much text", () => {
  const row = odfRow(
    [odfCell("abc", 'table:number-columns-repeated="16384"')],
    'table:number-rows-repeated="1048576"',
  );
  const before = process.memoryUsage.rss();
  assert.throws(
    () => readOds(makeOds([{ name: "S", rows: row.repeat(10_000) }])),
    (error) => error instanceof DocumentFailure && error.code === "tooLarge",
  );
  assert.ok(process.memoryUsage.rss() - before < 200_000_000);
});

test("comments, drawings, deleted and covered cells, and copies of other files are no text", () => {
  const comment = `<office:annotation>${odfParagraph("a comment")}</office:annotation>`;
  const chart = `<draw:frame><draw:object/>${odfParagraph("a chart")}</draw:frame>`;
  const rows = `<table:shapes>${chart}</table:shapes>${odfRow([
    `<table:table-cell table:number-columns-spanned="2">${comment}${odfParagraph("wide")}${chart}</table:table-cell>`,
    `<table:covered-table-cell>${odfParagraph("under it")}</table:covered-table-cell>`,
    odfCell("next"),
  ])}`;
  const other = { name: "'file:///o.ods'#S", rows: odfRow([odfCell("o")]), style: "ta_extref" };
  const changes = `<table:tracked-changes><table:deletion><table:table-cell>${odfParagraph("gone")}</table:table-cell></table:deletion></table:tracked-changes>`;
  const { blocks, pages } = readOds(makeOds([other, { name: "S", rows: rows + changes }]));
  assert.deepEqual(
    blocks.map(({ text, page }) => [text, page]),
    [
      ["S", 1],
      ["wide |  | next", 1],
    ],
  );
  assert.equal(pages, 1);
});

test("paragraphs, line breaks and tables in a cell are one line, words stay whole", () => {
  const inner = `<table:table>${odfRow([odfCell("in"), odfCell("side")])}</table:table>`;
  const cell = `<table:table-cell>${odfParagraph("<text:span>on</text:span><text:a>e</text:a>")}${odfParagraph("two<text:line-break/>three")}${inner}</table:table-cell>`;
  assert.deepEqual(rowsOf(odfRow([cell, odfCell("last")])), [["one two three in side", "last"]]);
});

test("a sheet that breaks off keeps what it has", () => {
  const rows = `${odfRow([odfCell("a"), odfCell("b")])}<table:table-row><table:table-cell><text:p>op`;
  assert.deepEqual(rowsOf(rows), [["a", "b"]]);
});
