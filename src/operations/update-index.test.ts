import assert from "node:assert/strict";
import { test } from "node:test";
import { reservedFields } from "./index-record.ts";
import { crowdOf } from "./update-index.ts";

const fieldsOf = (enabled: number, disabled: number) => [
  ...Array.from({ length: enabled }, () => ({ search: "ENABLED" }) as const),
  ...Array.from({ length: disabled }, () => ({ search: "DISABLED" }) as const),
];

test("an index has more fields than is advised above 50, or above 30 that are searched", () => {
  assert.equal(crowdOf(reservedFields), undefined);
  assert.equal(crowdOf(fieldsOf(30, 20)), undefined);
  assert.deepEqual(crowdOf(fieldsOf(30, 21)), { fields: 51, searchable: 30 });
  assert.deepEqual(crowdOf(fieldsOf(31, 0)), { fields: 31, searchable: 31 });
});
