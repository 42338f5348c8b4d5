import { oneLine, tableBlock } from "../block.ts";
import type { Block } from "../block.ts";
import { looksLikeHeader } from "./table.ts";

const cellLengthMax = 2000;
const columnSpanMax = 50;

/** A table that is being read. */
export type OpenTable = {
  readonly startRow: () => void;
  readonly startCell: (columnSpan: string | undefined, isHeader: boolean) => void;
  readonly endCell: () => void;
  readonly endRow: () => void;
  /** Adds to the open cell; false when none is open and the text belongs beside the table. */
  readonly addText: (text: string) => boolean;
  /** True when a cell holds so much that the table is there for the layout of the page. */
  readonly isLayout: () => boolean;
  readonly finish: () => readonly Block[];
  /** Ends the table in the middle of a cell, whose text is handed back apart. */
  readonly dissolve: () => { readonly blocks: readonly Block[]; readonly rest: string };
};

/** Collects the cells of one HTML table. */
export function openTable(): OpenTable {
  const rows: string[][] = [];
  let row: string[] | undefined;
  let cell: string | undefined;
  let span = 1;
  let headerRows = 0;
  let isHeaderRow = false;

  const closeCell = (): void => {
    if (cell === undefined) return;
    // The text stands in the first of the columns it covers.
    row?.push(oneLine(cell), ...Array.from({ length: span - 1 }, () => ""));
    cell = undefined;
  };
  const closeRow = (): void => {
    closeCell();
    if (row?.some((text) => text !== "") === true) {
      if (isHeaderRow && rows.length === headerRows) headerRows += 1;
      rows.push(row);
    }
    row = undefined;
  };

  return {
    startRow() {
      closeRow();
      row = [];
      isHeaderRow = true;
    },
    startCell(columnSpan, isHeader) {
      closeCell();
      if (row === undefined) isHeaderRow = true;
      row ??= [];
      cell = "";
      if (!isHeader) isHeaderRow = false;
      span = Math.max(1, Math.min(Number.parseInt(columnSpan ?? "1", 10) || 1, columnSpanMax));
    },
    addText(text) {
      if (cell === undefined) return false;
      cell += text;
      return true;
    },
    isLayout: () => (cell?.length ?? 0) > cellLengthMax,
    endCell: closeCell,
    endRow: closeRow,
    finish() {
      closeRow();
      return toBlocks(rows, headerRows);
    },
    dissolve() {
      const rest = cell ?? "";
      cell = undefined;
      closeRow();
      return { blocks: toBlocks(rows, headerRows), rest };
    },
  };
}

function toBlocks(rows: readonly (readonly string[])[], headerRows: number): readonly Block[] {
  if (rows.length === 0) return [];
  // One column, or one row, is prose in boxes.
  if (rows.every((row) => row.filter((cell) => cell !== "").length <= 1)) {
    return rows.map((row) => ({ kind: "paragraph", text: row.join("") }));
  }
  const isHeaded = headerRows > 0 && headerRows < rows.length && headerRows <= 3;
  return [tableBlock(rows, { headerRows: isHeaded ? headerRows : looksLikeHeader(rows) ? 1 : 0 })];
}
