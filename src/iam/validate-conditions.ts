import { isGlobalKey, isKnownGlobalKey, isListKey } from "./condition-key-table.ts";
import { parseDecimal } from "./decimal.ts";
import { type Finding, finding } from "./finding.ts";
import { parseInstant } from "./instant.ts";
import { parseIpBlock } from "./ip-address.ts";
import { type Operator, operators, splitOperatorName } from "./operators.ts";
import type { ConditionEntry, Statement, Text } from "./policy.ts";

/** Checks of a statement's conditions. */
export function conditionFindings(statement: Statement): readonly Finding[] {
  const nullKeys = new Set(
    statement.conditions
      .filter(({ operator }) => operator === "Null")
      .map(({ key }) => key.toLowerCase()),
  );
  return [
    ...duplicateKeys(statement),
    ...statement.conditions.flatMap((entry) => {
      const name = splitOperatorName(entry.operator);
      const operator = operators.get(name.base);
      if (operator === undefined) return [];
      return [
        ...keyFindings(entry),
        ...qualifierFindings(entry, operator, { effect: statement.effect, nullKeys }),
        ...valueFindings(entry, operator),
      ];
    }),
  ];
}

function duplicateKeys({ conditions }: Statement): readonly Finding[] {
  const seen = new Set<string>();
  return conditions.flatMap((entry) => {
    const name = `${entry.operator} ${entry.key.toLowerCase()}`;
    const isRepeated = seen.has(name);
    seen.add(name);
    if (!isRepeated) return [];
    const detail = `${entry.key} is there in another spelling already; keys ignore case`;
    return [finding("ERROR", "DUPLICATE_KEYS_WITH_DIFFERENT_CASE", entry, detail)];
  });
}

function keyFindings(entry: ConditionEntry): readonly Finding[] {
  const lowerKey = entry.key.toLowerCase();
  if (!lowerKey.includes(":")) {
    return [finding("ERROR", "INVALID_CONDITION_KEY_FORMAT", entry, `${entry.key} has no prefix`)];
  }
  if (isGlobalKey(lowerKey) && !isKnownGlobalKey(lowerKey)) {
    return [
      finding("ERROR", "INVALID_GLOBAL_CONDITION_KEY", entry, `there is no key ${entry.key}`),
    ];
  }
  if (lowerKey.startsWith("qbusiness:")) {
    const detail = "the service qbusiness defines no condition keys of its own";
    return [finding("ERROR", "INVALID_SERVICE_CONDITION_KEY", entry, detail)];
  }
  if (lowerKey !== "kms:viaservice") return [];
  return entry.values
    .filter(({ text }) => !isViaService(text))
    .map((value) => {
      const detail = `"${value.text}" has not the form service.region.amazonaws.com`;
      return finding("ERROR", "INVALID_SERVICE_PRINCIPAL_FORMAT", value, detail);
    });
}

function isViaService(text: string): boolean {
  const isSuffixed = text.endsWith(".amazonaws.com") || text.endsWith(".amazonaws.com.cn");
  return text === "*" || (isSuffixed && text.split(".").length >= 4);
}

interface Surroundings {
  readonly effect: Statement["effect"];
  /** Keys whose presence another condition tests. */
  readonly nullKeys: ReadonlySet<string>;
}

function qualifierFindings(
  entry: ConditionEntry,
  operator: Operator,
  { effect, nullKeys }: Surroundings,
): readonly Finding[] {
  const { quantifier } = splitOperatorName(entry.operator);
  const lowerKey = entry.key.toLowerCase();
  if (operator.type === "null") {
    if (quantifier === undefined) return [];
    const detail = `${entry.operator} is always the same; write Null`;
    return [finding("ERROR", "NULL_WITH_QUALIFIER", entry, detail)];
  }
  if (quantifier === undefined) {
    if (!isListKey(lowerKey)) return [];
    const detail = `${entry.key} has several values: use ForAllValues or ForAnyValue`;
    return [finding("ERROR", "MISSING_QUALIFIER", entry, detail)];
  }
  if (isGlobalKey(lowerKey) && isKnownGlobalKey(lowerKey) && !isListKey(lowerKey)) {
    const isAll = quantifier === "ForAllValues";
    const code = `${isAll ? "FORALLVALUES" : "FORANYVALUE"}_WITH_SINGLE_VALUED_KEY`;
    const detail = `${entry.key} has a single value`;
    return [finding(isAll ? "SECURITY_WARNING" : "SUGGESTION", code, entry, detail)];
  }
  const isGuarded = nullKeys.has(lowerKey);
  if (quantifier !== "ForAllValues" || effect === "Deny" || isGuarded) return [];
  const detail = `also true when the request has no ${entry.key}; add Null ${entry.key} "false"`;
  return [finding("QUARRY", "FORALLVALUES_ALLOW_WITHOUT_NULL", entry, detail)];
}

type Check = { readonly code: string; readonly takes: (text: string) => boolean };

const checks: Readonly<Partial<Record<Operator["type"], Check>>> = {
  numeric: { code: "TYPE_MISMATCH_NUMBER", takes: (text) => parseDecimal(text) !== undefined },
  date: { code: "TYPE_MISMATCH_DATE", takes: (text) => parseInstant(text) !== undefined },
  bool: { code: "TYPE_MISMATCH_BOOLEAN", takes: isBoolean },
  null: { code: "TYPE_MISMATCH_BOOLEAN", takes: isBoolean },
  ip: { code: "TYPE_MISMATCH_IP_RANGE", takes: (text) => parseIpBlock(text) !== undefined },
};

function isBoolean(text: string): boolean {
  return text.toLowerCase() === "true" || text.toLowerCase() === "false" || text.includes("${");
}

function valueFindings(entry: ConditionEntry, operator: Operator): readonly Finding[] {
  const found: Finding[] = [];
  if (operator.type === "bool" && entry.values.length > 1) {
    const detail = "Bool takes one value";
    found.push(finding("ERROR", "INVALID_CONDITION_MULTIPLE_BOOLEAN", entry, detail));
  }
  const check = checks[operator.type];
  for (const value of entry.values) {
    if (check !== undefined && !check.takes(value.text)) {
      const detail = `"${value.text}" is no value for ${entry.operator}`;
      found.push(finding("ERROR", check.code, value, detail));
    }
    if (operator.type === "string" && !operator.takesWildcards && hasWildcard(value)) {
      const detail = `a star under ${entry.operator} is a plain character; is StringLike meant?`;
      found.push(finding("WARNING", "WILDCARD_WITHOUT_LIKE_OPERATOR", value, detail));
    }
  }
  return found;
}

function hasWildcard({ text }: Text): boolean {
  const plain = text.replaceAll("${*}", "").replaceAll("${?}", "");
  return plain.includes("*") || plain.includes("?");
}
