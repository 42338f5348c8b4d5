import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentFailure } from "../failure.ts";
import { makeXlsx } from "../testing/office-file.ts";
import { formatCell, isDateFormat } from "./cell-format.ts";
import { readXlsx } from "./xlsx.ts";

const inline = (ref: string, text: string): string =>
  `<c r="${ref}" t="inlineStr"><is><t>${text}</t></is></c>`;

test("each sheet is a heading and a table with the cells in their columns", () => {
  const strings =
    "<si><t>Name</t></si><si><r><t>Pri</t></r><r><t>ce</t></r><rPh><t>aid</t></rPh></si>";
  const rows = `<row><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row/>
    <row>${inline("A3", "Bolt")}<c r="B3"><f>1+1</f><v>2</v></c></row>
    <row><c r="B4" t="b"><v>1</v></c><c r="D4" t="str"><f>x</f><v>text</v></c></row>`;
  const { blocks, pages } = readXlsx(
    makeXlsx(
      [
        { name: "A &amp; B", rows },
        { name: "Empty", rows: "" },
      ],
      { strings },
    ),
  );
  assert.equal(pages, 2);
  assert.deepEqual(blocks, [
    { kind: "heading", text: "A & B", level: 1, page: 1 },
    {
      kind: "table",
      text: "Name | Price\nBolt | 2\n | TRUE |  | text",
      rows: [
        ["Name", "Price"],
        ["Bolt", "2"],
        ["", "TRUE", "", "text"],
      ],
      headerRows: 1,
      page: 1,
    },
  ]);
});

test("dates and shares are shown as such", () => {
  const styles = `<numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>
    <cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>
    <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="10"/></cellXfs>`;
  const rows = `<row><c r="A1" s="1"><v>46000</v></c><c r="B1" s="2"><v>0.125</v></c><c r="C1"><v>0.1</v></c></row>`;
  const [, table] = readXlsx(makeXlsx([{ name: "S", rows }], { styles })).blocks;
  assert.equal(table?.text, "2025-12-09 | 12.5% | 0.1");
  const properties = `<workbookPr date1904="1"/>`;
  const [, other] = readXlsx(makeXlsx([{ name: "S", rows }], { styles, properties })).blocks;
  assert.ok(other?.text.startsWith("2029-12-10"));
});

test("numbers as people see them", () => {
  const date = { isDate: true, isPercent: false };
  const cases: readonly (readonly [string, string])[] = [
    [formatCell(0.1 + 0.2, undefined, false), "0.3"],
    [formatCell(1e21, undefined, false), "1e+21"],
    [formatCell(Number.NaN, undefined, false), ""],
    [formatCell(1, date, false), "1900-01-01"],
    [formatCell(59, date, false), "1900-02-28"],
    [formatCell(61, date, false), "1900-03-01"],
    [formatCell(0.5, date, false), "12:00"],
    [formatCell(46000.75, date, false), "2025-12-09 18:00"],
    [formatCell(0, date, true), "00:00"],
    [formatCell(-5, date, false), "-5"],
    [formatCell(9e9, date, false), "9000000000"],
  ];
  for (const [text, expected] of cases) assert.equal(text, expected);
});

test("date formats are told from number formats", () => {
  for (const code of ["yyyy-mm-dd", "d/m/yy", "[h]:mm:ss", "mm:ss.0", '"Day" dddd']) {
    assert.ok(isDateFormat(200, code), code);
  }
  for (const code of ["", "General", "#,##0.00", "0%", '0 "days"', "[Red]0.0", "0.00E+00"]) {
    assert.ok(!isDateFormat(200, code), code);
  }
  assert.ok(isDateFormat(14, "") && isDateFormat(22, "") && !isDateFormat(4, ""));
});

test("references far away and sheets without end stay within limits", () => {
  const far = `<row>${inline("XFD1", "far")}${inline("ZZZZZZZZ1", "farther")}</row>`;
  const [, table] = readXlsx(makeXlsx([{ name: "S", rows: far }])).blocks;
  assert.ok((table?.rows?.[0]?.length ?? 0) < 300);
  const text = "x".repeat(500_000);
  const many = `<row><c r="A1" t="s"><v>0</v></c></row>`.repeat(21);
  const bomb = makeXlsx([{ name: "S", rows: many }], { strings: `<si><t>${text}</t></si>` });
  assert.throws(
    () => readXlsx(bomb),
    (error) => error instanceof DocumentFailure && error.code === "tooLarge",
  );
});
