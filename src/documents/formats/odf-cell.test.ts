import assert from "node:assert/strict";
import { test } from "node:test";
import { odfCellText } from "./odf-cell.ts";

const text = (type: string, value: readonly [string, string], shown: string): string =>
  odfCellText(
    new Map([
      ["office:value-type", type],
      [`office:${value[0]}`, value[1]],
    ]),
    shown,
  );

test("values are told as those of Excel files, whatever the language they are shown in", () => {
  assert.equal(text("float", ["value", "1234.5"], "1.234,50"), "1234.5");
  assert.equal(text("float", ["value", "0.30000000000000004"], "0,3"), "0.3");
  assert.equal(text("percentage", ["value", "0.125"], "12,5 %"), "12.5%");
  assert.equal(text("boolean", ["boolean-value", "true"], "WAHR"), "TRUE");
  assert.equal(text("boolean", ["boolean-value", "false"], "FALSCH"), "FALSE");
  assert.equal(text("string", ["string-value", "raw"], ""), "raw");
  assert.equal(text("string", ["string-value", "raw"], "shown"), "shown");
});

test("an amount of money keeps its currency", () => {
  const cell = new Map([
    ["office:value-type", "currency"],
    ["office:currency", "EUR"],
    ["office:value", "25"],
  ]);
  assert.equal(odfCellText(cell, "25,00 €"), "25,00 €");
  assert.equal(odfCellText(cell, ""), "25 EUR");
});

test("dates and times are told in the order of ISO, midnights and seconds only where they are", () => {
  const dates: readonly (readonly [string, string])[] = [
    ["2025-12-09", "2025-12-09"],
    ["2025-12-09T00:00:00", "2025-12-09"],
    ["2025-12-09T18:00:00", "2025-12-09 18:00"],
    ["2025-12-09T18:00:05.25", "2025-12-09 18:00:05"],
    ["2025-12-09T18:30", "2025-12-09 18:30"],
    ["yesterday", "shown"],
    ["", "shown"],
  ];
  for (const [value, wanted] of dates) {
    assert.equal(text("date", ["date-value", value], "shown"), wanted, value);
  }
  const times: readonly (readonly [string, string])[] = [
    ["PT18H05M00S", "18:05"],
    ["PT9H5M7.5S", "09:05:07"],
    ["PT130H00M00S", "130:00"],
    ["-PT01H30M00S", "-01:30"],
    ["P1Y", "shown"],
  ];
  for (const [value, wanted] of times) {
    assert.equal(text("time", ["time-value", value], "shown"), wanted, value);
  }
});

test("a cell without a value, or with one that is none, is what it shows", () => {
  assert.equal(odfCellText(new Map(), "plain"), "plain");
  assert.equal(text("float", ["value", "1e999"], "#NUM!"), "#NUM!");
  assert.equal(text("float", ["value", ""], "shown"), "shown");
  assert.equal(text("percentage", ["value", "half"], "half"), "half");
  assert.equal(text("boolean", ["boolean-value", "maybe"], "maybe"), "maybe");
  assert.equal(text("constructor", ["value", "1"], "shown"), "shown");
});
