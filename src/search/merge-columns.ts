// Attribute columns of several segments into one, without a string or an object for any document:
// tables are in byte order already, so they are merged as they lie.
import { packSections, type Section } from "./bytes.ts";
import { type Column, type Columns, columnsKind } from "./columns.ts";
import { bytesAt, type StringTable, StringTableWriter, tableSize, utf8 } from "./string-table.ts";

/** The columns of a segment, and the documents of it that are kept, in order. */
export type ColumnsInput = { readonly columns: Columns; readonly documents: Uint32Array };

const nothing = new Uint8Array(0);

/** What `packColumns` would write for the attributes of all documents that are kept. */
export function mergeColumns(inputs: readonly ColumnsInput[]): Uint8Array {
  const count = inputs.reduce((sum, { documents }) => sum + documents.length, 0);
  const names = new Set(inputs.flatMap(({ columns }) => [...columns.keys()]));
  const kept: string[] = [];
  const sections: Section[] = [];
  for (const name of [...names].sort()) {
    const columns = inputs.map((input) => input.columns.get(name));
    const merged = mergeColumn(inputs, columns, count);
    if (merged === undefined) continue;
    kept.push(name);
    sections.push(...merged);
  }
  return packSections(columnsKind, [utf8(JSON.stringify(kept)), ...sections]);
}

/** Undefined where no document that is kept has a value. */
function mergeColumn(
  inputs: readonly ColumnsInput[],
  columns: readonly (Column | undefined)[],
  count: number,
): readonly Section[] | undefined {
  const type = columns.find((column) => column !== undefined)?.type;
  if (type === "STRING") return mergeStrings(inputs, columns, count);
  if (type === "STRING_LIST") return mergeLists(inputs, columns, count);
  const numbers = new Float64Array(count).fill(NaN);
  let at = 0;
  let isFound = false;
  for (const [i, { documents }] of inputs.entries()) {
    const column = columns[i];
    for (const document of documents) {
      const value = column !== undefined && "numbers" in column ? column.numbers[document] : NaN;
      numbers[at] = value ?? NaN;
      isFound ||= !Number.isNaN(numbers[at]);
      at += 1;
    }
  }
  return isFound ? [nothing, nothing, numbers, nothing] : undefined;
}

function mergeStrings(
  inputs: readonly ColumnsInput[],
  columns: readonly (Column | undefined)[],
  count: number,
): readonly Section[] | undefined {
  const tables = inputs.map(({ documents }, i): UsedStrings | undefined => {
    const column = columns[i];
    if (column?.type !== "STRING") return undefined;
    const used = usedStrings(column.table);
    for (const document of documents) markUsed(used, column.cells[document] ?? 0);
    return used;
  });
  const table = mergeTables(tables);
  if (tableSize(table) === 0) return undefined;
  const cells = new Uint32Array(count);
  let at = 0;
  for (const [i, { documents }] of inputs.entries()) {
    const column = columns[i];
    for (const document of documents) {
      const cell = column?.type === "STRING" ? (column.cells[document] ?? 0) : 0;
      cells[at] = tables[i]?.cells[cell] ?? 0;
      at += 1;
    }
  }
  return [table.begins, table.bytes, cells, nothing];
}

function mergeLists(
  inputs: readonly ColumnsInput[],
  columns: readonly (Column | undefined)[],
  count: number,
): readonly Section[] | undefined {
  let cellsMax = 0;
  const tables = inputs.map(({ documents }, i): UsedStrings | undefined => {
    const column = columns[i];
    if (column?.type !== "STRING_LIST") return undefined;
    const used = usedStrings(column.table);
    for (const document of documents) {
      const list = listAt(column, document);
      for (const cell of list) markUsed(used, cell);
      cellsMax += list.length;
    }
    return used;
  });
  if (cellsMax === 0) return undefined;
  const table = mergeTables(tables);
  const begins = new Uint32Array(count + 1);
  const cells = new Uint32Array(cellsMax);
  let length = 0;
  let at = 0;
  for (const [i, { documents }] of inputs.entries()) {
    const column = columns[i];
    for (const document of documents) {
      const list = column?.type === "STRING_LIST" ? listAt(column, document) : [];
      // A list that is there and empty is one 0.
      for (const cell of list) {
        cells[length] = tables[i]?.cells[cell] ?? 0;
        length += 1;
      }
      at += 1;
      begins[at] = length;
    }
  }
  return [table.begins, table.bytes, begins, cells];
}

function listAt(
  { begins, cells }: Extract<Column, { type: "STRING_LIST" }>,
  document: number,
): Uint32Array {
  return cells.subarray(begins[document], begins[document + 1]);
}

/** A table, and for each cell first whether a document has it, then what it is in the new table. */
type UsedStrings = { readonly table: StringTable; readonly cells: Uint32Array };

function usedStrings(table: StringTable): UsedStrings {
  return { table, cells: new Uint32Array(tableSize(table) + 1) };
}

function markUsed({ cells }: UsedStrings, cell: number): void {
  if (cell > 0) cells[cell] = 1;
}

/** The strings that are used, in byte order, each once; `cells` say then where each one is. */
function mergeTables(tables: readonly (UsedStrings | undefined)[]): StringTable {
  const sources = tables.flatMap((used) => (used === undefined ? [] : [{ ...used, cell: 0 }]));
  for (const source of sources) toNextUsed(source);
  const writer = new StringTableWriter();
  for (let size = 1; ; size += 1) {
    let least: Uint8Array | undefined;
    for (const source of sources) {
      const bytes = stringOf(source);
      if (bytes === undefined) continue;
      if (least === undefined || Buffer.compare(bytes, least) < 0) least = bytes;
    }
    if (least === undefined) return writer.finish();
    writer.push(least);
    for (const source of sources) {
      const bytes = stringOf(source);
      if (bytes === undefined || Buffer.compare(bytes, least) !== 0) continue;
      source.cells[source.cell] = size;
      toNextUsed(source);
    }
  }
}

type Source = UsedStrings & { cell: number };

function toNextUsed(source: Source): void {
  do source.cell += 1;
  while (source.cell < source.cells.length && source.cells[source.cell] === 0);
}

function stringOf({ table, cells, cell }: Source): Uint8Array | undefined {
  return cell < cells.length ? bytesAt(table, cell - 1) : undefined;
}
