// The condition operators as a table: how a policy value becomes a test of one request value.
// Source: "IAM JSON policy elements: Condition operators" in the IAM user guide.

import { type ArnPattern, arnVerdict, compileArnPattern } from "./arn-pattern.ts";
import { compareDecimals, parseDecimal } from "./decimal.ts";
import { type Glob, compileGlob, globMatches } from "./glob.ts";
import { parseInstant } from "./instant.ts";
import { blockHolds, parseIp, parseIpBlock } from "./ip-address.ts";
import type { OwnText } from "./own-text.ts";
import {
  type TemplateToken,
  type Resolve,
  constantGlob,
  constantText,
  literalText,
  parseTemplate,
  resolveTokens,
} from "./template.ts";

/**
 * Does one value of the request match one value of the policy? A text stands for equality and a
 * glob for itself, which is what most tests are, and cheaper to keep than a function. Negation
 * comes on top.
 */
export type ValueTest = string | Glob | ((requestValue: string, resolve: Resolve) => boolean);

export interface Operator {
  readonly type: "string" | "numeric" | "date" | "bool" | "binary" | "ip" | "arn" | "null";
  /** `…Not…` operators hold when no value matches, and when the key is absent. */
  readonly isNegated: boolean;
  readonly takesWildcards: boolean;
  readonly takesVariables: boolean;
  readonly compile: (policyValue: string, rules: ValueRules) => ValueTest;
}

export interface ValueRules {
  readonly variables: boolean;
  readonly own: OwnText;
}

const never: ValueTest = () => false;

// Each test is made by a function of its own that sees nothing but what it compares: a closure
// keeps alive everything its surroundings know, and there is one for every value of every policy.

function stringEquals(policyValue: string, rules: ValueRules): ValueTest {
  const { tokens } = parseTemplate(policyValue, { ...rules, wildcards: false });
  const text = constantText(tokens);
  return text ?? equalsTokens(tokens, unfolded);
}

function stringEqualsIgnoreCase(policyValue: string, rules: ValueRules): ValueTest {
  const { tokens } = parseTemplate(policyValue, { ...rules, wildcards: false });
  const text = constantText(tokens);
  return text === undefined ? equalsTokens(tokens, fold) : equalsFolded(fold(text));
}

type Fold = (text: string) => string;

const unfolded: Fold = (text) => text;

/** Upper-casing first folds letters such as ß and final sigma, which have several lower cases. */
const fold: Fold = (text) => text.toUpperCase().toLowerCase();

function equalsFolded(folded: string): ValueTest {
  return (value) => fold(value) === folded;
}

function equalsTokens(tokens: readonly TemplateToken[], fold: Fold): ValueTest {
  return (value, resolve) => {
    const resolved = resolveTokens(tokens, resolve);
    return resolved !== undefined && fold(value) === fold(literalText(resolved));
  };
}

function stringLike(policyValue: string, rules: ValueRules): ValueTest {
  const { tokens } = parseTemplate(policyValue, { ...rules, wildcards: true });
  const glob = constantGlob(tokens);
  return glob === undefined ? likeTokens(tokens) : likeGlob(glob);
}

function likeGlob(glob: Glob): ValueTest {
  const [only, ...more] = glob;
  return typeof only === "string" && more.length === 0 ? only : glob;
}

function likeTokens(tokens: readonly TemplateToken[]): ValueTest {
  return (value, resolve) => {
    const resolved = resolveTokens(tokens, resolve);
    return resolved !== undefined && globMatches(compileGlob(resolved), value);
  };
}

function numeric(holds: (order: number) => boolean): Operator["compile"] {
  return (policyValue) => {
    const bound = parseDecimal(policyValue);
    if (bound === undefined) return never;
    return (text) => {
      const value = parseDecimal(text);
      return value !== undefined && holds(compareDecimals(value, bound));
    };
  };
}

function date(holds: (order: number) => boolean): Operator["compile"] {
  return (policyValue) => {
    const bound = parseInstant(policyValue);
    if (bound === undefined) return never;
    return (text) => {
      const value = parseInstant(text);
      return value !== undefined && holds(value - bound);
    };
  };
}

/** Variables under Bool are documented both ways; taking them hurts nobody. */
function bool(policyValue: string, rules: ValueRules): ValueTest {
  const equals = stringEqualsIgnoreCase(policyValue, rules);
  return (value, resolve) => isBoolean(value) && valuePasses(equals, value, resolve);
}

