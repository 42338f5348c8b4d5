import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Attribute, AttributeValue } from "../../search/search.ts";
import {
  type ConditionOperator,
  type EnrichmentCondition,
  enrichmentFaults,
  type InlineRule,
  operatorFamily,
} from "./configuration.ts";
import { type Enrichable, enrichInline, holds } from "./enrich.ts";
import type { FieldType } from "./value.ts";

const fields = new Map<string, FieldType>([
  ["_document_title", "STRING"],
  ["text", "STRING"],
  ["list", "STRING_LIST"],
  ["count", "NUMBER"],
  ["at", "DATE"],
]);

function documentWith(...attributes: readonly Attribute[]): Enrichable {
  return { documentId: "s3://b/kb/a.md", title: "a.md", attributes };
}

const text = (stringValue: string): Attribute => ({ name: "text", value: { stringValue } });
const setTo = (key: string, value: AttributeValue): InlineRule => ({ target: { key, value } });
const dropContent: InlineRule = { documentContentOperator: "DELETE" };

describe("a condition", () => {
  // Own value (undefined: the attribute is absent), operator, value, whether it holds.
  const day = (n: number): Date => new Date(n * 86_400_000);
  const cases: readonly (readonly [
    AttributeValue | undefined,
    ConditionOperator,
    unknown,
    boolean,
  ])[] = [
    [{ stringValue: "Finance" }, "EQUALS", "Finance", true],
    [{ stringValue: "Finance" }, "EQUALS", "finance", false],
    [{ stringValue: "Finance" }, "NOT_EQUALS", "finance", true],
    [{ stringValue: "Finance" }, "CONTAINS", "nan", true],
    [{ stringValue: "Finance" }, "NOT_CONTAINS", "nan", false],
    [{ stringValue: "Finance" }, "BEGINS_WITH", "Fin", true],
    [{ stringValue: "Finance" }, "BEGINS_WITH", "inance", false],
    [{ stringListValue: ["a", "b", "a"] }, "EQUALS", ["b", "a"], true],
    [{ stringListValue: ["a", "b"] }, "EQUALS", ["a"], false],
    [{ stringListValue: ["a", "b"] }, "NOT_EQUALS", ["a"], true],
    [{ stringListValue: ["ab", "c"] }, "CONTAINS", "c", true],
    [{ stringListValue: ["ab", "c"] }, "CONTAINS", "a", false],
    [{ stringListValue: ["ab", "c"] }, "CONTAINS", ["c", "ab"], true],
    [{ stringListValue: ["ab", "c"] }, "NOT_CONTAINS", ["c", "d"], true],
    [{ longValue: 3 }, "EQUALS", 3, true],
    [{ longValue: 3 }, "GREATER_THAN", 3, false],
    [{ longValue: 3 }, "GREATER_THAN_OR_EQUALS", 3, true],
    [{ longValue: 3 }, "LESS_THAN", 4, true],
    [{ longValue: 3 }, "LESS_THAN_OR_EQUALS", 2, false],
    [{ longValue: 3 }, "LESS_THAN", "10", true],
    [{ dateValue: day(2) }, "EQUALS", day(2), true],
    [{ dateValue: day(2) }, "EQUALS", "1970-01-03", true],
    [{ dateValue: day(2) }, "GREATER_THAN", day(1), true],
    [{ dateValue: day(2) }, "LESS_THAN_OR_EQUALS", day(1), false],
    [{ stringValue: "" }, "EXISTS", undefined, true],
    [{ stringValue: "" }, "NOT_EXISTS", undefined, false],
    [{ stringValue: "x" }, "EXISTS", "ignored", true],
    [undefined, "EQUALS", "x", false],
    [undefined, "NOT_EQUALS", "x", true],
    [undefined, "CONTAINS", "x", false],
    [undefined, "NOT_CONTAINS", "x", true],
    [undefined, "BEGINS_WITH", "", false],
    [undefined, "GREATER_THAN", 1, false],
    [undefined, "LESS_THAN", 1, false],
    [undefined, "EXISTS", undefined, false],
    [undefined, "NOT_EXISTS", undefined, true],
  ];

  for (const [own, operator, value, expected] of cases) {
    const shown = own === undefined ? "an absent attribute" : JSON.stringify(own);
    test(`${shown} ${operator} ${JSON.stringify(value)} is ${expected}`, () => {
      const key = keyOf(own) ?? keyOf(valueOf(value)) ?? "text";
      const document = documentWith(...(own === undefined ? [] : [{ name: key, value: own }]));
      const condition = { key, operator, value: valueOf(value) };
      assert.deepEqual(enrichmentFaults({ inlineConfigurations: [{ condition }] }, fields), []);
      assert.equal(holds(condition, document, fields), expected);
    });
  }

  test("can look at the document's id", () => {
    const condition = {
      key: "_document_id",
      operator: "CONTAINS",
      value: { stringValue: "/kb/" },
    } as const;
    assert.ok(holds(condition, documentWith(), fields));
    assert.ok(!holds(condition, { ...documentWith(), documentId: "x" }, fields));
  });
});

