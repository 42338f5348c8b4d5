// Strings in byte order of their UTF-8, findable without decoding: the term dictionary and the
// values of string attributes.
import { asU32, ByteWriter } from "./bytes.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A table as two sections: where each string begins (one more than strings), and all bytes. */
export type StringTable = { readonly begins: Uint32Array; readonly bytes: Uint8Array };

/** Collects strings that come in byte order. */
export class StringTableWriter {
  readonly #bytes = new ByteWriter();
  readonly #begins: number[] = [0];

  push(utf8: Uint8Array): void {
    this.#bytes.append(utf8);
    this.#begins.push(this.#bytes.length);
  }

  finish(): StringTable {
    return { begins: Uint32Array.from(this.#begins), bytes: this.#bytes.toBytes() };
  }
}

/** UTF-8 of a string; a lone surrogate becomes the replacement character. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A table of distinct strings, and for each of them its place in the table. */
export function stringTable(strings: Iterable<string>): {
  readonly table: StringTable;
  readonly places: ReadonlyMap<string, number>;
} {
  const entries = [...new Set(strings)].map((text) => ({ text, bytes: utf8(text) }));
  entries.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  const writer = new StringTableWriter();
  const places = new Map<string, number>();
  for (const [place, { text, bytes }] of entries.entries()) {
    writer.push(bytes);
    places.set(text, place);
  }
  return { table: writer.finish(), places };
}

/** The table that two sections hold. */
export function readStringTable(begins: Uint8Array, bytes: Uint8Array): StringTable {
  return { begins: asU32(begins), bytes };
}

/** How many strings a table holds. */
export function tableSize(table: StringTable): number {
  return table.begins.length - 1;
}

/** The bytes of a string by its place. */
export function bytesAt(table: StringTable, place: number): Uint8Array {
  return table.bytes.subarray(table.begins[place] ?? 0, table.begins[place + 1] ?? 0);
}

/** A string by its place. */
export function stringAt(table: StringTable, place: number): string {
  return decoder.decode(bytesAt(table, place));
}

/** The place of a string, or -1. */
export function findString(table: StringTable, text: string): number {
  const wanted = utf8(text);
  let low = 0;
  let high = tableSize(table) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = Buffer.compare(bytesAt(table, middle), wanted);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
