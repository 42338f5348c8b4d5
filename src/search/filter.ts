// Attribute filters over the columns of a segment: one byte per document, 1 where the filter holds.
import {
  type AttributeFilter,
  type LeafOperator,
  leafOperators,
  type PlainValue,
  plainValue,
} from "./attributes.ts";
import { type Column, type Columns, columnName } from "./columns.ts";
import { findString } from "./string-table.ts";

/**
 * Which of `documents` documents pass the filter: one byte each. The filter is one that
 * `checkFilter` lets pass; that also bounds how deep this goes.
 */
export function evaluateFilter(
  filter: AttributeFilter,
  columns: Columns,
  documents: number,
): Uint8Array {
  const mask = new Uint8Array(documents).fill(1);
  const narrow = (other: Uint8Array): void => {
    for (let i = 0; i < documents; i += 1) mask[i] = (mask[i] ?? 0) & (other[i] ?? 0);
  };
  for (const operator of leafOperators) {
    const leaf = filter[operator];
    if (leaf === undefined) continue;
    const given = plainValue(leaf.value);
    const column = given && columns.get(columnName(leaf.name, given.type));
    narrow(
      given === undefined || column === undefined
        ? new Uint8Array(documents)
        : evaluateLeaf(operator, given, column, documents),
    );
  }
  for (const child of filter.andAllFilters ?? []) narrow(evaluateFilter(child, columns, documents));
  if (filter.orAllFilters !== undefined) {
    const any = new Uint8Array(documents);
    for (const child of filter.orAllFilters) {
      const one = evaluateFilter(child, columns, documents);
      for (let i = 0; i < documents; i += 1) any[i] = (any[i] ?? 0) | (one[i] ?? 0);
    }
    narrow(any);
  }
  if (filter.notFilter !== undefined) {
    narrow(evaluateFilter(filter.notFilter, columns, documents).map((bit) => 1 - bit));
  }
  return mask;
}

const comparisons: Readonly<Partial<Record<LeafOperator, (x: number, y: number) => boolean>>> = {
  equalsTo: (x, y) => x === y,
  greaterThan: (x, y) => x > y,
  greaterThanOrEquals: (x, y) => x >= y,
  lessThan: (x, y) => x < y,
  lessThanOrEquals: (x, y) => x <= y,
};

function evaluateLeaf(
  operator: LeafOperator,
  given: PlainValue,
  column: Column,
  documents: number,
): Uint8Array {
  const mask = new Uint8Array(documents);
  if (column.type === "STRING_LIST" && given.type === "STRING_LIST") {
    return evaluateList(operator, given.value, column, mask);
  }
  if (column.type === "STRING" && given.type === "STRING") {
    // 0 stands for a missing value, so a string that no document has equals none.
    const cell = findString(column.table, given.value) + 1;
    if (operator !== "equalsTo" || cell === 0) return mask;
    return mask.map((_, i) => (column.cells[i] === cell ? 1 : 0));
  }
  const compare = comparisons[operator];
  if (compare === undefined || !("numbers" in column) || typeof given.value !== "number")
    return mask;
  const limit = given.value;
  // A missing value is NaN, for which every comparison is false.
  return mask.map((_, i) => (compare(column.numbers[i] ?? NaN, limit) ? 1 : 0));
}

const listOperators: readonly LeafOperator[] = ["equalsTo", "containsAll", "containsAny"];

function evaluateList(
  operator: LeafOperator,
  given: readonly string[],
  column: Extract<Column, { type: "STRING_LIST" }>,
  mask: Uint8Array,
): Uint8Array {
  if (!listOperators.includes(operator)) return mask;
  const distinct = [...new Set(given)];
  const wanted = new Set(distinct.map((text) => findString(column.table, text) + 1));
  const isUnknown = wanted.delete(0);
  for (let i = 0; i < mask.length; i += 1) {
    const cells = column.cells.subarray(column.begins[i], column.begins[i + 1]);
    if (cells.length === 0) continue;
    const own = new Set(cells);
    own.delete(0);
    const hits = [...own].filter((cell) => wanted.has(cell)).length;
    const hasAll = !isUnknown && hits === wanted.size;
    const isHit = {
      containsAny: hits > 0,
      containsAll: hasAll,
      equalsTo: hasAll && own.size === hits,
    }[operator as "containsAny" | "containsAll" | "equalsTo"];
    if (isHit) mask[i] = 1;
  }
  return mask;
}
