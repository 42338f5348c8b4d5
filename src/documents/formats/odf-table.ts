import { oneLine } from "../block.ts";
import type { OdfGrid } from "./odf-grid.ts";
import { countOf } from "./odf-walk.ts";

/** Elements with attributes that tables are read by. */
export const tableElements = [
  "table:table-row",
  "table:table-cell",
  "table:covered-table-cell",
] as const;

type Attributes = ReadonlyMap<string, string>;

/** A table that is being read; it has been opened. */
export type OdfTable = {
  readonly rows: OdfGrid["rows"];
  readonly open: (name: string, attributes: Attributes) => void;
  /** `ended` when that was the table's own end. */
  readonly close: (name: string) => "open" | "ended";
  readonly text: (text: string) => void;
};

/**
 * Collects the cells of one table. What merged cells cover is not seen; a table in a cell is text
 * of that cell. `textOf` says what a cell is called that shows a text.
 */
export function openOdfTable(
  grid: OdfGrid,
  textOf: (attributes: Attributes, shown: string) => string = (_, shown) => shown,
): OdfTable {
  let depth = 1;
  let row: Attributes = new Map();
  let cell: Attributes = new Map();
  let shown = "";
  return {
    rows: grid.rows,
    open(name, attributes) {
      if (name === "table:table") depth += 1;
      if (depth === 1 && name === "table:table-row") {
        row = attributes;
        grid.startRow();
      } else if (depth === 1 && isCell(name)) {
        cell = attributes;
        shown = "";
      } else if (breaking.has(name)) shown += " ";
    },
    close(name) {
      if (name === "table:table") depth -= 1;
      if (depth === 0) return "ended";
      if (depth > 1) return "open";
      if (name === "table:table-row") grid.endRow(countOf(row, "table:number-rows-repeated"));
      if (!isCell(name)) return "open";
      const text = name === "table:table-cell" ? textOf(cell, oneLine(shown)) : "";
      grid.addCell(text, countOf(cell, "table:number-columns-repeated"));
      return "open";
    },
    text: (text) => void (shown += text),
  };
}

// What stands apart from what comes before it; all else is in the middle of words.
const breaking = new Set(["text:p", "text:h", "text:line-break", ...tableElements]);

function isCell(name: string): boolean {
  return name === "table:table-cell" || name === "table:covered-table-cell";
}
