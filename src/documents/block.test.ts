import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { gapLength, oneLine, plainText, tableBlock } from "./block.ts";

test("the plain text is all blocks with an empty line between them", () => {
  const blocks = [
    { kind: "heading", text: "A", level: 1 },
    { kind: "paragraph", text: "b" },
  ] as const;
  assert.equal(plainText(blocks), "A\n\nb");
  assert.equal(plainText([]), "");
  assert.equal(gapLength, 2);
});

test("a table has one line per row and keeps its cells", () => {
  const table = tableBlock(
    [
      ["a\nb", " c "],
      ["", "d", ""],
      ["", ""],
    ],
    { headerRows: 1, page: 2 },
  );
  assert.equal(table.text, "a b | c\n | d\n");
  assert.deepEqual(table.rows, [
    ["a b", "c"],
    ["", "d", ""],
    ["", ""],
  ]);
  assert.deepEqual([table.headerRows, table.page], [1, 2]);
});

test("a table has as many lines as rows, whatever is in its cells", () => {
  const rows = fc.array(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(rows, (cells) => {
      assert.equal(tableBlock(cells, { headerRows: 0 }).text.split("\n").length, cells.length);
    }),
  );
});

test("one line has no line breaks and no white space at its ends", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const line = oneLine(text);
      assert.ok(!/[\n\r\u2028]|^\s|\s$|\s\s/.test(line));
      assert.equal(line.replace(/\s/g, ""), text.replace(/\s/g, ""));
    }),
  );
});
