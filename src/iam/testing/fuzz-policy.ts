// Broken policy documents: published ones with pieces cut out, doubled and put in.
import { compile } from "../compile.ts";
import { evaluate } from "../evaluate.ts";
import { parsePolicy } from "../parse-policy.ts";
import type { PolicyKind } from "../policy.ts";
import { principalFromArn } from "../principal.ts";
import { validatePolicy } from "../validate.ts";
import { connectorPolicy } from "./connector-policy.ts";
import { type Dice, dice } from "./random.ts";
import { slowestOf, type Slowest } from "./slowest.ts";

const kinds: readonly PolicyKind[] = [
  "identity",
  "trust",
  "resource",
  "key",
  "scp",
  "rcp",
  "session",
];

const published = JSON.stringify(connectorPolicy);

/** Short documents that together have every element. */
export const fuzzSeeds: readonly string[] = [
  '{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":["111122223333"],"Service":"q.amazonaws.com"},"Action":["s3:Get*"],"NotResource":"arn:aws:s3:::${aws:username, \'x\'}*","Condition":{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["a*",1,true]}}}]}',
  '{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"IpAddress":{"aws:SourceIp":"::/0"},"DateLessThan":{"a:b":"2026-01-01T00:00:00Z"}}}}',
  '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["s3:?et*","iam:*"],"Resource":["arn:aws:s3:::docs/${aws:PrincipalTag/team}/*","*"],"Condition":{"NumericLessThanEquals":{"s3:max-keys":"1.50"},"Null":{"aws:TagKeys":"true"},"ArnLike":{"aws:SourceArn":"arn:aws:*:*:*:x"}}}]}',
];

const pieces = [
  ..."{}[],:\"\\'*?$\t\n 01-.eE",
  "${",
  "\\u00e9",
  "\\ud83d",
  "Allow",
  "arn:aws:s3:::",
  "null",
  "true",
  '"Effect":"Deny",',
  "é",
  "😀",
  "\u0000",
];

/** The text with one to four edits. */
export function mutated(text: string, roll: Dice): string {
  let result = text;
  for (let edits = 1 + roll.below(4); edits > 0; edits -= 1) {
    const at = roll.below(result.length + 1);
    const end = Math.min(result.length, at + roll.below(12));
    const kept = roll.chance(50) ? result.slice(at, end) : "";
    const inserted = roll.chance(60) ? roll.oneOf(pieces) : "";
    result = result.slice(0, at) + kept + inserted + kept + result.slice(end);
  }
  return result;
}

/** What random documents came to. */
export type PolicyFuzz = { readonly taken: number; readonly slowest: Slowest };

/**
 * Parses and validates `count` broken documents, and decides a request with each that is taken.
 *
 * @throws Error for the first document that is neither taken nor refused in full.
 */
export function fuzzPolicies(count: number, seed: number): PolicyFuzz {
  const roll = dice(seed);
  const slowest = slowestOf();
  let taken = 0;
  for (let run = 0; run < count; run += 1) {
    const text = mutated(run % 10 === 0 ? published : roll.oneOf(fuzzSeeds), roll);
    const kind = roll.oneOf(kinds);
    const isTaken = slowest.run(text, () => tryDocument(text, kind));
    if (isTaken) taken += 1;
  }
  return { taken, slowest: slowest.found() };
}

const principal = principalFromArn("arn:aws:iam::111122223333:user/alice");

function tryDocument(text: string, kind: PolicyKind): boolean {
  for (const { range } of validatePolicy(text, { kind })) {
    const span = { start: range.start.offset, end: range.end.offset };
    if (!isInside(span, text)) throw new Error(`a finding outside of ${text}`);
  }
  const parsing = parsePolicy(text, { kind, takesOldVersions: true });
  if (parsing.ok) {
    const resources = [{ arn: "arn:aws:s3:::docs/a" }];
    const context = { "aws:TagKeys": ["a"], "aws:SourceIp": "10.0.0.1" };
    if (principal === undefined) throw new Error("no principal");
    const policies = { identity: compile(parsing.policy) };
    evaluate({ principal, action: "s3:GetObject", resources, context }, policies);
    return true;
  }
  const { code, message, faults } = parsing.refusal;
  const isTold = message !== "" && faults.length > 0 && codes.has(code);
  if (!isTold || !faults.every(({ span }) => isInside(span, text))) {
    throw new Error(`refused without a reason: ${text}`);
  }
  return false;
}

type Span = { readonly start: number; readonly end: number };

function isInside({ start, end }: Span, { length }: string): boolean {
  return start >= 0 && start <= length && end <= length + 1;
}

const codes = new Set<string>(["MalformedPolicyDocument", "ValidationError"]);
