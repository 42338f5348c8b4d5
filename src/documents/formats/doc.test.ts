import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { DocumentFailure } from "../failure.ts";
import { makeDoc, makeOle } from "../testing/ole-file.ts";
import { readDoc } from "./doc.ts";
import { openOle } from "./ole.ts";

function codeOf(bytes: Buffer): string {
  try {
    readDoc(bytes);
  } catch (error) {
    assert.ok(error instanceof DocumentFailure, String(error));
    return error.code;
  }
  return "none";
}

test("streams come back from the container, long and short names alike", () => {
  const long = Buffer.alloc(10_000, "abc");
  const file = openOle(makeOle({ One: long, "A longer name": Buffer.alloc(5000, "x") }));
  assert.deepEqual(file.stream("One"), long);
  assert.equal(file.stream("A longer name")?.length, 5000);
  assert.equal(file.stream("Two"), undefined);
});

test("paragraphs, line breaks, table rows and text in both kinds of pieces", () => {
  const text =
    "First one.\rSecond\vline.\rName\x07Price\x07\x07Bolt\x072\x07\x07Last: \u20ac 5 \u4e2d\r";
  assert.deepEqual(readDoc(makeDoc(text)).blocks, [
    { kind: "paragraph", text: "First one." },
    { kind: "paragraph", text: "Second\nline." },
    {
      kind: "table",
      text: "Name | Price\nBolt | 2",
      rows: [
        ["Name", "Price"],
        ["Bolt", "2"],
      ],
      headerRows: 1,
    },
    { kind: "paragraph", text: "Last: € 5 中" },
  ]);
});

test("fields show their result and hide their instructions, nested ones too", () => {
  const link = 'See \x13 HYPERLINK \x13 QUOTE \x15 "u" \x14the page\x15.\r';
  assert.equal(readDoc(makeDoc(link)).blocks[0]?.text, "See the page.");
  assert.equal(readDoc(makeDoc("a \x13 PAGE \x15b\x15\x14c\r")).blocks[0]?.text, "a bc");
});

test("encrypted, foreign and damaged files fail", () => {
  assert.equal(codeOf(makeDoc("secret\r", { flags: 0x0300 })), "encrypted");
  assert.equal(codeOf(makeOle({ Other: Buffer.alloc(10) })), "corrupt");
  assert.equal(codeOf(makeOle({ WordDocument: Buffer.alloc(10) })), "corrupt");
  assert.equal(codeOf(makeDoc("no such table\r", { flags: 0 })), "corrupt");
  assert.equal(codeOf(Buffer.alloc(100)), "corrupt");
  const whole = makeDoc("text\r");
  for (const length of [512, 600, 3000, 7000])
    assert.equal(codeOf(whole.subarray(0, length)), "corrupt");
});

test("no damage makes it hang, grow or throw anything unforeseen", () => {
  const whole = makeDoc("Some text in a document.\r");
  const damage = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) });
  const header = fc.record({ at: fc.integer({ min: 28, max: 90 }), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(fc.oneof(damage, header), { maxLength: 8 }), (changes) => {
      const copy = Buffer.from(whole);
      for (const { at, value } of changes) copy[at] = value;
      codeOf(copy);
    }),
    { numRuns: 300 },
  );
});
