// Values, wildcards, variables and conditions of the plain evaluator.

import type { PlainPrincipal, PlainRequest, PlainStatement, PlainValue } from "./plain-types.ts";

export function listOf<Item>(value: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(value) ? value : [value as Item];
}

/** A star inside a marker is a plain character: markers stand for `${*}` and substituted text. */
const plainStar = "\u{F0001}";
const plainMark = "\u{F0002}";

/** Whole-text wildcard comparison by the textbook recursion, over characters. */
export function like(pattern: string, text: string): boolean {
  const p = [...pattern];
  const t = [...text];
  // reachable[j]: the pattern so far can match the first j characters.
  let reachable = Array.from({ length: t.length + 1 }, (_, j) => j === 0);
  for (const symbol of p) {
    const next = reachable.map(() => false);
    for (let j = 0; j <= t.length; j += 1) {
      if (symbol === "*") next[j] = reachable[j] === true || (j > 0 && next[j - 1] === true);
      else if (j > 0 && reachable[j - 1] === true)
        next[j] = symbol === "?" || same(symbol, t[j - 1]);
    }
    reachable = next;
  }
  return reachable.at(-1) === true;
}

function same(symbol: string, char: string | undefined): boolean {
  if (symbol === plainStar) return char === "*";
  if (symbol === plainMark) return char === "?";
  return symbol === char;
}

/** The text with its variables replaced; undefined when one has no value. */
export function filled(text: string, request: PlainRequest, isNew: boolean): string | undefined {
  if (!isNew) return text;
  let result = "";
  let rest = text;
  for (;;) {
    const start = rest.indexOf("${");
    if (start < 0) return result + rest;
    const end = rest.indexOf("}", start);
    if (end < 0) return result + rest;
    result += rest.slice(0, start);
    const [name = "", fallback] = rest.slice(start + 2, end).split(", ");
    const value = name.length === 1 ? name : (single(name, request) ?? fallback?.slice(1, -1));
    if (value === undefined) return undefined;
    result += value.replaceAll("*", plainStar).replaceAll("?", plainMark);
    rest = rest.slice(end + 1);
  }
}

function single(name: string, request: PlainRequest): string | undefined {
  const value = keyOf(name, request);
  return typeof value === "string" ? value : undefined;
}

function keyOf(name: string, request: PlainRequest): string | readonly string[] | undefined {
  const wanted = name.toLowerCase();
  const entry = Object.entries(request.context).find(([key]) => key.toLowerCase() === wanted);
  const value = entry?.[1] ?? principalFact(wanted, request.principal);
  return value === undefined || (typeof value !== "string" && value.length === 0)
    ? undefined
    : value;
}

function principalFact(
  key: string,
  { kind, account, name, behind, id }: PlainPrincipal,
): string | undefined {
  if (key === "aws:principalarn") {
    if (kind === "role") return behind;
    return account === undefined ? undefined : name;
  }
  if (key === "aws:principalaccount") return kind === "anonymous" ? "anonymous" : account;
  if (key === "aws:username") return kind === "user" ? name.split("/").at(-1) : undefined;
  if (key === "aws:principalisawsservice") return kind === "service" ? "true" : "false";
  if (key === "aws:principalservicename") return kind === "service" ? name : undefined;
  const last = name.split("/").at(-1) ?? "";
  if (key === "aws:principaltype") {
    return {
      user: "User",
      role: "AssumedRole",
      federated: "FederatedUser",
      root: "Account",
      anonymous: "Anonymous",
      service: undefined,
      provider: undefined,
    }[kind];
  }
  if (key !== "aws:userid") return undefined;
  if (kind === "user") return id;
  if (kind === "role") return id === undefined ? undefined : `${id}:${last}`;
  if (kind === "federated") return `${account ?? ""}:${last}`;
  if (kind === "root") return account;
  return kind === "anonymous" ? "anonymous" : undefined;
}

