import { makeOle } from "./ole-file.ts";

/** A record of an old workbook. */
export function xlsRecord(type: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(type, 0);
  head.writeUInt16LE(body.length, 2);
  return Buffer.concat([head, body]);
}

/** Numbers of 16 bits. */
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, 2 * index);
  return bytes;
}

/** A number of 64 bits. */
export function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** A string of two-byte characters with its length and flags. */
export function wideString(text: string): Buffer {
  return Buffer.concat([words(text.length), Buffer.from([1]), Buffer.from(text, "utf16le")]);
}

/** A workbook of Excel 97 with one sheet; `globals` go before and `cells` into the sheet. */
export function makeXls(globals: readonly Buffer[], cells: readonly Buffer[]): Buffer {
  const begin = (kind: number): Buffer => xlsRecord(0x809, words(0x600, kind));
  const name = Buffer.from("\x05\x00Costs", "latin1");
  const sheet = xlsRecord(0x85, Buffer.alloc(6), name);
  const end = xlsRecord(0x0a);
  const book = [begin(5), ...globals, sheet, end, begin(0x10), ...cells, end];
  return makeOle({ Workbook: Buffer.concat(book) });
}