function keyOf(value: AttributeValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.stringListValue !== undefined) return "list";
  if (value.longValue !== undefined) return "count";
  return value.dateValue === undefined ? "text" : "at";
}

function valueOf(value: unknown): AttributeValue | undefined {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return { longValue: value };
  if (value instanceof Date) return { dateValue: value };
  return Array.isArray(value) ? { stringListValue: value as string[] } : undefined;
}

describe("inline operations", () => {
  test("set, replace and delete attributes, and leave the others alone", () => {
    const before = documentWith(text("old"), { name: "count", value: { longValue: 1 } });
    const rules = [
      setTo("text", { stringValue: "new" }),
      setTo("list", { stringValue: "one" }),
      { target: { key: "count", attributeValueOperator: "DELETE" } } as const,
    ];
    const { document, hasContent } = enrichInline(before, rules, fields);
    assert.deepEqual(document.attributes, [
      text("new"),
      { name: "list", value: { stringListValue: ["one"] } },
    ]);
    assert.ok(hasContent);
    assert.equal(before.attributes.length, 2, "the document handed in stays as it was");
  });

  test("see what the ones before them changed", () => {
    // (a or b) and c, by way of a helper field: there is no AND and no OR.
    const isText = (value: string): EnrichmentCondition => ({
      key: "text",
      operator: "EQUALS",
      value: { stringValue: value },
    });
    const rules: readonly InlineRule[] = [
      { condition: isText("a"), ...setTo("count", { longValue: 1 }) },
      { condition: isText("b"), ...setTo("count", { longValue: 1 }) },
      { condition: { key: "count", operator: "EXISTS" }, ...dropContent },
    ];
    const drops = (value: string) =>
      !enrichInline(documentWith(text(value)), rules, fields).hasContent;
    assert.deepEqual(["a", "b", "c"].map(drops), [true, true, false]);
  });

  test("change the title where they set its attribute, and keep it where they delete that", () => {
    const named = enrichInline(
      documentWith(),
      [setTo("_document_title", { stringValue: "Rules" })],
      fields,
    ).document;
    assert.equal(named.title, "Rules");
    const rules = [
      { target: { key: "_document_title", attributeValueOperator: "DELETE" } },
    ] as const;
    const { document } = enrichInline(named, rules, fields);
    assert.deepEqual([document.title, document.attributes], ["Rules", []]);
    const long = setTo("_document_title", { stringValue: "é".repeat(2048) });
    assert.equal(enrichInline(named, [long], fields).document.title.length, 1024);
  });

  test("go on with attributes after the content is dropped, which stays dropped", () => {
    const rules = [dropContent, setTo("text", { stringValue: "archived" })];
    const { document, hasContent } = enrichInline(documentWith(), rules, fields);
    assert.deepEqual([document.attributes, hasContent], [[text("archived")], false]);
  });
});

