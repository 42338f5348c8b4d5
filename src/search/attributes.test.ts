import assert from "node:assert/strict";
import { test } from "node:test";
import { type AttributeValue, plainValue } from "./attributes.ts";

const good: readonly (readonly [AttributeValue, unknown])[] = [
  [{ stringValue: "" }, { type: "STRING", value: "" }],
  [{ stringListValue: [] }, { type: "STRING_LIST", value: [] }],
  [{ longValue: 0 }, { type: "NUMBER", value: 0 }],
  [{ dateValue: new Date(5) }, { type: "DATE", value: 5 }],
  [
    { longValue: 1, stringValue: undefined },
    { type: "NUMBER", value: 1 },
  ],
];

test("the one member that is set is the value, empty or zero as it may be", () => {
  for (const [value, expected] of good) assert.deepEqual(plainValue(value), expected);
});

test("none, two, and what is no number or date are no value", () => {
  for (const value of [
    {},
    { longValue: 1, stringValue: "1" },
    { longValue: NaN },
    { dateValue: new Date(NaN) },
  ]) {
    assert.equal(plainValue(value), undefined);
  }
});
