import assert from "node:assert/strict";
import { test } from "node:test";
import { publishedQuotas } from "../../src/core/quotas.ts";
import { systemIds } from "../../src/core/ids.ts";
import { compile, evaluate, parsePolicy, principalFromArn } from "../../src/iam/iam.ts";
import { type QueryCall, runQuery } from "../../src/operations/query-operations.ts";
import { decodeQueryRequest, QueryError } from "../../src/wire/wire.ts";
import { policyOf, userArn } from "./query-clients.ts";
import { rootKey, startQueryServer } from "./query-server.ts";
import { randomFrom } from "./query-values.ts";

const actions = ["s3:GetObject", "s3:PutObject", "iam:GetUser"];
const patterns = ["*", "arn:aws:s3:::docs/*", "arn:aws:s3:::docs/a"];
const arns = ["*", "arn:aws:s3:::docs/a", "arn:aws:s3:::other/a"];
const noise = [
  "",
  "*",
  "{",
  "arn:",
  "x".repeat(300),
  "%00",
  "s3:*",
  "é",
  '{"Version":"2012-10-17"}',
];

type Random = (below: number) => number;
type Result = {
  readonly EvalDecision: string;
  readonly ResourceSpecificResults?: readonly object[];
};
type Answer = { readonly EvaluationResults: readonly Result[] };

const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T;

function randomPolicy(random: Random): string {
  const Statement = Array.from({ length: 1 + random(3) }, () => ({
    Effect: random(3) === 0 ? "Deny" : "Allow",
    Action: pick(random, [...actions, "s3:*", "*"]),
    Resource: pick(random, patterns),
    ...(random(3) === 0 && { Condition: { StringEquals: { "a:key": pick(random, ["x", "y"]) } } }),
  }));
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

async function rootCall(): Promise<AsyncDisposable & { readonly call: QueryCall }> {
  const server = await startQueryServer();
  const { db, identity } = server;
  const { accessKeyId } = rootKey;
  const known = await identity.findKey({ accessKeyId, sessionToken: undefined });
  const now = new Date();
  const facts = { now, region: "us-east-1", isSecure: true, sourceIp: "192.0.2.1" };
  const caller = known?.caller ?? assert.fail();
  const rest = { ids: systemIds, quotas: publishedQuotas, pageTokenKey: Buffer.alloc(32) };
  return {
    call: { db, identity, caller, now, facts, ...rest },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function simulate(
  call: QueryCall,
  pairs: readonly (readonly [string, string])[],
): Promise<unknown> {
  const form = new URLSearchParams([
    ["Action", "SimulateCustomPolicy"],
    ["Version", "2010-05-08"],
    ...pairs.map(([name, value]): [string, string] => [name, value]),
  ]);
  const request = decodeQueryRequest("iam", { query: form.toString(), body: Buffer.of() });
  return runQuery(request, call);
}

test("a simulation decides as the engine does: 400 random ones, each policy evaluated on its own", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const random = randomFrom(seed);
  await using made = await rootCall();
  const principal = principalFromArn(userArn("alice")) ?? assert.fail();
  const seen = new Map<string, number>();
  for (let run = 0; run < 400; run += 1) {
    const documents = Array.from({ length: 1 + random(3) }, () => randomPolicy(random));
    const boundary = random(3) === 0 ? randomPolicy(random) : undefined;
    const action = pick(random, actions);
    const arn = pick(random, arns);
    const key = random(2) === 0 ? undefined : pick(random, ["x", "y"]);
    const { EvaluationResults } = (await simulate(made.call, [
      ...documents.map((text, at) => [`PolicyInputList.member.${at + 1}`, text] as const),
      ...(boundary === undefined
        ? []
        : [["PermissionsBoundaryPolicyInputList.member.1", boundary] as const]),
      ["ActionNames.member.1", action],
      ["ResourceArns.member.1", arn],
      ["CallerArn", userArn("alice")],
      ...(key === undefined
        ? []
        : ([
            ["ContextEntries.member.1.ContextKeyName", "A:Key"],
            ["ContextEntries.member.1.ContextKeyValues.member.1", key],
            ["ContextEntries.member.1.ContextKeyType", "string"],
          ] as const)),
    ])) as Answer;
    const compiled = [...documents, ...(boundary === undefined ? [] : [boundary])].map((text) => {
      const parsed = parsePolicy(text, { kind: "identity" });
      return parsed.ok ? compile(parsed.policy) : assert.fail();
    });
    const { decision } = evaluate(
      { principal, action, resources: [{ arn }], context: { "a:key": key } },
      {
        identity: compiled.slice(0, documents.length),
        ...(boundary !== undefined && { boundary: compiled.slice(-1) }),
      },
    );
    const wanted = decision === "allow" ? "allowed" : decision;
    assert.equal(EvaluationResults[0]?.EvalDecision, wanted, `run ${run} of seed ${seed}`);
    seen.set(wanted, (seen.get(wanted) ?? 0) + 1);
  }
  for (const decision of ["allowed", "implicitDeny", "explicitDeny"]) {
    assert.ok((seen.get(decision) ?? 0) > 20, JSON.stringify([...seen]));
  }
});

test("no input of a simulation is answered with anything but a result or a modelled refusal", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const random = randomFrom(seed);
  await using made = await rootCall();
  const names = [
    "PolicyInputList.member.1",
    "PolicyInputList.member.2",
    "PermissionsBoundaryPolicyInputList.member.1",
    "OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList.member.1",
    "OrderedOrganizationPolicyInputList.member.2",
    "ActionNames.member.1",
    "ActionNames.member.7",
    "ResourceArns.member.1",
    "ResourcePolicy",
    "ResourceOwner",
    "CallerArn",
    "ContextEntries.member.1.ContextKeyName",
    "ContextEntries.member.1.ContextKeyValues.member.1",
    "ContextEntries.member.1.ContextKeyType",
    "ResourceHandlingOption",
    "MaxItems",
    "Marker",
    "PolicyExclusionList.member.1.PolicyArn",
  ];
  const good: Readonly<Record<string, string>> = {
    "PolicyInputList.member.1": policyOf({ Action: "s3:*" }),
    "ActionNames.member.1": "s3:GetObject",
  };
  let answered = 0;
  for (let run = 0; run < 2000; run += 1) {
    const pairs = new Map(Object.entries(good));
    const count = random(4);
    for (let at = 0; at < count; at += 1) {
      const name = pick(random, names);
      const value = pick(random, [
        ...noise,
        ...actions,
        ...arns,
        randomPolicy(random),
        "date",
        "ip",
      ]);
      pairs.set(name, value);
    }
    const start = performance.now();
    try {
      await simulate(made.call, [...pairs]);
      answered += 1;
    } catch (error) {
      const isRefusal = error instanceof QueryError && error.status < 500;
      assert.ok(isRefusal, `run ${run} of seed ${seed}: ${String(error)}`);
    }
    assert.ok(performance.now() - start < 2000, `run ${run} of seed ${seed} took too long`);
  }
  assert.ok(answered > 100, `only ${answered} answered`);
});
