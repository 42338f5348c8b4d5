import type { Extraction } from "../block.ts";
import { documentLimits } from "../limits.ts";
import { formatCell, isDateFormat } from "./cell-format.ts";
import type { NumberFormat } from "./cell-format.ts";
import { tooMuchText } from "./csv.ts";
import { damaged, locked, openOle, readRecords } from "./ole.ts";
import { createStringReader, inlineString } from "./xls-strings.ts";
import type { XlsRecord } from "./xls-strings.ts";
import { sheetBlocks } from "./xlsx.ts";

// Source of the record types: [MS-XLS], "Record Enumeration".
const type = {
  begin: 0x809,
  end: 0x0a,
  password: 0x2f,
  sheet: 0x85,
  strings: 0xfc,
  more: 0x3c,
  dateMode: 0x22,
  format: 0x41e,
  style: 0xe0,
} as const;
const version8 = 0x600;
const columnsMax = 256;

type Book = {
  readonly isOld: boolean;
  strings: readonly string[];
  readonly styles: NumberFormat[];
  readonly formats: Map<number, string>;
  is1904: boolean;
  readonly sheets: string[];
};

/** Reads XLS of Excel 5 to 2003: one table per sheet under its name; pages are sheets. */
export function readXls(bytes: Buffer): Extraction {
  const file = openOle(bytes);
  const stream = file.stream("Workbook") ?? file.stream("Book");
  if (stream === undefined) throw damaged();
  return readRecords(() => {
    const parts = substreams(stream);
    const [globals, ...sheets] = parts;
    if (globals === undefined) throw damaged();
    const book = readGlobals(globals);
    let length = 0;
    const blocks = sheets.flatMap((records, index) => {
      const rows = readCells(records, book, (added) => {
        length += added;
        if (length > documentLimits.tableTextBytesMax) throw tooMuchText();
      });
      return sheetBlocks(book.sheets[index] ?? `${index + 1}`, rows, index + 1);
    });
    return { blocks, pages: sheets.length, warnings: [] };
  });
}

/** The records between a beginning and its end, for the workbook and for each sheet. */
function substreams(stream: Buffer): readonly (readonly XlsRecord[])[] {
  const parts: XlsRecord[][] = [];
  let depth = 0;
  for (let at = 0; at + 4 <= stream.length;) {
    const kind = stream.readUInt16LE(at);
    const next = at + 4 + stream.readUInt16LE(at + 2);
    const content = stream.subarray(at + 4, next);
    if (kind === type.begin) {
      depth += 1;
      // A chart inside of a sheet is a part of its own; it is left out.
      if (depth === 1) parts.push([]);
    }
    if (depth === 1) parts.at(-1)?.push({ type: kind, content });
    if (kind === type.end) depth = Math.max(0, depth - 1);
    at = next;
  }
  return parts;
}

function readGlobals(records: readonly XlsRecord[]): Book {
  const isOld = (records[0]?.content.readUInt16LE(0) ?? 0) < version8;
  const book: Book = {
    isOld,
    strings: [],
    styles: [],
    formats: new Map(),
    is1904: false,
    sheets: [],
  };
  for (const [index, { type: kind, content }] of records.entries()) {
    if (kind === type.password) throw locked();
    if (kind === type.sheet) book.sheets.push(inlineString(content, 6, isOld, 1));
    else if (kind === type.dateMode) book.is1904 = content.readUInt16LE(0) === 1;
    else if (kind === type.format) {
      const code = inlineString(content, 2, isOld, isOld ? 1 : 2);
      book.formats.set(content.readUInt16LE(0), code);
    } else if (kind === type.style) {
      const id = content.readUInt16LE(2);
      const code = book.formats.get(id) ?? "";
      const isPercent = id === 9 || id === 10 || code.includes("%");
      book.styles.push({ isDate: isDateFormat(id, code), isPercent });
    } else if (kind === type.strings) book.strings = sharedStrings(records, index);
  }
  return book;
}

