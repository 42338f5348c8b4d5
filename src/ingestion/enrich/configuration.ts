import type { AttributeValue } from "../../search/search.ts";
import { type FieldType, typedValue, typeOfValue } from "./value.ts";

/** Operators of conditions, as the API names them. */
export type ConditionOperator =
  | "EQUALS"
  | "NOT_EQUALS"
  | "CONTAINS"
  | "NOT_CONTAINS"
  | "BEGINS_WITH"
  | "GREATER_THAN"
  | "GREATER_THAN_OR_EQUALS"
  | "LESS_THAN"
  | "LESS_THAN_OR_EQUALS"
  | "EXISTS"
  | "NOT_EXISTS";

/** Whether something applies to a document; there is no AND and no OR. */
export type EnrichmentCondition = {
  readonly key: string;
  readonly operator: ConditionOperator;
  readonly value?: AttributeValue | undefined;
};

/** One basic operation: where the condition holds, an attribute or the content is changed. */
export type InlineRule = {
  readonly condition?: EnrichmentCondition | undefined;
  readonly target?:
    | {
        readonly key: string;
        readonly value?: AttributeValue | undefined;
        readonly attributeValueOperator?: "DELETE" | undefined;
      }
    | undefined;
  readonly documentContentOperator?: "DELETE" | undefined;
};

/** A function that may change a document. */
export type HookRule = {
  readonly invocationCondition?: EnrichmentCondition | undefined;
  readonly lambdaArn?: string | undefined;
  readonly s3BucketName?: string | undefined;
  readonly roleArn?: string | undefined;
};

/** The API's `documentEnrichmentConfiguration`. */
export type Enrichment = {
  readonly inlineConfigurations?: readonly InlineRule[] | undefined;
  readonly preExtractionHookConfiguration?: HookRule | undefined;
  readonly postExtractionHookConfiguration?: HookRule | undefined;
};

/** Types of an index's fields, by name. */
export type FieldTypes = ReadonlyMap<string, FieldType>;

/** One fault: the member below `documentEnrichmentConfiguration`, and what it must be. */
export type EnrichmentFault = { readonly path: string; readonly message: string };

type Family = "equality" | "membership" | "prefix" | "order" | "presence";

/** What each operator does; `membership` is part of a text, or an element of a list. */
export const operatorFamily: Readonly<Record<ConditionOperator, Family>> = {
  EQUALS: "equality",
  NOT_EQUALS: "equality",
  CONTAINS: "membership",
  NOT_CONTAINS: "membership",
  BEGINS_WITH: "prefix",
  GREATER_THAN: "order",
  GREATER_THAN_OR_EQUALS: "order",
  LESS_THAN: "order",
  LESS_THAN_OR_EQUALS: "order",
  EXISTS: "presence",
  NOT_EXISTS: "presence",
};

const familyTypes: Readonly<Record<Family, readonly FieldType[]>> = {
  equality: ["STRING", "STRING_LIST", "NUMBER", "DATE"],
  membership: ["STRING", "STRING_LIST"],
  prefix: ["STRING"],
  order: ["NUMBER", "DATE"],
  presence: ["STRING", "STRING_LIST", "NUMBER", "DATE"],
};

/** Names that conditions know besides the index's fields. */
export const documentIdKey = "_document_id";
const bodyKey = "_document_body";

/**
 * What is wrong in a configuration, against the fields of its index ("Basic operations", Amazon Q
 * Business user guide; "DocumentAttributeCondition" and "DocumentAttributeTarget", API reference).
 */
export function enrichmentFaults(
  enrichment: Enrichment,
  fields: FieldTypes,
): readonly EnrichmentFault[] {
  const faults = (enrichment.inlineConfigurations ?? []).flatMap((rule, index) => {
    const at = `inlineConfigurations.${index + 1}.member`;
    return [
      ...conditionFaults(rule.condition, `${at}.condition`, fields),
      ...targetFaults(rule.target, `${at}.target`, fields),
    ];
  });
  for (const stage of ["pre", "post"] as const) {
    const at = `${stage}ExtractionHookConfiguration` as const;
    faults.push(...hookFaults(enrichment[at], at, fields));
  }
  return faults;
}

function conditionFaults(
  condition: EnrichmentCondition | undefined,
  at: string,
  fields: FieldTypes,
): readonly EnrichmentFault[] {
  if (condition === undefined) return [];
  const { key, operator, value } = condition;
  if (key === bodyKey) {
    return [{ path: `${at}.key`, message: `Member must not be ${bodyKey}` }];
  }
  const family = operatorFamily[operator];
  if (family === "presence") return [];
  if (value === undefined) {
    return [{ path: `${at}.value`, message: `Member must not be null with operator ${operator}` }];
  }
  const type = conditionType(key, value, fields);
  if (!familyTypes[family].includes(type)) {
    const message = `Member must not be ${operator} for an attribute of type ${type}`;
    return [{ path: `${at}.operator`, message }];
  }
  if (typedValue(value, type) !== undefined) return [];
  return [{ path: `${at}.value`, message: `Member must be a value of type ${type}` }];
}

/** A name that is no field is compared as the type that the value has. */
export function conditionType(key: string, value: AttributeValue, fields: FieldTypes): FieldType {
  return key === documentIdKey ? "STRING" : (fields.get(key) ?? typeOfValue(value));
}

function targetFaults(
  target: InlineRule["target"],
  at: string,
  fields: FieldTypes,
): readonly EnrichmentFault[] {
  if (target === undefined) return [];
  const { key, value, attributeValueOperator } = target;
  const type = fields.get(key);
  if (type === undefined) {
    const message = "Member must name a field of the index; add it with UpdateIndex first";
    return [{ path: `${at}.key`, message }];
  }
  // Which data source a document belongs to is a fact, and deletions rest on it.
  if (key === "_data_source_id") {
    return [{ path: `${at}.key`, message: "Member must not be _data_source_id" }];
  }
  if (attributeValueOperator === "DELETE") {
    if (value === undefined) return [];
    const message = "Member must be null with attributeValueOperator DELETE";
    return [{ path: `${at}.value`, message }];
  }
  if (value === undefined) return [{ path: `${at}.value`, message: "Member must not be null" }];
  if (typedValue(value, type) !== undefined) return [];
  return [{ path: `${at}.value`, message: `Member must be a value of type ${type}` }];
}

function hookFaults(
  hook: HookRule | undefined,
  at: string,
  fields: FieldTypes,
): readonly EnrichmentFault[] {
  if (hook === undefined) return [];
  return [
    ...conditionFaults(hook.invocationCondition, `${at}.invocationCondition`, fields),
    ...(["lambdaArn", "roleArn"] as const)
      .filter((member) => hook[member] === undefined)
      .map((member) => ({ path: `${at}.${member}`, message: "Member must not be null" })),
  ];
}

/** A stored configuration: JSON keeps dates as text. */
export function reviveEnrichment<E extends Enrichment>(stored: E): E {
  return JSON.parse(JSON.stringify(stored), (name, value: unknown) =>
    name === "dateValue" && typeof value === "string" ? new Date(value) : value,
  ) as E;
}
