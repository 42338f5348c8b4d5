import { tableBlock } from "../block.ts";
import type { Block, Extraction } from "../block.ts";
import { documentLimits } from "../limits.ts";
import { tooMuchText } from "./csv.ts";
import { authoredTitle } from "./title.ts";
import { formatCell, isDateFormat } from "./cell-format.ts";
import type { NumberFormat } from "./cell-format.ts";
import { readMarkup } from "./markup.ts";
import { localName, openOfficeFile, writtenTitle } from "./office-parts.ts";
import type { OfficeParts } from "./office-parts.ts";
import { looksLikeHeader } from "./table.ts";

const withAttributes = new Set("sheet c numFmt xf workbookPr".split(" "));
/** Cells further to the right follow each other without their gaps. */
const gapColumnsMax = 256;

type Attributes = ReadonlyMap<string, string>;
type Events = {
  readonly open?: (name: string, attributes: Attributes) => void;
  readonly close?: (name: string) => void;
  readonly text?: (text: string) => void;
};

/** Reads XLSX: one table per sheet under the sheet's name; pages are sheets, counted from 1. */
export function readXlsx(bytes: Buffer): Extraction {
  const parts = openOfficeFile(bytes);
  const { sheets, is1904 } = readWorkbook(parts);
  const strings = readStrings(parts.text("xl/sharedStrings.xml") ?? "");
  const styles = readStyles(parts.text("xl/styles.xml") ?? "");
  let length = 0;
  const blocks = sheets.flatMap(({ name, part }, index): readonly Block[] => {
    const rows = readSheet(parts.text(part) ?? "", { strings, styles, is1904 }, (added) => {
      length += added;
      if (length > documentLimits.tableTextBytesMax) throw tooMuchText();
    });
    return sheetBlocks(name, rows, index + 1);
  });
  const title = authoredTitle(writtenTitle(parts));
  return { ...(title === undefined ? {} : { title }), blocks, pages: sheets.length, warnings: [] };
}

/** The name of a sheet and its cells, as blocks; nothing when it is empty. */
export function sheetBlocks(
  name: string,
  rows: readonly (readonly string[])[],
  page: number,
): readonly Block[] {
  const filled = rows.filter((row) => row.some((cell) => cell !== ""));
  if (filled.length === 0) return [];
  const headerRows = looksLikeHeader(filled) ? 1 : 0;
  return [
    { kind: "heading", text: name, level: 1, page },
    tableBlock(filled, { headerRows, page }),
  ];
}

function walk(xml: string, events: Events): void {
  readMarkup(
    xml,
    {
      open: (name, attributes) => events.open?.(localName(name), attributes),
      close: (name) => events.close?.(localName(name)),
      text: (text) => events.text?.(text),
    },
    { isXml: true, attributesOf: withAttributes },
  );
}

function readWorkbook(parts: OfficeParts): {
  readonly sheets: readonly { readonly name: string; readonly part: string }[];
  readonly is1904: boolean;
} {
  const targets = parts.targets("xl/workbook.xml");
  const sheets: { name: string; part: string }[] = [];
  let is1904 = false;
  walk(parts.text("xl/workbook.xml") ?? "", {
    open(name, attributes) {
      if (name === "workbookPr") is1904 = /^(?:1|true)$/.test(attributes.get("date1904") ?? "");
      if (name !== "sheet") return;
      const part = targets.get(attributes.get("r:id") ?? "")?.name;
      if (part !== undefined) sheets.push({ name: attributes.get("name") ?? "", part });
    },
  });
  return { sheets, is1904 };
}

/** The strings that cells share, without the reading aids of Asian text. */
function readStrings(xml: string): readonly string[] {
  const strings: string[] = [];
  let text = "";
  let isText = false;
  let isAid = false;
  walk(xml, {
    open(name) {
      if (name === "si") text = "";
      if (name === "rPh") isAid = true;
      isText = name === "t" && !isAid;
    },
    close(name) {
      isText = false;
      if (name === "rPh") isAid = false;
      if (name === "si") strings.push(text);
    },
    text: (piece) => void (text += isText ? piece : ""),
  });
  return strings;
}

/** How numbers are shown, by the style index that cells carry. */
function readStyles(xml: string): readonly NumberFormat[] {
  const custom = new Map<number, string>();
  const styles: NumberFormat[] = [];
  let isCellStyles = false;
  walk(xml, {
    open(name, attributes) {
      const id = Number(attributes.get("numFmtId") ?? 0);
      if (name === "numFmt") custom.set(id, attributes.get("formatCode") ?? "");
      if (name === "cellXfs") isCellStyles = true;
      if (name !== "xf" || !isCellStyles) return;
      const code = custom.get(id) ?? "";
      styles.push({
        isDate: isDateFormat(id, code),
        isPercent: id === 9 || id === 10 || code.includes("%"),
      });
    },
    close: (name) => void (isCellStyles = isCellStyles && name !== "cellXfs"),
  });
  return styles;
}

type Book = {
  readonly strings: readonly string[];
  readonly styles: readonly NumberFormat[];
  readonly is1904: boolean;
};

function readSheet(
  xml: string,
  book: Book,
  onText: (length: number) => void,
): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let cell: Attributes = new Map();
  let value = "";
  let isValue = false;
  const closeCell = (): void => {
    const row = rows.at(-1);
    if (row === undefined) return;
    const column = columnOf(cell.get("r") ?? "");
    while (row.length < Math.min(column, gapColumnsMax)) row.push("");
    const text = cellText(cell, value, book);
    row.push(text);
    onText(text.length + 1);
  };
  walk(xml, {
    open(name, attributes) {
      if (name === "row") rows.push([]);
      if (name === "c") {
        cell = attributes;
        value = "";
      }
      // Values as last computed; formulas (`f`) are not text.
      isValue = name === "v" || name === "t";
    },
    close(name) {
      isValue = false;
      if (name === "c") closeCell();
    },
    text: (piece) => void (value += isValue ? piece : ""),
  });
  return rows;
}

function cellText(cell: Attributes, value: string, book: Book): string {
  const type = cell.get("t") ?? "n";
  if (type === "s") return book.strings[Number(value)] ?? "";
  if (type === "b") return value === "1" ? "TRUE" : "FALSE";
  if (type !== "n" || value === "") return value;
  return formatCell(Number(value), book.styles[Number(cell.get("s") ?? 0)], book.is1904);
}

/** The number of the column in a reference, `C7` is 2; unknown ones come next in order. */
function columnOf(reference: string): number {
  let column = 0;
  for (const letter of reference) {
    const code = letter.charCodeAt(0) - 64;
    if (code < 1 || code > 26 || column > 20_000) break;
    column = column * 26 + code;
  }
  return column - 1;
}