function sharedStrings(records: readonly XlsRecord[], index: number): readonly string[] {
  let last = index + 1;
  while (records[last]?.type === type.more) last += 1;
  const contents = records.slice(index, last).map((record) => record.content);
  const count = contents[0]?.readUInt32LE(4) ?? 0;
  const reader = createStringReader(contents, 8);
  const strings: string[] = [];
  while (strings.length < count) strings.push(reader.next());
  return strings;
}

type Cell = { readonly column: number; readonly text: string };

function readCells(
  records: readonly XlsRecord[],
  book: Book,
  onText: (length: number) => void,
): readonly (readonly string[])[] {
  const rows = new Map<number, string[]>();
  const put = (row: number, column: number, text: string): void => {
    if (text === "" || column >= columnsMax) return;
    const cells = rows.get(row) ?? [];
    rows.set(row, cells);
    while (cells.length <= column) cells.push("");
    cells[column] = text;
    onText(text.length + 1);
  };
  let formula: { readonly row: number; readonly column: number } | undefined;
  for (const { type: kind, content } of records) {
    // The text a formula came to stands in the record behind it.
    if (kind === 0x207 && formula !== undefined) {
      put(formula.row, formula.column, inlineString(content, 0, book.isOld));
    }
    if (kind === 0x06) {
      formula = { row: content.readUInt16LE(0), column: content.readUInt16LE(2) };
    }
    const read = Object.hasOwn(cellReaders, kind) ? cellReaders[kind] : undefined;
    if (read === undefined) continue;
    for (const { column, text } of read(content, book)) put(content.readUInt16LE(0), column, text);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, cells]) => cells);
}

/** Cells by the type of their record; all begin with row and column. */
const cellReaders: Readonly<Record<number, (content: Buffer, book: Book) => readonly Cell[]>> = {
  0xfd: (content, book) => one(content, book.strings[content.readUInt32LE(6)] ?? ""),
  0x204: (content, book) => one(content, inlineString(content, 6, book.isOld)),
  0xd6: (content, book) => one(content, inlineString(content, 6, book.isOld)),
  0x203: (content, book) => one(content, numberText(content.readDoubleLE(6), content, 4, book)),
  0x27e: (content, book) => one(content, numberText(packedNumber(content, 6), content, 4, book)),
  0xbd(content, book) {
    const first = content.readUInt16LE(2);
    const count = Math.floor((content.length - 6) / 6);
    return Array.from({ length: count }, (_, index) => {
      const at = 4 + 6 * index;
      return {
        column: first + index,
        text: numberText(packedNumber(content, at + 2), content, at, book),
      };
    });
  },
  0x06(content, book) {
    // Two bytes of ones: the result is no number.
    if (content.readUInt16LE(12) !== 0xffff) {
      return one(content, numberText(content.readDoubleLE(6), content, 4, book));
    }
    const isTruth = content.readUInt8(6) === 1;
    return isTruth ? one(content, content.readUInt8(8) === 1 ? "TRUE" : "FALSE") : [];
  },
  0x205(content) {
    const isError = content.readUInt8(7) === 1;
    return isError ? [] : one(content, content.readUInt8(6) === 1 ? "TRUE" : "FALSE");
  },
};

function one(content: Buffer, text: string): readonly Cell[] {
  return [{ column: content.readUInt16LE(2), text: text.toWellFormed() }];
}

function numberText(value: number, content: Buffer, styleAt: number, book: Book): string {
  return formatCell(value, book.styles[content.readUInt16LE(styleAt)], book.is1904);
}

/** A number in 30 bits: an integer or the upper half of a double, perhaps times a hundred. */
function packedNumber(content: Buffer, at: number): number {
  const packed = content.readInt32LE(at);
  const double = Buffer.alloc(8);
  double.writeInt32LE(packed & ~3, 4);
  const value = (packed & 2) === 0 ? double.readDoubleLE(0) : packed >> 2;
  return (packed & 1) === 0 ? value : value / 100;
}
