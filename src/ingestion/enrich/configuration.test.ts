import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ConditionOperator,
  type Enrichment,
  enrichmentFaults,
  type InlineRule,
  operatorFamily,
  reviveEnrichment,
} from "./configuration.ts";
import type { FieldType } from "./value.ts";

const fields = new Map<string, FieldType>([
  ["_category", "STRING"],
  ["_authors", "STRING_LIST"],
  ["_view_count", "NUMBER"],
  ["_created_at", "DATE"],
  ["_data_source_id", "STRING"],
]);

function pathsOf(...rules: readonly InlineRule[]): readonly string[] {
  return enrichmentFaults({ inlineConfigurations: rules }, fields).map(({ path }) => path);
}

const first = "inlineConfigurations.1.member";
const values: Readonly<Record<FieldType, InlineRule["target"] & object>> = {
  STRING: { key: "_category", value: { stringValue: "x" } },
  STRING_LIST: { key: "_authors", value: { stringListValue: ["x"] } },
  NUMBER: { key: "_view_count", value: { longValue: 3 } },
  DATE: { key: "_created_at", value: { dateValue: new Date(0) } },
};

describe("conditions", () => {
  // One line per operator: the types it compares.
  const compared: Readonly<Record<ConditionOperator, readonly FieldType[]>> = {
    EQUALS: ["STRING", "STRING_LIST", "NUMBER", "DATE"],
    NOT_EQUALS: ["STRING", "STRING_LIST", "NUMBER", "DATE"],
    CONTAINS: ["STRING", "STRING_LIST"],
    NOT_CONTAINS: ["STRING", "STRING_LIST"],
    BEGINS_WITH: ["STRING"],
    GREATER_THAN: ["NUMBER", "DATE"],
    GREATER_THAN_OR_EQUALS: ["NUMBER", "DATE"],
    LESS_THAN: ["NUMBER", "DATE"],
    LESS_THAN_OR_EQUALS: ["NUMBER", "DATE"],
    EXISTS: ["STRING", "STRING_LIST", "NUMBER", "DATE"],
    NOT_EXISTS: ["STRING", "STRING_LIST", "NUMBER", "DATE"],
  };

  test("compare what their operator is for, and nothing else", () => {
    assert.deepEqual(Object.keys(compared).sort(), Object.keys(operatorFamily).sort());
    let seen = 0;
    for (const [operator, types] of Object.entries(compared)) {
      for (const [type, { key, value }] of Object.entries(values)) {
        const condition = { key, operator: operator as ConditionOperator, value };
        const isAllowed = types.includes(type as FieldType);
        const expected = isAllowed ? [] : [`${first}.condition.operator`];
        assert.deepEqual(pathsOf({ condition }), expected, `${operator} ${type}`);
        seen += 1;
      }
    }
    assert.equal(seen, 44);
  });

  test("need a value, except for presence", () => {
    const without = (operator: ConditionOperator) => pathsOf({ condition: { key: "k", operator } });
    assert.deepEqual(without("EQUALS"), [`${first}.condition.value`]);
    assert.deepEqual(without("LESS_THAN"), [`${first}.condition.value`]);
    assert.deepEqual(without("EXISTS"), []);
    assert.deepEqual(without("NOT_EXISTS"), []);
  });

  test("never look at the document's body", () => {
    for (const operator of ["EXISTS", "CONTAINS"] as const) {
      const condition = { key: "_document_body", operator, value: { stringValue: "x" } };
      assert.deepEqual(pathsOf({ condition }), [`${first}.condition.key`]);
    }
  });

  test("take the value's own type for a name that is no field, and text for the document's id", () => {
    const order = { key: "other", operator: "GREATER_THAN" } as const;
    assert.deepEqual(pathsOf({ condition: { ...order, value: { longValue: 1 } } }), []);
    const text = { ...order, value: { stringValue: "1" } };
    assert.deepEqual(pathsOf({ condition: text }), [`${first}.condition.operator`]);
    const id = {
      key: "_document_id",
      operator: "BEGINS_WITH",
      value: { stringValue: "s3" },
    } as const;
    assert.deepEqual(pathsOf({ condition: id }), []);
    const number = { ...id, operator: "EQUALS", value: { longValue: 1 } } as const;
    assert.deepEqual(pathsOf({ condition: number }), [`${first}.condition.value`]);
  });

  test("take dates and numbers as text where they say one", () => {
    const at = (key: string, stringValue: string) =>
      pathsOf({ condition: { key, operator: "EQUALS", value: { stringValue } } });
    assert.deepEqual(at("_created_at", "2026-01-02T03:04:05Z"), []);
    assert.deepEqual(at("_created_at", "yesterday"), [`${first}.condition.value`]);
    assert.deepEqual(at("_view_count", "-12"), []);
    assert.deepEqual(at("_view_count", "1e3"), [`${first}.condition.value`]);
  });
});

describe("targets", () => {
  const set = (key: string, value: object | undefined, attributeValueOperator?: "DELETE") =>
    pathsOf({ target: { key, attributeValueOperator, ...(value && { value }) } });

  test("name a field of the index and a value that it takes", () => {
    for (const { key, value } of Object.values(values)) assert.deepEqual(set(key, value), []);
    assert.deepEqual(set("city", { stringValue: "x" }), [`${first}.target.key`]);
    assert.deepEqual(set("_document_id", { stringValue: "x" }), [`${first}.target.key`]);
    assert.deepEqual(set("_document_body", { stringValue: "x" }), [`${first}.target.key`]);
    assert.deepEqual(set("_view_count", { stringValue: "many" }), [`${first}.target.value`]);
    assert.deepEqual(set("_category", undefined), [`${first}.target.value`]);
  });

  test("either set a value or delete it", () => {
    assert.deepEqual(set("_category", undefined, "DELETE"), []);
    assert.deepEqual(set("_category", { stringValue: "x" }, "DELETE"), [`${first}.target.value`]);
    assert.deepEqual(set("city", undefined, "DELETE"), [`${first}.target.key`]);
  });

  test("never move a document to another data source", () => {
    assert.deepEqual(set("_data_source_id", { stringValue: "x" }), [`${first}.target.key`]);
    assert.deepEqual(set("_data_source_id", undefined, "DELETE"), [`${first}.target.key`]);
  });
});

test("each fault of a configuration is told, with the place of its operation", () => {
  const good: InlineRule = { target: { key: "_category", value: { stringValue: "x" } } };
  const bad: InlineRule = {
    condition: { key: "_document_body", operator: "EXISTS" },
    target: { key: "nowhere", value: { stringValue: "x" } },
  };
  assert.deepEqual(pathsOf(good, bad, good, bad), [
    "inlineConfigurations.2.member.condition.key",
    "inlineConfigurations.2.member.target.key",
    "inlineConfigurations.4.member.condition.key",
    "inlineConfigurations.4.member.target.key",
  ]);
  assert.deepEqual(pathsOf({}), [], "an operation that does nothing is none of our business");
  assert.deepEqual(enrichmentFaults({}, fields), []);
});

test("a stored configuration gets its dates back, and nothing else", () => {
  const dateValue = new Date("2026-02-03T04:05:06.789Z");
  const enrichment: Enrichment = {
    inlineConfigurations: [
      { condition: { key: "k", operator: "EQUALS", value: { stringValue: "2026-02-03" } } },
      { target: { key: "_created_at", value: { dateValue } } },
    ],
  };
  const stored = JSON.parse(JSON.stringify(enrichment)) as Enrichment;
  assert.deepEqual(reviveEnrichment(stored), enrichment);
  assert.deepEqual(reviveEnrichment(enrichment), enrichment);
});
