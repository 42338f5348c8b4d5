import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parsePolicy } from "./parse-policy.ts";
import type { PolicyKind } from "./policy.ts";
import { document } from "./testing/policies.ts";
import { readShared } from "./testing/shared-cases.ts";
import { validatePolicy } from "./validate.ts";

interface ValidationCase {
  readonly id: string;
  readonly policyType: "IDENTITY_POLICY" | "TRUST_POLICY" | "RESOURCE_POLICY";
  readonly documentText: string;
  readonly create: {
    readonly accepted: boolean;
    readonly code?: string;
    readonly message?: string;
  };
  readonly findings: readonly { readonly type: string; readonly code: string }[];
  readonly uncertain?: readonly string[];
}

const kinds = {
  IDENTITY_POLICY: "identity",
  TRUST_POLICY: "trust",
  RESOURCE_POLICY: "resource",
} as const;

test("every shared validation case is taken or refused, and found, as documented", (t) => {
  const file = readShared("validation.json") as { cases: ValidationCase[] } | undefined;
  if (file === undefined) return t.skip("shared/data/iam is not here");
  const counts = { create: 0, findings: 0, uncertain: 0 };
  for (const { id, policyType, documentText, create, findings, uncertain = [] } of file.cases) {
    const kind = kinds[policyType];
    const parsing = parsePolicy(documentText, { kind });
    if (uncertain.includes("create")) counts.uncertain += 1;
    else {
      counts.create += 1;
      assert.equal(parsing.ok, create.accepted, id);
      if (!parsing.ok) {
        assert.equal(parsing.refusal.code, create.code, id);
        if (create.message !== undefined) assert.equal(parsing.refusal.message, create.message, id);
      }
    }
    const certain = (list: readonly { type: string; code: string }[]): readonly string[] =>
      list
        .filter(({ code }) => !uncertain.includes(code))
        .map(({ type, code }) => `${type} ${code}`)
        .toSorted();
    assert.deepEqual(
      [...new Set(certain(validatePolicy(documentText, { kind })))],
      certain(findings),
      id,
    );
    counts.findings += 1;
  }
  t.diagnostic(JSON.stringify(counts));
  assert.equal(counts.findings, 28);
  assert.equal(counts.create + counts.uncertain, 28);
});

function codes(text: string, kind: PolicyKind = "identity"): readonly string[] {
  return [...new Set(validatePolicy(text, { kind }).map(({ code }) => code))];
}

function codesOf(statement: object, kind: PolicyKind = "identity"): readonly string[] {
  return codes(JSON.stringify(document({ Effect: "Allow", ...statement })), kind);
}

test("both JSON faults of a document are found, each with its line and column", () => {
  const text =
    '{ "Version": "2012-10-17",,\n "Statement": [{ "Effect": "Allow",\n  "Action": [ "s3:GetObject", ],\n  "Resource": "*" }] }';
  const found = validatePolicy(text, { kind: "identity" });
  assert.deepEqual(
    found.map(({ code, range: { start } }) => [code, start.line, start.column]),
    [
      ["JSON_SYNTAX_ERROR", 1, 26],
      ["JSON_SYNTAX_ERROR", 3, 28],
    ],
  );
});

test("a bare statement is refused with the way out", () => {
  const statement = { Effect: "Allow", Action: "kms:Decrypt", Resource: "*" };
  const found = validatePolicy(JSON.stringify(statement), { kind: "identity" });
  const expected = ["INVALID_POLICY_ELEMENT", "MISSING_STATEMENT", "MISSING_VERSION"];
  assert.deepEqual([...new Set(found.map(({ code }) => code))].toSorted(), expected);
  assert.match(found[0]?.detail ?? "", /wrap the statement/);
});

test("an empty service principal is refused with a hint", () => {
  const statement = { Principal: { Service: "" }, Action: "sts:AssumeRole" };
  const text = JSON.stringify(document({ Effect: "Allow", ...statement }));
  const [found] = validatePolicy(text, { kind: "trust" });
  assert.equal(found?.code, "INVALID_SERVICE_PRINCIPAL_FORMAT");
  assert.match(found?.detail ?? "", /qbusiness\.amazonaws\.com/);
});

test("a trust policy for a service wants to know for whom the service acts", () => {
  const statement = { Principal: { Service: "qbusiness.amazonaws.com" }, Action: "sts:AssumeRole" };
  assert.deepEqual(codesOf(statement, "trust"), ["RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"]);
  const Condition = { StringEquals: { "aws:SourceAccount": "111122223333" } };
  assert.deepEqual(codesOf({ ...statement, Condition }, "trust"), []);
});

