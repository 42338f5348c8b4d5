import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "./compile.ts";
import { evaluate } from "./evaluate.ts";
import { readJson } from "./json-reader.ts";
import { parsePolicy } from "./parse-policy.ts";
import { principalFromArn } from "./principal.ts";
import { fuzzPolicies, fuzzSeeds, mutated } from "./testing/fuzz-policy.ts";
import { dice } from "./testing/random.ts";

test("10,000 broken documents: no crash, no hang, and each is taken or refused with a message", (t) => {
  const { taken, slowest } = fuzzPolicies(10_000, 20_261_121);
  t.diagnostic(`${taken} taken; slowest ${slowest.ms.toFixed(1)} ms`);
  assert.ok(taken > 100, `only ${taken} documents were taken`);
  assert.ok(slowest.ms < 50, `${slowest.ms} ms for ${slowest.input}`);
});

test("the reader finds a fault exactly where the built-in parser fails", () => {
  const roll = dice(5);
  let agreed = 0;
  for (let count = 0; count < 8_000; count += 1) {
    const text = mutated(fuzzSeeds[1] ?? "", roll);
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