export function valuePasses(test: ValueTest, value: string, resolve: Resolve): boolean {
  if (typeof test === "string") return test === value;
  return typeof test === "function" ? test(value, resolve) : globMatches(test, value);
}

function isBoolean(text: string): boolean {
  const lower = text.toLowerCase();
  return lower === "true" || lower === "false";
}

function binaryEquals(policyValue: string): ValueTest {
  const bytes = Buffer.from(policyValue, "base64");
  return (value) => bytes.equals(Buffer.from(value, "base64"));
}

function ipAddress(policyValue: string): ValueTest {
  const block = parseIpBlock(policyValue);
  if (block === undefined) return never;
  return (text) => {
    const address = parseIp(text);
    return address !== undefined && blockHolds(block, address);
  };
}

function arnLike(policyValue: string, rules: ValueRules): ValueTest {
  return likeArn(compileArnPattern(policyValue, { ...rules, variablesIn: "everywhere" }));
}

function likeArn(pattern: ArnPattern): ValueTest {
  if (typeof pattern === "string" && pattern !== "*") return pattern;
  return (value, resolve) => arnVerdict(pattern, value, resolve) === true;
}

type Traits = Pick<Operator, "type" | "takesWildcards" | "takesVariables">;

function pair(traits: Traits, compile: Operator["compile"]): readonly [Operator, Operator] {
  return [
    { ...traits, isNegated: false, compile },
    { ...traits, isNegated: true, compile },
  ];
}

const text: Traits = { type: "string", takesWildcards: false, takesVariables: true };
const number: Traits = { type: "numeric", takesWildcards: false, takesVariables: false };
const instant: Traits = { ...number, type: "date" };
const arn: Traits = { type: "arn", takesWildcards: true, takesVariables: true };

const [StringEquals, StringNotEquals] = pair(text, stringEquals);
const [StringEqualsIgnoreCase, StringNotEqualsIgnoreCase] = pair(text, stringEqualsIgnoreCase);
const [StringLike, StringNotLike] = pair({ ...text, takesWildcards: true }, stringLike);
const [NumericEquals, NumericNotEquals] = pair(
  number,
  numeric((order) => order === 0),
);
const [DateEquals, DateNotEquals] = pair(
  instant,
  date((order) => order === 0),
);
const [IpAddress, NotIpAddress] = pair({ ...number, type: "ip" }, ipAddress);
const [ArnLike, ArnNotLike] = pair(arn, arnLike);
const [Bool] = pair({ ...text, type: "bool" }, bool);
const [BinaryEquals] = pair({ ...number, type: "binary" }, binaryEquals);
const [Null] = pair({ ...number, type: "null" }, () => never);

const before = (order: number): boolean => order < 0;
const notAfter = (order: number): boolean => order <= 0;
const after = (order: number): boolean => order > 0;
const notBefore = (order: number): boolean => order >= 0;

/** By name, without set prefix and `IfExists` suffix. `Null` is tested by presence alone. */
export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan: pair(number, numeric(before))[0],
    NumericLessThanEquals: pair(number, numeric(notAfter))[0],
    NumericGreaterThan: pair(number, numeric(after))[0],
    NumericGreaterThanEquals: pair(number, numeric(notBefore))[0],
    DateEquals,
    DateNotEquals,
    DateLessThan: pair(instant, date(before))[0],
    DateLessThanEquals: pair(instant, date(notAfter))[0],
    DateGreaterThan: pair(instant, date(after))[0],
    DateGreaterThanEquals: pair(instant, date(notBefore))[0],
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals: ArnLike,
    ArnLike,
    ArnNotEquals: ArnNotLike,
    ArnNotLike,
    Null,
  }),
);

const quantifiers = ["ForAllValues", "ForAnyValue"] as const;

/** `ForAllValues:StringLikeIfExists` taken apart. */
export interface OperatorName {
  readonly quantifier: "ForAllValues" | "ForAnyValue" | undefined;
  readonly base: string;
  readonly ifExists: boolean;
}

/** Names are compared exactly, as IAM does; whether `base` exists is the caller's to check. */
export function splitOperatorName(name: string): OperatorName {
  const quantifier = quantifiers.find((one) => name.startsWith(`${one}:`));
  const rest = quantifier === undefined ? name : name.slice(quantifier.length + 1);
  const ifExists = rest.endsWith("IfExists");
  return { quantifier, base: ifExists ? rest.slice(0, -"IfExists".length) : rest, ifExists };
}