export function arnLike(pattern: string, arn: string): boolean {
  if (pattern === "*") return true;
  const wanted = sixParts(pattern);
  const given = sixParts(arn);
  if (given.length < 6) return false;
  return given.every((part, at) => like(wanted[at] ?? "*", part));
}

function sixParts(arn: string): readonly string[] {
  const parts = arn.split(":");
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

export function conditionFits(
  statement: PlainStatement,
  request: PlainRequest,
  isNew: boolean,
): boolean {
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const texts = listOf<PlainValue>(values).map(String);
      return plainCondition({ operator, texts, effect: statement.Effect }, keyOf(key, request), {
        request,
        isNew,
      });
    }),
  );
}

interface PlainTest {
  readonly operator: string;
  readonly texts: readonly string[];
  readonly effect: "Allow" | "Deny";
}

function plainCondition(
  { operator, texts, effect }: PlainTest,
  given: string | readonly string[] | undefined,
  where: { readonly request: PlainRequest; readonly isNew: boolean },
): boolean {
  const [set, rest] = operator.includes(":") ? operator.split(":") : [undefined, operator];
  const ifExists = rest?.endsWith("IfExists") ?? false;
  const base = (rest ?? "").replace("IfExists", "");
  if (base === "Null") {
    if (set !== undefined) return set === "ForAllValues";
    return texts.some((text) => (text.toLowerCase() === "true") === (given === undefined));
  }
  const isNegated = base.includes("Not");
  if (given === undefined) {
    if (set === "ForAllValues") return true;
    if (set === "ForAnyValue") return ifExists && effect === "Deny";
    return ifExists || isNegated;
  }
  const matches = (value: string): boolean =>
    texts.some((text) => plainMatch(base.replace("Not", ""), { text, value, where }));
  const passes = (value: string): boolean => matches(value) !== isNegated;
  if (typeof given === "string") return passes(given);
  if (set === "ForAllValues") return given.every(passes);
  if (set === "ForAnyValue") return given.some(passes);
  return given.some(matches) !== isNegated;
}

interface PlainPair {
  readonly text: string;
  readonly value: string;
  readonly where: { readonly request: PlainRequest; readonly isNew: boolean };
}

function plainMatch(operator: string, { text, value, where }: PlainPair): boolean {
  if (operator.startsWith("Numeric"))
    return ordered(operator.slice(7), Number(value), Number(text));
  if (operator.startsWith("Date")) return ordered(operator.slice(4), instant(value), instant(text));
  if (operator === "IpAddress") return inBlock(value, text);
  const whole = filled(text, where.request, where.isNew);
  if (whole === undefined) return false;
  const literal = whole.replaceAll(plainStar, "*").replaceAll(plainMark, "?");
  switch (operator) {
    case "StringEquals":
      return value === literal;
    case "StringEqualsIgnoreCase":
    case "Bool":
      return value.toLowerCase() === literal.toLowerCase();
    case "StringLike":
      return like(whole, value);
    case "ArnLike":
    case "ArnEquals":
      return arnLike(whole, value);
    default:
      throw new Error(`the plain evaluator has no operator ${operator}`);
  }
}

function ordered(relation: string, left: number, right: number): boolean {
  if (Number.isNaN(left) || Number.isNaN(right)) return false;
  if (relation === "Equals") return left === right;
  if (relation === "LessThan") return left < right;
  if (relation === "LessThanEquals") return left <= right;
  return relation === "GreaterThan" ? left > right : left >= right;
}

function instant(text: string): number {
  return text.includes("-") ? Date.parse(text) : Number(text) * 1000;
}

/** IPv4 only: the generator makes no other addresses. */
function inBlock(address: string, block: string): boolean {
  const [base = "", prefix = "32"] = block.split("/");
  const bits = (text: string): string =>
    text
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  return bits(address).slice(0, Number(prefix)) === bits(base).slice(0, Number(prefix));
}
