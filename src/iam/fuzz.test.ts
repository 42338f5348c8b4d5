import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "./compile.ts";
import { evaluate } from "./evaluate.ts";
import { readJson } from "./json-reader.ts";
import { parsePolicy } from "./parse-policy.ts";
import type { PolicyKind } from "./policy.ts";
import { principalFromArn } from "./principal.ts";
import { connectorPolicy } from "./testing/connector-policy.ts";
import { type Dice, dice } from "./testing/random.ts";

const kinds: readonly PolicyKind[] = [
  "identity",
  "trust",
  "resource",
  "key",
  "scp",
  "rcp",
  "session",
];

const seeds = [
  JSON.stringify(connectorPolicy),
  '{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":["111122223333"],"Service":"q.amazonaws.com"},"Action":["s3:Get*"],"NotResource":"arn:aws:s3:::${aws:username, \'x\'}*","Condition":{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["a*",1,true]}}}]}',
  '{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"IpAddress":{"aws:SourceIp":"::/0"},"DateLessThan":{"a:b":"2026-01-01T00:00:00Z"}}}}',
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

function mutated(text: string, roll: Dice): string {
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

test("50,000 broken documents: no crash, no hang, and each is taken or refused with a message", (t) => {
  const roll = dice(20_261_121);
  const principal = principalFromArn("arn:aws:iam::111122223333:user/alice")!;
  let taken = 0;
  let slowestMs = 0;
  for (let count = 0; count < 50_000; count += 1) {
    const text = mutated(roll.oneOf(seeds.slice(count % 10 === 0 ? 0 : 1)), roll);
    const start = performance.now();
    const parsing = parsePolicy(text, { kind: roll.oneOf(kinds), takesOldVersions: true });
    if (parsing.ok) {
      taken += 1;
      const resources = [{ arn: "arn:aws:s3:::docs/a" }];
      const context = { "aws:TagKeys": ["a"], "aws:SourceIp": "10.0.0.1" };
      evaluate(
        { principal, action: "s3:GetObject", resources, context },
        { identity: compile(parsing.policy) },
      );
    } else {
      assert.ok(parsing.refusal.message.length > 0);
      assert.ok(parsing.refusal.faults.length > 0, text);
      for (const { span } of parsing.refusal.faults) {
        assert.ok(
          span.start >= 0 && span.start <= text.length && span.end <= text.length + 1,
          text,
        );
      }
    }
    slowestMs = Math.max(slowestMs, performance.now() - start);
  }
  t.diagnostic(`${taken} taken; slowest ${slowestMs.toFixed(1)} ms`);
  assert.ok(taken > 500, `only ${taken} documents were taken`);
  // Generous, because another process may take the processor away in between.
  assert.ok(slowestMs < 5_000);
});

test("the reader finds a fault exactly where the built-in parser fails", () => {
  const roll = dice(5);
  let agreed = 0;
  for (let count = 0; count < 8_000; count += 1) {
    const text = mutated(seeds[2] ?? "", roll);
    const { faults, root } = readJson(text);
    // Repeated members are our own rule: JSON.parse takes the last.
    const isFaulty = faults.some(({ message }) => !message.includes("occurs twice"));
    let value: unknown;
    let isParsed = true;
    try {
      value = JSON.parse(text);
    } catch {
      isParsed = false;
    }
    assert.equal(isFaulty, !isParsed, text);
    if (isParsed && faults.length === 0 && root !== undefined) {
      assert.deepEqual(JSON.parse(JSON.stringify(value)), plainValue(root), text);
      agreed += 1;
    }
  }
  assert.ok(agreed > 200, `only ${agreed} documents were valid`);
});

function plainValue(node: NonNullable<ReturnType<typeof readJson>["root"]>): unknown {
  switch (node.type) {
    case "object":
      return Object.fromEntries(node.members.map(({ name, value }) => [name, plainValue(value)]));
    case "array":
      return node.items.map(plainValue);
    case "number":
      return JSON.parse(JSON.stringify(Number(node.text)));
    case "boolean":
      return node.text === "true";
    case "null":
      return null;
    default:
      return node.text;
  }
}

test("hostile documents end quickly", () => {
  const deep = "[".repeat(100_000);
  const cases = [
    deep,
    '{"a":'.repeat(20_000),
    `{"Statement":"${"\\u0041".repeat(20_000)}"}`,
    `{${'"a":1,'.repeat(20_000)}}`,
    `{"Version":"2012-10-17","Statement":[${",".repeat(100_000)}]}`,
    resourcePolicy("${".repeat(60_000)),
    resourcePolicy("${a".repeat(40_000)),
    resourcePolicy("${a:b}".repeat(20_000)),
    "x".repeat(131_072),
    '"'.repeat(131_072),
  ];
  for (const text of cases) {
    const start = performance.now();
    const parsing = parsePolicy(text, { kind: "identity" });
    if (parsing.ok) compile(parsing.policy);
    assert.ok(performance.now() - start < 5_000, text.slice(0, 40));
  }
  const tooBig = parsePolicy(" ".repeat(131_073), { kind: "identity" });
  assert.ok(!tooBig.ok && tooBig.refusal.code === "ValidationError");
});

test("a pattern made to stall a matcher does not", () => {
  const pattern = `arn:aws:s3:::${"*a".repeat(1_000)}b`;
  const parsing = parsePolicy(resourcePolicy(pattern.slice(13)), { kind: "identity" });
  assert.ok(parsing.ok);
  const identity = compile(parsing.policy);
  const principal = principalFromArn("arn:aws:iam::111122223333:user/alice")!;
  const start = performance.now();
  const resources = [{ arn: `arn:aws:s3:::${"a".repeat(2_000)}` }];
  const { decision } = evaluate({ principal, action: "s3:GetObject", resources }, { identity });
  assert.equal(decision, "implicitDeny");
  assert.ok(performance.now() - start < 2_000);
});

function resourcePolicy(tail: string): string {
  const statement = { Effect: "Allow", Action: "*", Resource: `arn:aws:s3:::${tail}` };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}
