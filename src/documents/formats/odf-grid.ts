import { oneLine } from "../block.ts";
import { documentLimits } from "../limits.ts";
import { tooMuchText } from "./csv.ts";

/** Cells further to the right follow each other without their gaps, as those of Excel files do. */
const gapColumnsMax = 256;
/** A sheet may say in a few bytes that it holds a cell or a row a million times. */
const repeatedCellsMax = 256;
const repeatedRowsMax = 1000;

/** The rows of one table, with repetitions written out as far as they say anything. */
export type OdfGrid = {
  readonly startRow: () => void;
  readonly addCell: (text: string, repeated: number) => void;
  readonly endRow: (repeated: number) => void;
  readonly rows: readonly (readonly string[])[];
};

/** What the tables of one document share: the limit of their text, and whether it was all told. */
export type OdfGrids = {
  readonly open: () => OdfGrid;
  readonly warnings: () => readonly string[];
};

/** Starts with no table; throws `DocumentFailure` from cells and rows that are too much text. */
export function createOdfGrids(): OdfGrids {
  let length = 0;
  let isShortened = false;
  /** How many of the repetitions are written out. */
  const count = (repeated: number, most: number, lengthEach: number): number => {
    if (repeated > most) isShortened = true;
    const written = Math.min(repeated, most);
    length += written * lengthEach;
    if (length > documentLimits.tableTextBytesMax) throw tooMuchText();
    return written;
  };
  const warning = `Cells that are repeated more than ${repeatedCellsMax} times and rows that are repeated more than ${repeatedRowsMax} times were not read more often than that.`;
  return { open: () => createGrid(count), warnings: () => (isShortened ? [warning] : []) };
}

function createGrid(
  count: (repeated: number, most: number, lengthEach: number) => number,
): OdfGrid {
  const rows: (readonly string[])[] = [];
  let row: string[] = [];
  let rowLength = 0;
  let gap = 0;
  const fill = (text: string, times: number): void => {
    for (let time = 0; time < times; time += 1) row.push(text);
    rowLength += times * (text.length + 1);
  };
  return {
    rows,
    startRow() {
      row = [];
      rowLength = 0;
      gap = 0;
    },
    addCell(written, repeated) {
      const text = oneLine(written);
      if (text === "") {
        gap += repeated;
        return;
      }
      const room = Math.max(0, gapColumnsMax - row.length);
      fill("", count(Math.min(gap, room), gapColumnsMax, 1));
      gap = 0;
      fill(text, count(repeated, repeatedCellsMax, text.length + 1));
    },
    endRow(repeated) {
      if (row.length === 0) return;
      rows.push(row);
      const more = count(repeated - 1, repeatedRowsMax - 1, rowLength);
      for (let time = 0; time < more; time += 1) rows.push(row);
      row = [];
    },
  };
}
