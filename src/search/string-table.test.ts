import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { findString, stringAt, stringTable, tableSize } from "./string-table.ts";

test("every string of a table is found at its place, in byte order, and no other", () => {
  const strings = fc.array(fc.string({ unit: "grapheme", maxLength: 6 }), { maxLength: 40 });
  fc.assert(
    fc.property(strings, fc.string({ maxLength: 6 }), (list, other) => {
      const { table, places } = stringTable(list);
      assert.equal(tableSize(table), new Set(list).size);
      for (const text of list) {
        const place = findString(table, text);
        assert.equal(place, places.get(text));
        assert.equal(stringAt(table, place), text);
      }
      if (!list.includes(other)) assert.equal(findString(table, other), -1);
      const read = Array.from({ length: tableSize(table) }, (_, i) =>
        Buffer.from(stringAt(table, i)),
      );
      assert.deepEqual(read, read.toSorted(Buffer.compare));
    }),
  );
});

test("an empty table finds nothing", () => {
  const { table } = stringTable([]);
  assert.equal(tableSize(table), 0);
  assert.equal(findString(table, "a"), -1);
});
