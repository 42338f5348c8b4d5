import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Attribute, type AttributeFilter, plainValue } from "./attributes.ts";
import { attributesAt, packColumns, unpackColumns } from "./columns.ts";
import { evaluateFilter } from "./filter.ts";
import { plainMatches } from "./testing/plain-search.ts";

const texts = fc.constantFrom("a", "b", "B", "ü", "");
const dates = fc.constantFrom(0, 1000, 2000).map((ms) => new Date(ms));
const values = fc.oneof(
  fc.record({ stringValue: texts }),
  fc.record({ stringListValue: fc.array(texts, { maxLength: 3 }) }),
  fc.record({ longValue: fc.integer({ min: -2, max: 2 }) }),
  fc.record({ dateValue: dates }),
);
const attribute = fc.record({ name: fc.constantFrom("x", "y z", "list"), value: values });
const documents = fc.array(
  fc.uniqueArray(attribute, { selector: ({ name }) => name, maxLength: 3 }),
  { maxLength: 12 },
);

const { filter } = fc.letrec<{ filter: AttributeFilter }>((tie) => {
  const leaf = fc.record(
    {
      equalsTo: attribute,
      containsAll: attribute,
      containsAny: attribute,
      greaterThan: attribute,
      greaterThanOrEquals: attribute,
      lessThan: attribute,
      lessThanOrEquals: attribute,
    },
    { requiredKeys: [] },
  );
  const children = fc.array(tie("filter"), { maxLength: 3 });
  const node = fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.record({ andAllFilters: children }),
    fc.record({ orAllFilters: children }),
    fc.record({ notFilter: tie("filter") }),
  );
  return { filter: node };
});

function columnsOf(list: readonly (readonly Attribute[])[]): ReturnType<typeof unpackColumns> {
  const plain = list.map((attributes) => {
    const entries = attributes.flatMap(({ name, value }) => {
      const known = plainValue(value);
      return known === undefined ? [] : [[name, known] as const];
    });
    return new Map(entries);
  });
  const columns = unpackColumns(packColumns(plain));
  for (const [i, entries] of plain.entries()) assert.deepEqual(attributesAt(columns, i), entries);
  return columns;
}

test("columns give back every value, and filters over them mean what the rules say", () => {
  fc.assert(
    fc.property(documents, filter, (list, asked) => {
      const mask = evaluateFilter(asked, columnsOf(list), list.length);
      const expected = list.map((attributes) => (plainMatches(asked, attributes) ? 1 : 0));
      assert.deepEqual([...mask], expected);
    }),
    { numRuns: 400 },
  );
});

const year = (longValue: number): Attribute => ({ name: "year", value: { longValue } });
const tags = (...stringListValue: string[]): Attribute => ({
  name: "tags",
  value: { stringListValue },
});
const library = [
  [year(2020), tags("hr", "it")],
  [year(2022), tags("it")],
  [tags()],
  [{ name: "year", value: { stringValue: "2022" } }],
] satisfies readonly (readonly Attribute[])[];

const cases: readonly (readonly [string, AttributeFilter, readonly number[]])[] = [
  ["equal", { equalsTo: year(2022) }, [1]],
  ["a value of another type is another value", { notFilter: { equalsTo: year(2022) } }, [0, 2, 3]],
  ["a range", { greaterThanOrEquals: year(2020), lessThan: year(2022) }, [0]],
  ["lists are compared as sets", { equalsTo: tags("it", "hr", "it") }, [0]],
  ["an empty list equals an empty list", { equalsTo: tags() }, [2]],
  ["all of the given", { containsAll: tags("it") }, [0, 1]],
  ["all of nothing", { containsAll: tags() }, [0, 1, 2]],
  ["any of the given", { containsAny: tags("hr", "none") }, [0]],
  ["any of nothing", { containsAny: tags() }, []],
  ["an attribute that nobody has", { equalsTo: { name: "no", value: { longValue: 1 } } }, []],
  ["no condition", {}, [0, 1, 2, 3]],
  ["several members", { equalsTo: year(2020), containsAny: tags("it") }, [0]],
  ["one of", { orAllFilters: [{ equalsTo: year(2020) }, { equalsTo: tags() }] }, [0, 2]],
];

for (const [name, asked, expected] of cases) {
  test(`filter: ${name}`, () => {
    const mask = evaluateFilter(asked, columnsOf(library), library.length);
    const passed = [...mask.keys()].filter((i) => mask[i] === 1);
    assert.deepEqual(passed, expected);
  });
}
