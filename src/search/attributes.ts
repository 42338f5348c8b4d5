// Attributes of documents and filters over them. Source of the rules: Amazon Q Business API
// Reference, "AttributeFilter" and "DocumentAttributeValue"; where it is silent, see the comments.

/** Exactly one of the members is set. */
export type AttributeValue = {
  readonly stringValue?: string | undefined;
  readonly stringListValue?: readonly string[] | undefined;
  readonly longValue?: number | undefined;
  readonly dateValue?: Date | undefined;
};

/** A named value of a document, or of a filter's leaf. */
export type Attribute = { readonly name: string; readonly value: AttributeValue };

/** Types of index fields. */
export type AttributeType = "STRING" | "STRING_LIST" | "NUMBER" | "DATE";

/** Operators that compare an attribute with a value. */
export const leafOperators = [
  "equalsTo",
  "containsAll",
  "containsAny",
  "greaterThan",
  "greaterThanOrEquals",
  "lessThan",
  "lessThanOrEquals",
] as const;

/** Name of a leaf operator. */
export type LeafOperator = (typeof leafOperators)[number];

/**
 * A node of a filter. All members that are set must hold, so a node without any always holds. A
 * document that lacks the attribute fails every leaf, and therefore passes a `notFilter` around it.
 */
export type AttributeFilter = { readonly [operator in LeafOperator]?: Attribute | undefined } & {
  readonly andAllFilters?: readonly AttributeFilter[] | undefined;
  readonly orAllFilters?: readonly AttributeFilter[] | undefined;
  readonly notFilter?: AttributeFilter | undefined;
};

/** What the engine keeps of a value: dates as epoch milliseconds. */
export type PlainValue =
  | { readonly type: "STRING"; readonly value: string }
  | { readonly type: "STRING_LIST"; readonly value: readonly string[] }
  | { readonly type: "NUMBER" | "DATE"; readonly value: number };

/** The one value that is set, or undefined where there are none, several, or no number in it. */
export function plainValue(value: AttributeValue): PlainValue | undefined {
  const found: PlainValue[] = [];
  if (value.stringValue !== undefined) found.push({ type: "STRING", value: value.stringValue });
  if (value.stringListValue !== undefined) {
    found.push({ type: "STRING_LIST", value: value.stringListValue });
  }
  if (value.longValue !== undefined) found.push({ type: "NUMBER", value: value.longValue });
  if (value.dateValue !== undefined) {
    found.push({ type: "DATE", value: value.dateValue.getTime() });
  }
  const only = found[0];
  if (found.length !== 1 || only === undefined) return undefined;
  return typeof only.value === "number" && Number.isNaN(only.value) ? undefined : only;
}
