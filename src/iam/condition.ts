// Condition blocks: AND over operators and keys, OR over a key's values, NOR for negated operators.

import { type ContextValue, type RequestContext, contextValue } from "./context.ts";
import {
  type Operator,
  type ValueTest,
  operators,
  splitOperatorName,
  valuePasses,
} from "./operators.ts";
import type { OwnText } from "./own-text.ts";
import type { ConditionEntry } from "./policy.ts";
import { principalKey } from "./principal-keys.ts";
import type { Principal } from "./principal.ts";
import type { Resolve } from "./template.ts";

/** What conditions and variables are read from, for one resource of one request. */
export interface Facts {
  readonly principal: Principal;
  /** Keys of this resource only, such as `aws:ResourceTag/…`; they win over the shared ones. */
  readonly own: RequestContext | undefined;
  readonly shared: RequestContext;
  readonly resolve: Resolve;
}

/** The value of a key in lower case; what follows from the principal need not be in the context. */
export function factOf(facts: Facts, lowerKey: string): ContextValue | undefined {
  return (
    (facts.own && contextValue(facts.own, lowerKey)) ??
    contextValue(facts.shared, lowerKey) ??
    principalKey(facts.principal, lowerKey)
  );
}

export function factsOf(principal: Principal, shared: RequestContext, own?: RequestContext): Facts {
  const facts: Facts = {
    principal,
    own,
    shared,
    resolve(lowerKey) {
      const value = factOf(facts, lowerKey);
      // A list has no single text, so a variable that names one has no value.
      return typeof value === "string" ? value : undefined;
    },
  };
  return facts;
}

/** One operator on one key. */
export interface Condition {
  readonly rule: ConditionRule;
  /** Key and values as written, for explanations. */
  readonly key: string;
  readonly values: readonly string[];
  readonly lowerKey: string;
  /** Undefined for `Null`, which looks at presence only. */
  readonly tests: readonly ValueTest[] | undefined;
}

/** What an operator means, apart from key and values; conditions of one kind share it. */
export interface ConditionRule {
  /** As written: `ForAllValues:StringEqualsIfExists`. */
  readonly operator: string;
  readonly quantifier: "ForAllValues" | "ForAnyValue" | undefined;
  readonly isNegated: boolean;
  /** The result when the key is absent. */
  readonly whenAbsent: boolean;
  /** The result of `Null` when the key is present. */
  readonly whenPresent: boolean;
}

export interface ConditionRules {
  readonly variables: boolean;
  readonly effect: "Allow" | "Deny";
  readonly own: OwnText;
}

/** Compiles one entry of a condition block that has passed the grammar check. */
export function compileCondition(entry: ConditionEntry, rules: ConditionRules): Condition {
  const { quantifier, base, ifExists } = splitOperatorName(entry.operator);
  const operator = operators.get(base);
  if (operator === undefined) throw new Error(`unknown condition operator ${entry.operator}`);
  const values = entry.values.map(({ text }) => rules.own(text));
  const isNull = operator.type === "null";
  const { isNegated } = operator;
  const forced = quantifier === undefined ? undefined : quantifier === "ForAllValues";
  const isAmong = (wanted: string): boolean =>
    values.some((value) => value.toLowerCase() === wanted);
  const rule = {
    // Rules outlive their first document, which they must not keep in memory.
    operator: rules.own(entry.operator),
    quantifier,
    isNegated,
    whenAbsent: isNull
      ? (forced ?? isAmong("true"))
      : whenAbsent({ quantifier, ifExists, isNegated }, rules.effect),
    whenPresent: isNull && (forced ?? isAmong("false")),
  };
  return {
    rule: sharedRule(rule),
    key: rules.own(entry.key),
    values,
    lowerKey: rules.own(entry.key.toLowerCase()),
    tests: isNull ? undefined : compileTests(operator, values, rules),
  };
}

/** Rules met so far. Names come from the table of operators, so there is an end to them. */
const rulesKnown = new Map<string, ConditionRule>();

function sharedRule(rule: ConditionRule): ConditionRule {
  const name = `${rule.operator} ${rule.whenAbsent} ${rule.whenPresent}`;
  const known = rulesKnown.get(name) ?? rule;
  rulesKnown.set(name, known);
  return known;
}

function compileTests(
  operator: Operator,
  values: readonly string[],
  rules: ConditionRules,
): readonly ValueTest[] {
  const tests = values.map((value) => operator.compile(value, rules));
  // Where every test is the text itself, one list serves twice.
  return tests.every((test, at) => test === values[at]) ? values : tests;
}

function whenAbsent(
  {
    quantifier,
    ifExists,
    isNegated,
  }: Pick<ConditionRule, "quantifier" | "isNegated"> & { ifExists: boolean },
  effect: "Allow" | "Deny",
): boolean {
  if (quantifier === "ForAllValues") return true;
  // IfExists says true and ForAnyValue says false; publications disagree, so the safe one wins.
  if (quantifier === "ForAnyValue") return ifExists && effect === "Deny";
  return ifExists || isNegated;
}

export function conditionHolds(condition: Condition, facts: Facts): boolean {
  const value = factOf(facts, condition.lowerKey);
  const { tests, rule } = condition;
  if (value === undefined) return rule.whenAbsent;
  if (tests === undefined) return rule.whenPresent;
  const { isNegated, quantifier } = rule;
  if (typeof value === "string") return matchesAny(tests, value, facts) !== isNegated;
  if (quantifier === "ForAllValues") {
    return value.every((one) => matchesAny(tests, one, facts) !== isNegated);
  }
  if (quantifier === "ForAnyValue") {
    return value.some((one) => matchesAny(tests, one, facts) !== isNegated);
  }
  // A list under a plain operator is refused on write; old documents read it as "some" or "none".
  return value.some((one) => matchesAny(tests, one, facts)) !== isNegated;
}

function matchesAny(tests: readonly ValueTest[], value: string, facts: Facts): boolean {
  for (const test of tests) if (valuePasses(test, value, facts.resolve)) return true;
  return false;
}
