// Attribute columns of a segment: one per name and type, one value per document.
import { asF64, asU32, packSections, type Section, unpackSections } from "./bytes.ts";
import type { AttributeType, PlainValue } from "./attributes.ts";
import { readStringTable, type StringTable, stringAt, stringTable, utf8 } from "./string-table.ts";

/** The values of one document, by attribute name. */
export type PlainAttributes = ReadonlyMap<string, PlainValue>;

/** One column. `cells` are places of strings plus one, with 0 for a missing value. */
export type Column =
  | { readonly type: "NUMBER" | "DATE"; readonly numbers: Float64Array }
  | { readonly type: "STRING"; readonly table: StringTable; readonly cells: Uint32Array }
  | {
      readonly type: "STRING_LIST";
      readonly table: StringTable;
      readonly begins: Uint32Array;
      /** Places plus one; a 0 marks a list that is there and empty. */
      readonly cells: Uint32Array;
    };

/** Columns by name and type: `columnName("year", "NUMBER")`. */
export type Columns = ReadonlyMap<string, Column>;

/** First word of packed columns: "QCOL". */
export const columnsKind = { magic: 0x4c4f4351, version: 1 } as const;
const sectionsPerColumn = 4;

/** Key of a column: an index field has one type, but it may have had another one before. */
export function columnName(name: string, type: AttributeType): string {
  return `${type} ${name}`;
}

/** Encodes the attributes of a segment's documents, in their order. */
export function packColumns(documents: readonly PlainAttributes[]): Uint8Array {
  const names = new Set<string>();
  for (const document of documents) {
    for (const [name, { type }] of document) names.add(columnName(name, type));
  }
  const sorted = [...names].sort();
  const sections = sorted.flatMap((name) => packColumn(name, documents));
  return packSections(columnsKind, [utf8(JSON.stringify(sorted)), ...sections]);
}

function packColumn(key: string, documents: readonly PlainAttributes[]): readonly Section[] {
  const [type = "", ...rest] = key.split(" ");
  const name = rest.join(" ");
  const values = documents.map((document) => {
    const value = document.get(name);
    return value?.type === type ? value : undefined;
  });
  const empty = new Uint8Array(0);
  if (type === "NUMBER" || type === "DATE") {
    const numbers = Float64Array.from(values, (v) => (v === undefined ? NaN : Number(v.value)));
    return [empty, empty, numbers, empty];
  }
  const lists = values.map((v) => (v === undefined ? undefined : [v.value].flat().map(String)));
  const { table, places } = stringTable(lists.flatMap((list) => list ?? []));
  const cell = (text: string): number => (places.get(text) ?? -1) + 1;
  if (type === "STRING") {
    const cells = Uint32Array.from(lists, (list) => (list === undefined ? 0 : cell(list[0] ?? "")));
    return [table.begins, table.bytes, cells, empty];
  }
  const begins = new Uint32Array(documents.length + 1);
  const cells: number[] = [];
  for (const [document, list] of lists.entries()) {
    if (list !== undefined) cells.push(...(list.length === 0 ? [0] : list.map(cell)));
    begins[document + 1] = cells.length;
  }
  return [table.begins, table.bytes, begins, Uint32Array.from(cells)];
}

/** Reads what `packColumns` wrote. */
export function unpackColumns(blob: Uint8Array): Columns {
  // The number of columns stands in the blob's own table of contents.
  const count = new DataView(blob.buffer, blob.byteOffset, blob.byteLength).getUint32(8, true);
  const [names, ...sections] = unpackSections({ ...columnsKind, count }, blob);
  const columns = new Map<string, Column>();
  const keys = JSON.parse(new TextDecoder().decode(names)) as readonly string[];
  for (const [i, key] of keys.entries()) {
    const at = i * sectionsPerColumn;
    const [begins, bytes, first, second] = sections.slice(at, at + sectionsPerColumn);
    if (
      begins === undefined ||
      bytes === undefined ||
      first === undefined ||
      second === undefined
    ) {
      throw new Error("a column is missing");
    }
    const type = key.split(" ")[0];
    const table = readStringTable(begins, bytes);
    if (type === "STRING") columns.set(key, { type, table, cells: asU32(first) });
    else if (type === "STRING_LIST") {
      columns.set(key, { type, table, begins: asU32(first), cells: asU32(second) });
    } else columns.set(key, { type: type as "NUMBER" | "DATE", numbers: asF64(first) });
  }
  return columns;
}

/** The attributes of one document, read back: for merges. */
export function attributesAt(columns: Columns, document: number): PlainAttributes {
  const found = new Map<string, PlainValue>();
  for (const [key, column] of columns) {
    const name = key.slice(column.type.length + 1);
    const value = valueAt(column, document);
    if (value !== undefined) found.set(name, value);
  }
  return found;
}

function valueAt(column: Column, document: number): PlainValue | undefined {
  if (column.type === "STRING") {
    const cell = column.cells[document] ?? 0;
    return cell === 0 ? undefined : { type: "STRING", value: stringAt(column.table, cell - 1) };
  }
  if (column.type === "STRING_LIST") {
    const cells = column.cells.subarray(column.begins[document], column.begins[document + 1]);
    if (cells.length === 0) return undefined;
    const value = [...cells].filter((c) => c > 0).map((c) => stringAt(column.table, c - 1));
    return { type: "STRING_LIST", value };
  }
  const value = column.numbers[document] ?? NaN;
  return Number.isNaN(value) ? undefined : { type: column.type, value };
}