const zone = "arn:aws:ec2:us-east-1:111122223333";

test("dead grants, open tags and impossible conditions of the network statements are found", () => {
  const Action = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"];
  const Condition = {
    StringLike: { "aws:RequestTag/AMAZON_Q": "x_*" },
    "ForAllValues:StringEquals": { "aws:TagKeys": ["AMAZON_Q"] },
  };
  const found = codesOf({ Action, Resource: `${zone}:network-interface/*`, Condition });
  assert.deepEqual(found, [
    "FORALLVALUES_ALLOW_WITHOUT_NULL",
    "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
  ]);
  assert.deepEqual(codesOf({ Action, Resource: `${zone}:subnet/subnet-1` }), [
    "RESOURCE_NOT_APPLICABLE",
  ]);
});

test("a decrypting statement names services in their whole form", () => {
  const statement = (value: string): object => ({
    Action: "kms:Decrypt",
    Resource: "arn:aws:kms:us-east-1:111122223333:key/k",
    Condition: { StringLike: { "kms:ViaService": [value] } },
  });
  assert.deepEqual(codesOf(statement("secretsmanager.*")), ["INVALID_SERVICE_PRINCIPAL_FORMAT"]);
  assert.deepEqual(codesOf(statement("secretsmanager.*.amazonaws.com")), []);
});

test("placeholders of both styles are found where they stand", () => {
  const Resource = "arn:aws:ec2:{{region}}:{{account_id}}:subnet/[[subnet_ids]]";
  const found = codesOf({ Action: "ec2:RunInstances", Resource });
  const expected = [
    "INVALID_ARN_REGION",
    "INVALID_ARN_ACCOUNT",
    "INVALID_ARN_RESOURCE",
    "UNRESOLVED_PLACEHOLDER",
  ];
  assert.deepEqual(found, expected);
  const text = JSON.stringify(document({ Effect: "Allow", Action: "ec2:RunInstances", Resource }));
  const all = validatePolicy(text, { kind: "identity" });
  const told = all.find(({ code }) => code === "UNRESOLVED_PLACEHOLDER");
  assert.equal(told?.detail, "fill in {{region}}, {{account_id}}, [[subnet_ids]]");
});

test("conditions that cannot mean what they say are found", () => {
  const rows: readonly [object, readonly string[]][] = [
    [{ NumericEquals: { "s3:max-keys": "ten" } }, ["TYPE_MISMATCH_NUMBER"]],
    [{ DateLessThan: { "aws:CurrentTime": "soon" } }, ["TYPE_MISMATCH_DATE"]],
    [{ Bool: { "aws:SecureTransport": "yes" } }, ["TYPE_MISMATCH_BOOLEAN"]],
    [
      { Bool: { "aws:SecureTransport": ["true", "false"] } },
      ["INVALID_CONDITION_MULTIPLE_BOOLEAN"],
    ],
    [{ IpAddress: { "aws:SourceIp": "10.0.0.0/40" } }, ["TYPE_MISMATCH_IP_RANGE"]],
    [{ IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }, []],
    [{ StringEquals: { team: "red" } }, ["INVALID_CONDITION_KEY_FORMAT"]],
    [{ StringEquals: { "qbusiness:Team": "red" } }, ["INVALID_SERVICE_CONDITION_KEY"]],
    [{ StringEquals: { "aws:RequestTag/": "red" } }, ["INVALID_GLOBAL_CONDITION_KEY"]],
    [{ StringEquals: { "aws:TagKeys": "red" } }, ["MISSING_QUALIFIER"]],
    [{ "ForAnyValue:StringEquals": { "aws:TagKeys": "red" } }, []],
    [
      { "ForAllValues:StringEquals": { "aws:username": "red" } },
      ["FORALLVALUES_WITH_SINGLE_VALUED_KEY"],
    ],
    [{ "ForAnyValue:Null": { "aws:TagKeys": "true" } }, ["NULL_WITH_QUALIFIER"]],
    [{ StringEquals: { "aws:username": "${*}" } }, []],
  ];
  for (const [Condition, expected] of rows) {
    const found = codesOf({ Action: "s3:GetObject", Resource: "*", Condition });
    assert.deepEqual(found, expected, JSON.stringify(Condition));
  }
});

