import type { Attribute, AttributeValue } from "../../search/search.ts";
import {
  conditionType,
  documentIdKey,
  type EnrichmentCondition,
  type FieldTypes,
  type InlineRule,
  operatorFamily,
} from "./configuration.ts";
import { typedValue } from "./value.ts";

/** What enrichment sees of a document, and changes. */
export type Enrichable = {
  readonly documentId: string;
  readonly title: string;
  readonly attributes: readonly Attribute[];
};

/** A document after its inline operations. */
export type Enriched<D extends Enrichable> = {
  readonly document: D;
  /** False where an operation dropped the content: the document is listed and says nothing. */
  readonly hasContent: boolean;
};

const titleKey = "_document_title";
const titleLengthMax = 1024;

/**
 * Carries out inline operations in their order; each sees what those before it changed ("How
 * document enrichment works", Amazon Q Business user guide). Comparisons distinguish upper and
 * lower case. The configuration has been checked by `enrichmentFaults`.
 */
export function enrichInline<D extends Enrichable>(
  document: D,
  rules: readonly InlineRule[],
  fields: FieldTypes,
): Enriched<D> {
  let changed = document;
  let hasContent = true;
  for (const { condition, target, documentContentOperator } of rules) {
    if (condition !== undefined && !holds(condition, changed, fields)) continue;
    if (documentContentOperator === "DELETE") hasContent = false;
    if (target === undefined) continue;
    const type = fields.get(target.key);
    const value =
      target.value === undefined || type === undefined ? undefined : typedValue(target.value, type);
    const isDeletion = target.attributeValueOperator === "DELETE";
    if (isDeletion || value !== undefined) changed = withAttribute(changed, target.key, value);
  }
  return { document: changed, hasContent };
}

/** Sets one attribute, or removes it; who sets the title's attribute sets the title. */
export function withAttribute<D extends Enrichable>(
  document: D,
  name: string,
  value: AttributeValue | undefined,
): D {
  const attributes = new Map(document.attributes.map((attribute) => [attribute.name, attribute]));
  if (value === undefined) attributes.delete(name);
  else attributes.set(name, { name, value });
  const text = name === titleKey ? (value?.stringValue ?? "") : "";
  const title = text === "" ? document.title : [...text].slice(0, titleLengthMax).join("");
  return { ...document, title, attributes: [...attributes.values()] };
}

/** Whether a condition holds for a document as it is now. */
export function holds(
  { key, operator, value }: EnrichmentCondition,
  document: Enrichable,
  fields: FieldTypes,
): boolean {
  const own = valueOf(document, key);
  const family = operatorFamily[operator];
  if (family === "presence") return (own !== undefined) === (operator === "EXISTS");
  const isNegated = operator === "NOT_EQUALS" || operator === "NOT_CONTAINS";
  if (own === undefined || value === undefined) return isNegated;
  const type = conditionType(key, value, fields);
  const left = typedValue(own, type);
  const right = typedValue(value, type);
  if (left === undefined || right === undefined) return isNegated;
  switch (family) {
    case "equality":
      return isEqual(left, right) !== isNegated;
    case "membership":
      return contains(left, right) !== isNegated;
    case "prefix":
      return left.stringValue?.startsWith(right.stringValue ?? "") ?? false;
    case "order":
      return isOrdered(operator, numberOf(left) - numberOf(right));
  }
}

function valueOf(document: Enrichable, key: string): AttributeValue | undefined {
  if (key === documentIdKey) return { stringValue: document.documentId };
  return document.attributes.find(({ name }) => name === key)?.value;
}

function isEqual(left: AttributeValue, right: AttributeValue): boolean {
  if (left.stringListValue === undefined) return plainOf(left) === plainOf(right);
  // Lists are compared as sets: order and repetition say nothing.
  const mine = new Set(left.stringListValue);
  const theirs = new Set(right.stringListValue);
  return mine.size === theirs.size && [...mine].every((element) => theirs.has(element));
}

function contains(left: AttributeValue, right: AttributeValue): boolean {
  const { stringListValue: list, stringValue: text } = left;
  // A list of wanted elements asks for all of them.
  if (list !== undefined) return right.stringListValue?.every((e) => list.includes(e)) ?? false;
  return text?.includes(right.stringValue ?? "") ?? false;
}

function isOrdered(operator: EnrichmentCondition["operator"], difference: number): boolean {
  switch (operator) {
    case "GREATER_THAN":
      return difference > 0;
    case "GREATER_THAN_OR_EQUALS":
      return difference >= 0;
    case "LESS_THAN":
      return difference < 0;
    default:
      return difference <= 0;
  }
}

function plainOf(value: AttributeValue): string | number {
  return value.stringValue ?? numberOf(value);
}

function numberOf({ longValue, dateValue }: AttributeValue): number {
  return longValue ?? dateValue?.getTime() ?? Number.NaN;
}