// The plain twin: what the table of operators says, case by case, on values as JSON.
function plainHolds({ key, operator, value }: EnrichmentCondition, document: Enrichable): boolean {
  const own = document.attributes.find(({ name }) => name === key)?.value;
  if (operator === "EXISTS") return own !== undefined;
  if (operator === "NOT_EXISTS") return own === undefined;
  if (own === undefined) return operator === "NOT_EQUALS" || operator === "NOT_CONTAINS";
  const a = own.stringValue ?? own.stringListValue ?? own.longValue ?? Number(own.dateValue);
  const b =
    value?.stringValue ?? value?.stringListValue ?? value?.longValue ?? Number(value?.dateValue);
  const canonical = (one: unknown): string =>
    JSON.stringify(Array.isArray(one) ? [...new Set(one as string[])].sort() : one);
  const parts = Array.isArray(b) ? (b as string[]) : [b as string];
  const isContained = (): boolean => parts.every((part) => (a as string | string[]).includes(part));
  switch (operator) {
    case "EQUALS":
      return canonical(a) === canonical(b);
    case "NOT_EQUALS":
      return canonical(a) !== canonical(b);
    case "CONTAINS":
      return isContained();
    case "NOT_CONTAINS":
      return !isContained();
    case "BEGINS_WITH":
      return String(a).slice(0, String(b).length) === String(b);
    case "GREATER_THAN":
      return a > b;
    case "GREATER_THAN_OR_EQUALS":
      return a >= b;
    case "LESS_THAN":
      return a < b;
    case "LESS_THAN_OR_EQUALS":
      return a <= b;
  }
}

function plainEnrich(document: Enrichable, rules: readonly InlineRule[]): unknown {
  let attributes: Record<string, AttributeValue> = Object.fromEntries(
    document.attributes.map(({ name, value }) => [name, value]),
  );
  let hasContent = true;
  for (const { condition, target, documentContentOperator } of rules) {
    const now = Object.entries(attributes).map(([name, value]) => ({ name, value }));
    if (condition && !plainHolds(condition, { ...document, attributes: now })) continue;
    hasContent = hasContent && documentContentOperator !== "DELETE";
    if (!target) continue;
    const { [target.key]: _, ...others } = attributes;
    attributes = target.value ? { ...others, [target.key]: target.value } : others;
  }
  return { attributes, hasContent };
}

const word = fc.constantFrom("", "a", "b", "ab", "ba", "A");
const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  word.map(text),
  fc
    .array(word, { maxLength: 3 })
    .map((stringListValue) => ({ name: "list", value: { stringListValue } })),
  fc.integer({ min: -2, max: 2 }).map((longValue) => ({ name: "count", value: { longValue } })),
  fc
    .integer({ min: 0, max: 2 })
    .map((at) => ({ name: "at", value: { dateValue: new Date(at * 1000) } })),
);
const operators = Object.keys(operatorFamily) as readonly ConditionOperator[];
const rule: fc.Arbitrary<InlineRule> = fc
  .record({
    compared: attribute,
    operator: fc.constantFrom(...operators),
    target: fc.option(attribute, { nil: undefined }),
    isDeletion: fc.boolean(),
    isDropped: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    isUnconditional: fc.boolean(),
  })
  .map(({ compared, operator, target, isDeletion, isDropped, isUnconditional }) => ({
    ...(isUnconditional
      ? {}
      : { condition: { key: compared.name, operator, value: compared.value } }),
    ...(target && {
      target: isDeletion
        ? { key: target.name, attributeValueOperator: "DELETE" as const }
        : { key: target.name, value: target.value },
    }),
    ...(isDropped ? { documentContentOperator: "DELETE" as const } : {}),
  }))
  .filter((one) => enrichmentFaults({ inlineConfigurations: [one] }, fields).length === 0);

test("operations do what a plain reading of the table does, on random documents", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(attribute, { selector: ({ name }) => name }),
      fc.array(rule, { maxLength: 6 }),
      (attributes, rules) => {
        const document = documentWith(...attributes);
        const { document: after, hasContent } = enrichInline(document, rules, fields);
        const named = Object.fromEntries(after.attributes.map(({ name, value }) => [name, value]));
        assert.deepEqual({ attributes: named, hasContent }, plainEnrich(document, rules));
      },
    ),
    { numRuns: 2000 },
  );
});
