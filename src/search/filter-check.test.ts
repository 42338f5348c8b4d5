import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attribute, AttributeFilter, AttributeType } from "./attributes.ts";
import { checkFilter, filterLimits } from "./filter-check.ts";

const fields: Readonly<Record<string, AttributeType>> = {
  dept: "STRING",
  tags: "STRING_LIST",
  year: "NUMBER",
  day: "DATE",
};
const check = (filter: AttributeFilter): ReturnType<typeof checkFilter> =>
  checkFilter(filter, (name) => fields[name]);

const values: Readonly<Record<string, Attribute>> = {
  STRING: { name: "dept", value: { stringValue: "x" } },
  STRING_LIST: { name: "tags", value: { stringListValue: ["x"] } },
  NUMBER: { name: "year", value: { longValue: 1 } },
  DATE: { name: "day", value: { dateValue: new Date(0) } },
};
const allowed: Readonly<Record<string, readonly string[]>> = {
  equalsTo: ["STRING", "STRING_LIST", "NUMBER", "DATE"],
  containsAll: ["STRING_LIST"],
  containsAny: ["STRING_LIST"],
  greaterThan: ["NUMBER", "DATE"],
  greaterThanOrEquals: ["NUMBER", "DATE"],
  lessThan: ["NUMBER", "DATE"],
  lessThanOrEquals: ["NUMBER", "DATE"],
};

test("each operator takes the types it can compare, and refuses all others", () => {
  let looked = 0;
  for (const [operator, types] of Object.entries(allowed)) {
    for (const [type, attribute] of Object.entries(values)) {
      const issues = check({ [operator]: attribute });
      looked += 1;
      if (types.includes(type)) assert.deepEqual(issues, []);
      else {
        assert.deepEqual(issues, [
          {
            path: operator,
            message: `Operator ${operator} cannot be used with a value of type ${type}.`,
          },
        ]);
      }
    }
  }
  assert.equal(looked, 28);
});

test("a value of another type than the field is refused, and an unknown attribute", () => {
  const wrong = { name: "year", value: { stringValue: "2020" } };
  const unknown = { name: "none", value: { longValue: 1 } };
  const filter = { andAllFilters: [{ equalsTo: wrong }, { notFilter: { equalsTo: unknown } }] };
  assert.deepEqual(check(filter), [
    {
      path: "andAllFilters[0].equalsTo",
      message: 'Attribute "year" is of type NUMBER, but the value is of type STRING.',
    },
    {
      path: "andAllFilters[1].notFilter.equalsTo",
      message: 'The index has no attribute "none".',
    },
  ]);
});

test("a value of no type or of two is refused", () => {
  for (const value of [{}, { longValue: 1, stringValue: "1" }, { longValue: NaN }]) {
    const [issue] = check({ equalsTo: { name: "year", value } });
    assert.match(issue?.message ?? "", /exactly one/);
  }
});

test("an empty list of filters is refused", () => {
  for (const member of ["andAllFilters", "orAllFilters"] as const) {
    assert.deepEqual(check({ [member]: [] }), [
      { path: member, message: "The list of filters must not be empty." },
    ]);
  }
});

function nested(depth: number): AttributeFilter {
  return depth === 1 ? { equalsTo: values["NUMBER"] } : { notFilter: nested(depth - 1) };
}

test("filters may be ten levels deep and no deeper", () => {
  assert.deepEqual(check(nested(filterLimits.depthMax)), []);
  assert.match(check(nested(filterLimits.depthMax + 1))[0]?.message ?? "", /deeper than 10/);
  // Refused without walking all the way down.
  assert.equal(check(nested(2000)).length, 1);
});

test("filters may compare a hundred attributes and no more", () => {
  const leaves = (count: number): AttributeFilter => ({
    orAllFilters: Array.from({ length: count }, () => ({ equalsTo: values["NUMBER"] })),
  });
  assert.deepEqual(check(leaves(filterLimits.leavesMax)), []);
  assert.deepEqual(check(leaves(50_000)), [
    { path: "", message: "Filters must not compare more than 100 attributes." },
  ]);
});

test("a filter without any member is no restriction", () => {
  assert.deepEqual(check({}), []);
});
