import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { DocumentFailure } from "../failure.ts";
import { makeOle } from "../testing/ole-file.ts";
import { double, makeXls, wideString, words, xlsRecord } from "../testing/xls-file.ts";
import { createStringReader } from "./xls-strings.ts";
import { readXls } from "./xls.ts";

const long = (value: number): Buffer => words(value & 0xffff, value >>> 16);
const sharedText = (row: number, column: number, index: number): Buffer =>
  xlsRecord(0xfd, words(row, column, 0), long(index));
const strings = xlsRecord(0xfc, long(2), long(2), wideString("Näme"), wideString("価格"));

test("cells of every kind stand in their rows and columns", () => {
  const file = makeXls(
    [
      xlsRecord(0xe0, words(0, 0)),
      xlsRecord(0xe0, words(0, 14)),
      xlsRecord(0xe0, words(0, 9)),
      strings,
    ],
    [
      sharedText(0, 0, 0),
      sharedText(0, 1, 1),
      // 12 as an integer in 30 bits, and 1.5 as the hundredth of 150.
      xlsRecord(
        0xbd,
        words(1, 0),
        words(0),
        long((12 << 2) | 2),
        words(0),
        long((150 << 2) | 3),
        words(1),
      ),
      xlsRecord(0x203, words(2, 1, 1), double(46000)),
      xlsRecord(0x203, words(3, 0, 2), double(0.25)),
      xlsRecord(0x204, words(3, 2, 0), wideString("label")),
      xlsRecord(0x06, words(4, 0, 0), double(7), Buffer.alloc(8)),
      xlsRecord(0x06, words(4, 1, 0), Buffer.from([0, 0, 0, 0, 0, 0, 255, 255]), Buffer.alloc(8)),
      xlsRecord(0x207, wideString("computed")),
      xlsRecord(0x06, words(5, 0, 0), Buffer.from([1, 0, 1, 0, 0, 0, 255, 255]), Buffer.alloc(8)),
      xlsRecord(0x205, words(5, 1, 0), Buffer.from([0, 0])),
      xlsRecord(0x205, words(5, 2, 0), Buffer.from([7, 1])),
    ],
  );
  const { blocks, pages } = readXls(file);
  assert.equal(pages, 1);
  assert.deepEqual(blocks[0], { kind: "heading", text: "Costs", level: 1, page: 1 });
  assert.deepEqual(blocks[1]?.text.split("\n"), [
    "Näme | 価格",
    "12 | 1.5",
    " | 2025-12-09",
    "25% |  | label",
    "7 | computed",
    "TRUE | FALSE",
  ]);
  assert.equal(blocks[1]?.headerRows, 1);
});

test("shared strings go on over the borders of records, wherever these fall", () => {
  const text = "Strings with ümläuts and 価格";
  const whole = Buffer.concat([wideString(text), wideString("next")]);
  // Behind the head of the first string, between two of its characters.
  for (let cut = 3; cut <= 3 + 2 * text.length; cut += 2) {
    const isInside = cut < 3 + 2 * text.length;
    const rest = isInside
      ? Buffer.concat([Buffer.from([1]), whole.subarray(cut)])
      : whole.subarray(cut);
    const reader = createStringReader([whole.subarray(0, cut), rest], 0);
    assert.equal(reader.next(), text, `cut at ${cut}`);
    assert.equal(reader.next(), "next");
    assert.throws(() => reader.next(), RangeError);
  }
});

test("the width of characters may change at a border, and formatting is skipped", () => {
  const first = Buffer.concat([words(4), Buffer.from([0]), Buffer.from("ab")]);
  const second = Buffer.concat([Buffer.from([1]), Buffer.from("価格", "utf16le")]);
  assert.equal(createStringReader([first, second], 0).next(), "ab価格");
  const rich = Buffer.concat([
    words(2),
    Buffer.from([8]),
    words(1),
    Buffer.from("xy"),
    Buffer.alloc(4),
  ]);
  const reader = createStringReader([Buffer.concat([rich, wideString("z")])], 0);
  assert.deepEqual([reader.next(), reader.next()], ["xy", "z"]);
});

function codeOf(bytes: Buffer): string {
  try {
    readXls(bytes);
  } catch (error) {
    assert.ok(error instanceof DocumentFailure, String(error));
    return error.code;
  }
  return "none";
}

test("encrypted, foreign, damaged workbooks and ones that promise too much fail", () => {
  assert.equal(codeOf(makeXls([xlsRecord(0x2f, words(1, 1))], [])), "encrypted");
  assert.equal(codeOf(makeOle({ Other: Buffer.alloc(1) })), "corrupt");
  assert.equal(codeOf(makeOle({ Workbook: Buffer.alloc(1) })), "corrupt");
  assert.equal(
    codeOf(makeXls([xlsRecord(0xfc, long(0xffffffff), long(0xffffffff))], [])),
    "corrupt",
  );
  assert.equal(codeOf(makeXls([], [xlsRecord(0x203, words(1, 1))])), "corrupt");
  assert.equal(codeOf(makeXls([], [])), "none");
});

test("no damage makes it throw anything but its own failure", () => {
  const whole = makeXls(
    [strings],
    [sharedText(0, 0, 0), xlsRecord(0x203, words(1, 1, 0), double(3))],
  );
  const damage = fc.record({ at: fc.integer({ min: 0, max: 700 }), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(damage, { maxLength: 6 }), (changes) => {
      const copy = Buffer.from(whole);
      for (const { at, value } of changes) copy[at] = value;
      codeOf(copy);
    }),
    { numRuns: 300 },
  );
});
