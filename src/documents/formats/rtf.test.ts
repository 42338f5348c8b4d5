import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { plainText } from "../block.ts";
import { DocumentFailure } from "../failure.ts";
import { readRtf } from "./rtf.ts";

const read = (rtf: string): ReturnType<typeof readRtf> => readRtf(Buffer.from(rtf, "latin1"));
const text = (rtf: string): string => plainText(read(rtf).blocks);

test("control words go, text and paragraphs stay", () => {
  const rtf = String.raw`{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\colortbl;\red0;}{\*\generator X;}
{\b Bold} and \i plain\i0 .\par Second\line line\tab x \{brace\} \\ \emdash\~end\par}`;
  assert.equal(text(rtf), "Bold and plain.\n\nSecond\nline x {brace} \\ — end");
});

test("Unicode, its stand-ins, code pages and fonts of other alphabets", () => {
  assert.equal(text(String.raw`{\rtf1 \u8364? 5, \uc0\u228 x \uc2\u228 ??y}`), "€ 5, äx äy");
  assert.equal(text(String.raw`{\rtf1 \u-10179?\u-8704?}`), "😀");
  assert.equal(text(String.raw`{\rtf1\ansicpg1251 \'cf\'f0\'e8}`), "При");
  assert.equal(text(String.raw`{\rtf1{\fonttbl{\f1\fcharset128 M;}}\f1 \'83\'5c\'83\'7d}`), "ソマ");
  // The second byte of a Japanese character may be written as the letter it would be.
  assert.equal(text(String.raw`{\rtf1\ansicpg932 \'83A\'83C}`), "アイ");
  assert.equal(text("{\\rtf1 caf\xe9}"), "café");
});

test("table rows stay rows and outline levels are headings", () => {
  const rtf = String.raw`{\rtf1\pard\outlinelevel0 Prices\par\pard Text\par
\trowd\intbl Name\cell Price\cell\row\trowd\intbl Bolt\par M8\cell 2\cell\row\pard After\par}`;
  assert.deepEqual(read(rtf).blocks, [
    { kind: "heading", text: "Prices", level: 1 },
    { kind: "paragraph", text: "Text" },
    {
      kind: "table",
      text: "Name | Price\nBolt M8 | 2",
      rows: [
        ["Name", "Price"],
        ["Bolt M8", "2"],
      ],
      headerRows: 1,
    },
    { kind: "paragraph", text: "After" },
  ]);
});

test("pictures, objects, binary data and unknown destinations are skipped", () => {
  const rtf = String.raw`{\rtf1 a{\pict\wmetafile8 0102ff}{\object{\objdata 0105}}{\*\unknown x}\bin5 {{}}}b}`;
  assert.equal(text(rtf), "ab");
  assert.equal(text(String.raw`{\rtf1{\field{\*\fldinst HYPERLINK "u"}{\fldrslt link}}}`), "link");
});

test("the title of the document is found", () => {
  const rtf = String.raw`{\rtf1{\info{\title The \'e9tude}{\author Me}}Text}`;
  assert.equal(read(rtf).title, "The étude");
  assert.equal(text(rtf), "Text");
});

test("unbalanced and endless files end with what was read, too deep ones fail", () => {
  assert.equal(text(String.raw`{\rtf1 open {\b more`), "open more");
  assert.equal(text(String.raw`{\rtf1 a}}}} b}`), "a b");
  assert.equal(text(String.raw`{\rtf1 a\bin99999999 b}`), "a");
  assert.equal(text("{\\rtf1 a\\"), "a");
  assert.throws(() => text("{\\rtf1 ".repeat(2000)), DocumentFailure);
  const started = performance.now();
  text(`{\\rtf1 ${"\\par ".repeat(200_000)}${"\\'e4".repeat(200_000)}${"x{}".repeat(200_000)}}`);
  assert.ok(performance.now() - started < 3000);
});

test("no input makes it throw anything but its own failure", () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "\\",
    "\\'",
    "\\u",
    "\\uc9",
    "-1",
    " ",
    "\\*",
    "\\cell",
    "\\row",
    "a",
    "\\f1",
    "\\bin2",
    "\xff",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      assert.ok(text(`{\\rtf1${pieces.join("")}`).isWellFormed());
    }),
    { numRuns: 300 },
  );
});
