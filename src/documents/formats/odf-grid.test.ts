import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { DocumentFailure } from "../failure.ts";
import { createOdfGrids } from "./odf-grid.ts";
import type { OdfGrid } from "./odf-grid.ts";

type Cell = { readonly text: string; readonly repeated: number };
type Row = { readonly cells: readonly Cell[]; readonly repeated: number };

function fill(grid: OdfGrid, rows: readonly Row[]): void {
  for (const { cells, repeated } of rows) {
    grid.startRow();
    for (const cell of cells) grid.addCell(cell.text, cell.repeated);
    grid.endRow(repeated);
  }
}

/** Every cell and row as often as it says, then without what is empty at the ends. */
function writtenOut(rows: readonly Row[]): readonly (readonly string[])[] {
  const all = rows.flatMap(({ cells, repeated }) => {
    const row = cells.flatMap((cell) => Array.from({ length: cell.repeated }, () => cell.text));
    const filled = row.slice(0, row.findLastIndex((text) => text !== "") + 1);
    return Array.from({ length: repeated }, () => filled);
  });
  return all.filter((row) => row.length > 0);
}

test("what stays within the limits is what writing everything out gives", () => {
  const cell = fc.record({
    text: fc.constantFrom("", "a", "b c"),
    repeated: fc.integer({ min: 1, max: 20 }),
  });
  const row = fc.record({
    cells: fc.array(cell, { maxLength: 12 }),
    repeated: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const grids = createOdfGrids();
      const grid = grids.open();
      fill(grid, rows);
      assert.deepEqual(grid.rows, writtenOut(rows));
      assert.deepEqual(grids.warnings(), []);
    }),
    { numRuns: 200 },
  );
});

test("whatever a table claims, its rows and columns stay within what they may be", () => {
  const count = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.constant(2 ** 31));
  const cell = fc.record({ text: fc.constantFrom("", "a"), repeated: count });
  const row = fc.record({ cells: fc.array(cell, { maxLength: 4 }), repeated: count });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 3 }), (rows) => {
      const grid = createOdfGrids().open();
      fill(grid, rows);
      assert.ok(grid.rows.length <= 3 * 1000);
      for (const each of grid.rows) assert.ok(each.length <= 256 + 4 * 256);
      const some = rows.some(({ cells }) => cells.some(({ text }) => text !== ""));
      assert.equal(grid.rows.length > 0, some);
    }),
    { numRuns: 60 },
  );
});

test("the tables of one document share the limit on text", () => {
  const grids = createOdfGrids();
  const text = "x".repeat(1_048_575);
  const rows = [{ cells: [{ text, repeated: 5 }], repeated: 1 }];
  fill(grids.open(), rows);
  fill(grids.open(), rows);
  assert.throws(
    () => fill(grids.open(), [{ cells: [{ text: "y", repeated: 1 }], repeated: 1 }]),
    (error) => error instanceof DocumentFailure && error.code === "tooLarge",
  );
});
