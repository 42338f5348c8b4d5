import { oneLine, tableBlock } from "../block.ts";
import type { Block } from "../block.ts";
import { looksLikeHeader } from "./table.ts";

const cellLengthMax = 2000;
const columnSpanMax = 50;

/** A table that is being read. */
export type OpenTable = {
  readonly startRow: () => void;
  readonly startCell: (columnSpan: string | undefined, isHeader: boolean) => void;
  readonly addText: (text: string) => void;
  /** True when a cell holds so much that the table is there for the layout of the page. */
  readonly isLayout: () => boolean;
  /** The finished blocks and, apart, the text of the cell that is still open. */
  readonly finish: () => { readonly blocks: readonly Block[]; readonly rest: string };
};

/** Collects the cells of one HTML table. */
export function openTable(): OpenTable {
  const rows: string[][] = [];
  let row: string[] | undefined;
  let cell: string | undefined;
  let headerRows = 0;
  let isHeaderRow = false;

  const closeCell = (): void => {
    if (cell !== undefined) row?.push(oneLine(cell));
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
      const span = Math.min(Number.parseInt(columnSpan ?? "1", 10) || 1, columnSpanMax);
      // The text stands in the first of the columns it covers.
      for (let extra = 1; extra < span; extra += 1) {
        row.push("");
      }
    },
    addText(text) {
      if (cell !== undefined) cell += text;
    },
    isLayout: () => (cell?.length ?? 0) > cellLengthMax,
    finish() {
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
