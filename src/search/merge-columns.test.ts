import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { PlainValue } from "./attributes.ts";
import { attributesAt, packColumns, type PlainAttributes, unpackColumns } from "./columns.ts";
import { mergeColumns } from "./merge-columns.ts";

type Row = { readonly attributes: PlainAttributes; readonly isKept: boolean };

/** The plain twin: every document's attributes as objects, packed anew. */
function packedAnew(segments: readonly (readonly Row[])[]): Uint8Array {
  const kept = segments.flatMap((rows) => {
    const columns = unpackColumns(packColumns(rows.map(({ attributes }) => attributes)));
    return rows.flatMap(({ isKept }, i) => (isKept ? [attributesAt(columns, i)] : []));
  });
  return packColumns(kept);
}

function merged(segments: readonly (readonly Row[])[]): Uint8Array {
  return mergeColumns(
    segments.map((rows) => ({
      columns: unpackColumns(packColumns(rows.map(({ attributes }) => attributes))),
      documents: Uint32Array.from(rows.flatMap(({ isKept }, i) => (isKept ? [i] : []))),
    })),
  );
}

const text = fc.oneof(
  fc.constantFrom("", "a", "b", "ab", "é", "中", "\u{1f426}"),
  fc.string({ maxLength: 4 }),
);
const value: fc.Arbitrary<PlainValue> = fc.oneof(
  fc.record({ type: fc.constant("STRING" as const), value: text }),
  fc.record({
    type: fc.constant("STRING_LIST" as const),
    value: fc.array(text, { maxLength: 3 }),
  }),
  fc.record({ type: fc.constantFrom("NUMBER" as const, "DATE" as const), value: fc.integer() }),
);
const row: fc.Arbitrary<Row> = fc.record({
  attributes: fc
    .array(fc.tuple(fc.constantFrom("x", "y", "a b", ""), value), { maxLength: 4 })
    .map((entries) => new Map(entries)),
  isKept: fc.boolean(),
});

test("merged columns are, byte for byte, those of the documents packed anew", () => {
  let withValues = 0;
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 8 }), { maxLength: 5 }), (segments) => {
      const expected = packedAnew(segments);
      if (unpackColumns(expected).size > 0) withValues += 1;
      assert.deepEqual(Buffer.from(merged(segments)), Buffer.from(expected));
    }),
    { numRuns: 500 },
  );
  assert.ok(withValues > 100, `only ${withValues} merges had a value in them`);
});

test("what only dead documents said is forgotten, strings and whole columns", () => {
  const string = (name: string, ...list: string[]): PlainAttributes =>
    new Map([[name, { type: "STRING_LIST", value: list }]]);
  const bytes = merged([
    [
      { attributes: string("tags", "dead", "shared"), isKept: false },
      { attributes: string("tags", "shared"), isKept: true },
    ],
    [{ attributes: string("gone", "x"), isKept: false }],
    [{ attributes: string("tags"), isKept: true }],
  ]);
  const columns = unpackColumns(bytes);
  assert.deepEqual([...columns.keys()], ["STRING_LIST tags"]);
  assert.deepEqual(attributesAt(columns, 0), string("tags", "shared"));
  assert.deepEqual(attributesAt(columns, 1), string("tags"));
  assert.equal(Buffer.from(bytes).includes("dead"), false);
});

test("no segments, and segments without documents, have no columns", () => {
  assert.equal(unpackColumns(merged([])).size, 0);
  assert.equal(unpackColumns(merged([[], []])).size, 0);
});

test("a hundred thousand texts of four segments merge into one column", () => {
  const rows = Array.from({ length: 25_000 }, (_, i) => `s3://bucket/a-folder/document-${i}.md`);
  const segment = (from: number): Uint8Array =>
    packColumns(
      rows.map((uri) => new Map([["uri", { type: "STRING", value: `${from} ${uri}` } as const]])),
    );
  const inputs = [0, 1, 2, 3].map((from) => ({
    columns: unpackColumns(segment(from)),
    documents: Uint32Array.from(rows.keys()),
  }));
  const columns = unpackColumns(mergeColumns(inputs));
  assert.equal(attributesAt(columns, 60_000).get("uri")?.value, `2 ${rows[10_000]}`);
});
