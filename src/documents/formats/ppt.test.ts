import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentFailure } from "../failure.ts";
import { makeOle, pptRecord } from "../testing/ole-file.ts";
import { readPpt } from "./ppt.ts";

const kind = (value: number): Buffer => pptRecord(3999, Buffer.from([value, 0, 0, 0]));
const wide = (text: string): Buffer => pptRecord(4000, Buffer.from(text, "utf16le"));
const narrow = (text: string): Buffer => pptRecord(4008, Buffer.from(text, "latin1"));
const persist = pptRecord(1011, Buffer.alloc(20));

function deck(records: readonly Buffer[], user = Buffer.alloc(20)): Buffer {
  return makeOle({ "PowerPoint Document": Buffer.concat(records), "Current User": user });
}

test("the outline gives titles and text by slide, boxes and notes follow", () => {
  const first = [persist, kind(0), wide("Costs €"), kind(1), narrow("One\rTwo\vmore")];
  const outline = pptRecord(4080, first.concat([persist, kind(6), narrow("Plans")]));
  const masters = pptRecord(4080, [persist, kind(0), narrow("Click to edit")], 1);
  const box = pptRecord(1006, [pptRecord(1036, [kind(4), narrow("In a box")])]);
  const notes = pptRecord(1008, [kind(2), narrow("Say hello")]);
  const master = pptRecord(1016, [kind(0), narrow("Master title")]);
  const file = deck([pptRecord(1000, [masters, outline]), master, box, box, notes]);
  const { blocks, pages, title } = readPpt(file);
  assert.equal(pages, 2);
  assert.equal(title, "Costs €");
  assert.deepEqual(blocks, [
    { kind: "heading", text: "Costs €", level: 1, page: 1 },
    { kind: "list", text: "One\nTwo more", page: 1 },
    { kind: "heading", text: "Plans", level: 1, page: 2 },
    { kind: "paragraph", text: "In a box", page: 1 },
    { kind: "paragraph", text: "Say hello", page: 2 },
  ]);
});

test("encrypted and damaged decks fail, endless nesting does not hurt", () => {
  const codeOf = (bytes: Buffer): string => {
    try {
      readPpt(bytes);
    } catch (error) {
      return error instanceof DocumentFailure ? error.code : String(error);
    }
    return "none";
  };
  const user = Buffer.alloc(20);
  user.writeUInt32LE(0xf3d1c4df, 12);
  assert.equal(codeOf(deck([], user)), "encrypted");
  assert.equal(codeOf(makeOle({ Other: Buffer.alloc(1) })), "corrupt");
  let nested = narrow("deep");
  for (let level = 0; level < 500; level += 1) nested = pptRecord(1006, [nested]);
  assert.equal(codeOf(deck([nested])), "none");
  const tooLong = pptRecord(4008, Buffer.from("text"));
  tooLong.writeUInt32LE(0xfffffff0, 4);
  assert.equal(codeOf(deck([pptRecord(1006, [tooLong])])), "none");
});