test("redundant parts, unknown actions, open role passing and old versions are found", () => {
  const grant = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
  assert.deepEqual(codes(JSON.stringify(document(grant, { Sid: "b", ...grant }))), [
    "REDUNDANT_STATEMENT",
  ]);
  assert.deepEqual(codesOf({ Action: "qbusiness:Chit", Resource: "*" }), ["INVALID_ACTION"]);
  assert.deepEqual(codesOf({ Action: "iam:PassRole", Resource: "*" }), [
    "PASS_ROLE_WITH_STAR_IN_RESOURCE",
  ]);
  const Resource = ["arn:aws:s3:::a/*", "arn:aws:s3:::a/b"];
  assert.deepEqual(codesOf({ Action: "s3:GetObject", Resource }), ["REDUNDANT_RESOURCE"]);
  const old = {
    Effect: "Deny",
    Principal: "*",
    Action: "*",
    Resource: "arn:aws:s3:::${aws:username}",
  };
  const text = JSON.stringify({ Version: "2008-10-17", Statement: old });
  assert.deepEqual(codes(text, "resource"), ["VARIABLE_UNSUPPORTED_IN_VERSION"]);
});

test("the faults of the published documents are all found", (t) => {
  const folder = new URL("../../../shared/sources/", import.meta.url);
  const connector = new URL("000_080fad32260becd6.txt", folder);
  if (!existsSync(connector)) return t.skip("shared/sources is not here");
  const documents = readFileSync(connector, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{ "));
  assert.equal(documents.length, 4);
  const [role = "", statement = "", network = "", trust = ""] = documents;
  assert.ok(codes(role).includes("UNRESOLVED_PLACEHOLDER"));
  assert.ok(codes(role).includes("RESOURCE_NOT_APPLICABLE"));
  for (const code of ["MISSING_STATEMENT", "INVALID_POLICY_ELEMENT", "UNRESOLVED_PLACEHOLDER"]) {
    assert.ok(codes(statement).includes(code), code);
  }
  for (const code of [
    "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
    "FORALLVALUES_ALLOW_WITHOUT_NULL",
    "TAG_ON_CREATE_WITHOUT_TAGKEYS",
    "REQUIRED_RESOURCE_TYPE_MISSING",
    "RESOURCE_NOT_APPLICABLE",
    "INVALID_ARN_RESOURCE",
  ]) {
    assert.ok(codes(network).includes(code), code);
  }
  assert.ok(codes(trust, "trust").includes("INVALID_SERVICE_PRINCIPAL_FORMAT"));
  const anonymous = readFileSync(new URL("004_821da0a30dcdc32a.txt", folder), "utf8");
  const faults = anonymous
    .split("\n")
    .filter((line) => line.startsWith("{ "))
    .map((line) => codes(line, line.includes("Principal") ? "trust" : "identity"))
    .filter((found) => found.includes("JSON_SYNTAX_ERROR"));
  assert.equal(faults.length, 3);
});

test("documents made to keep the checks busy end quickly", () => {
  const many = (count: number, text: (at: number) => string): readonly string[] =>
    Array.from({ length: count }, (_, at) => text(at));
  const statement = { Action: "s3:*", Resource: "*" };
  const key = (at: number): string => `aws:TagKeys${at}`;
  const Condition = {
    "ForAllValues:StringLike": Object.fromEntries(many(3_000, key).map((name) => [name, "a*"])),
  };
  const hostile = [
    { ...statement, Condition },
    { ...statement, Action: many(6_000, (at) => `a:b${at}*`) },
    {
      Action: many(2_000, (at) => `ec2:C${at}`),
      Resource: many(2_000, (at) => `arn:aws:ec2:::subnet/${at}`),
    },
    { ...statement, Resource: many(90, () => `arn:aws:s3:::${"*a".repeat(500)}b`) },
  ].map((one) => JSON.stringify(document({ Effect: "Allow", ...one })));
  const lines = JSON.stringify(
    document(...many(900, (at) => `x${at}`).map((Sid) => ({ Sid, Effect: "Allow", ...statement }))),
    undefined,
    1,
  );
  for (const text of [...hostile, lines]) {
    const start = performance.now();
    validatePolicy(text, { kind: "identity" });
    assert.ok(
      performance.now() - start < 1_000,
      `${text.slice(0, 120)} ${performance.now() - start}`,
    );
  }
});
