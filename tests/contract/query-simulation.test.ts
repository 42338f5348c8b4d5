import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { iamClient, policyOf, refused, trustOf, userArn } from "./query-clients.ts";
import { accountId, startQueryServer } from "./query-server.ts";
import { bucket, readAll, type Custom, custom, one, entry } from "./query-simulate.ts";

test("the whole result of one action on everything", async () => {
  await using server = await startQueryServer();
  const document = `{"Version":"2012-10-17","Statement":[\n  {"Effect":"Allow","Action":"s3:Get*","Resource":"*"},\n  {"Effect":"Deny","Action":"s3:Put*","Resource":"*"}]}`;
  const results = await custom(server, {
    PolicyInputList: [document],
    ActionNames: ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
  });
  const statement = (Line: number, end: number): iam.Statement => ({
    SourcePolicyId: "PolicyInputList.1",
    SourcePolicyType: "none",
    StartPosition: { Line, Column: 3 },
    EndPosition: { Line, Column: end },
  });
  const rest = { EvalResourceName: "*", MissingContextValues: [] };
  assert.deepEqual(results, [
    {
      ...rest,
      EvalActionName: "s3:GetObject",
      EvalDecision: "allowed",
      MatchedStatements: [statement(2, 55)],
    },
    {
      ...rest,
      EvalActionName: "s3:PutObject",
      EvalDecision: "explicitDeny",
      MatchedStatements: [statement(3, 54)],
    },
    {
      ...rest,
      EvalActionName: "s3:ListBucket",
      EvalDecision: "implicitDeny",
      MatchedStatements: [],
    },
  ]);
});

test("named resources each have a result, and the strictest of them is the action's", async () => {
  await using server = await startQueryServer();
  const result = await one(server, {
    PolicyInputList: [
      policyOf({ Action: "s3:GetObject", Resource: `${bucket}/open/*` }),
      policyOf({ Effect: "Deny", Action: "s3:*", Resource: `${bucket}/open/not/*` }),
    ],
    ResourceArns: [`${bucket}/open/a`, `${bucket}/closed/a`, `${bucket}/open/not/a`],
  });
  assert.equal(result.EvalDecision, "explicitDeny");
  const rows = (result.ResourceSpecificResults ?? []).map((each) => [
    each.EvalResourceName,
    each.EvalResourceDecision,
    each.MatchedStatements?.map(({ SourcePolicyId }) => SourcePolicyId),
    each.EvalDecisionDetails,
  ]);
  assert.deepEqual(rows, [
    [`${bucket}/open/a`, "allowed", ["PolicyInputList.1"], {}],
    [`${bucket}/closed/a`, "implicitDeny", [], {}],
    [`${bucket}/open/not/a`, "explicitDeny", ["PolicyInputList.2"], {}],
  ]);
  assert.deepEqual(
    result.MatchedStatements?.map(({ SourcePolicyId }) => SourcePolicyId),
    ["PolicyInputList.2"],
  );
  assert.deepEqual(result.EvalDecisionDetails, {});
});

test("the resource's template is named where it is known", async () => {
  await using server = await startQueryServer();
  const start = "arn:${Partition}:qbusiness:${Region}:${Account}:application/${ApplicationId}";
  const rows: readonly (readonly [string, string])[] = [
    ["qbusiness:BatchPutDocument", `${start}/index/\${IndexId}`],
    ["qbusiness:ChatSync", start],
    ["qbusiness:ListApplications", "*"],
    ["qbusiness:TagResource", "*"],
    ["ec2:RunInstances", "*"],
  ];
  const results = await custom(server, { ActionNames: rows.map(([action]) => action) });
  assert.deepEqual(
    results.map(({ EvalActionName, EvalResourceName }) => [EvalActionName, EvalResourceName]),
    rows,
  );
});

test("keys that policies ask for and nobody gives are named, and count as absent", async () => {
  await using server = await startQueryServer();
  const conditions = policyOf({
    Action: "s3:GetObject",
    Resource: `${bucket}/\${aws:username}/*`,
    Condition: {
      StringEquals: { "aws:RequestedRegion": "eu-west-1", "aws:PrincipalAccount": accountId },
      Bool: { "AWS:SecureTransport": "true" },
    },
  });
  const ResourceArns = [`${bucket}/alice/a`];
  const input = { PolicyInputList: [conditions], ResourceArns };
  const nobody = await one(server, input);
  assert.equal(nobody.EvalDecision, "implicitDeny");
  const missing = ["aws:RequestedRegion", "AWS:SecureTransport", "aws:username"];
  assert.deepEqual(nobody.MissingContextValues, missing);
  assert.deepEqual(nobody.ResourceSpecificResults?.[0]?.MissingContextValues, missing);
  const ContextEntries = [
    entry("aws:requestedregion", "string", "eu-west-1"),
    entry("aws:SecureTransport", "boolean", "true"),
  ];
  const alice = await one(server, { ...input, ContextEntries, CallerArn: userArn("alice") });
  assert.deepEqual([alice.EvalDecision, alice.MissingContextValues], ["allowed", []]);
  const bob = await one(server, { ...input, ContextEntries, CallerArn: userArn("bob") });
  assert.equal(bob.EvalDecision, "implicitDeny");
  const named = [...ContextEntries, entry("aws:username", "string", "alice")];
  assert.equal((await one(server, { ...input, ContextEntries: named })).EvalDecision, "allowed");
});

test("values of every type of context key reach the conditions of their kind", async () => {
  await using server = await startQueryServer();
  type Row = readonly [iam.ContextKeyTypeEnum, readonly string[], object, readonly string[]];
  const any = "ForAnyValue:";
  // Type, values that fit, the condition, values that are refused.
  const rows: readonly Row[] = [
    ["string", ["a"], { StringEquals: { "my:key": "a" } }, []],
    ["stringList", ["a", "b"], { [`${any}StringEquals`]: { "my:key": "b" } }, []],
    ["numeric", ["10.5"], { NumericGreaterThan: { "my:key": "10" } }, ["ten", "1e3", ""]],
    ["numericList", ["1", "2"], { [`${any}NumericEquals`]: { "my:key": "2" } }, ["x"]],
    ["boolean", ["true"], { Bool: { "my:key": "true" } }, ["yes", "TRUE"]],
    ["booleanList", ["false", "true"], { [`${any}Bool`]: { "my:key": "true" } }, ["0"]],
    [
      "ip",
      ["10.1.2.3"],
      { IpAddress: { "my:key": "10.0.0.0/8" } },
      ["10.0.0", "::g", "1.1.1.1/33"],
    ],
    [
      "ipList",
      ["10.1.2.3", "2001:db8::1"],
      { [`${any}IpAddress`]: { "my:key": "2001:db8::/32" } },
      ["a"],
    ],
    ["binary", ["aGk="], { BinaryEquals: { "my:key": "aGk=" } }, ["aGk", "?"]],
    ["binaryList", ["aGk="], { [`${any}BinaryEquals`]: { "my:key": "aGk=" } }, ["-"]],
    [
      "date",
      ["2026-01-02T03:04:05Z"],
      { DateLessThan: { "my:key": "2027-01-01T00:00:00Z" } },
      ["soon", "2026-13-01"],
    ],
    [
      "dateList",
      ["1767323045"],
      { [`${any}DateLessThan`]: { "my:key": "2027-01-01T00:00:00Z" } },
      ["12"],
    ],
  ];
  const types = new Set(Object.values(iam.ContextKeyTypeEnum));
  for (const [type, values, Condition, wrong] of rows) {
    const input = { PolicyInputList: [policyOf({ Action: "s3:*", Condition })] };
    const simulate = (...given: string[]): Promise<iam.EvaluationResult> =>
      one(server, { ...input, ContextEntries: [entry("my:key", type, ...given)] });
    assert.equal((await simulate(...values)).EvalDecision, "allowed", type);
    assert.equal((await one(server, input)).EvalDecision, "implicitDeny", type);
    for (const value of wrong) {
      const [code, status, message] = await refused(simulate(value));
      assert.deepEqual([code, status], ["InvalidInput", 400], `${type} ${value}`);
      assert.match(message, /my:key has a value that is no/);
    }
    if (!type.endsWith("List")) {
      const [only = ""] = values;
      for (const count of [[], [only, only]]) {
        assert.match((await refused(simulate(...count)))[2], /values, not one/, type);
      }
    }
    types.delete(type);
  }
  assert.deepEqual([...types], []);
});

test("what makes no sense is refused, and says what to do", async () => {
  await using server = await startQueryServer();
  const ec2 = `arn:aws:ec2:us-east-1:${accountId}:`;
  const rows: readonly (readonly [Custom, RegExp])[] = [
    [{ PolicyInputList: ["{"] }, /PolicyInputList\.1: Syntax errors in policy/],
    [{ PolicyInputList: [trustOf("*")] }, /PolicyInputList\.1: .*principal/],
    [{ PermissionsBoundaryPolicyInputList: ["[]"] }, /PermissionsBoundaryPolicyInputList\.1/],
    [{ PermissionsBoundaryPolicyInputList: [readAll, readAll] }, /one policy only/],
    [{ ResourcePolicy: readAll, CallerArn: userArn("a") }, /ResourcePolicy: /],
    [{ ResourcePolicy: policyOf({ Principal: "*", Action: "s3:*" }) }, /needs a CallerArn/],
    [
      { OrderedOrganizationPolicyInputList: [{ ServiceControlPolicyInputList: ["{}"] }] },
      /InputList\.1/,
    ],
    [{ ActionNames: ["s3:Get*"] }, /without wildcards/],
    [{ ActionNames: ["GetObject"] }, /service:Name/],
    [{ ActionNames: [] }, /at least one action|null/],
    [{ ResourceArns: ["docs/a"] }, /neither an ARN/],
    [{ ResourceOwner: "somebody" }, /ResourceOwner/],
    [{ CallerArn: `arn:aws:iam::${accountId}:root` }, /no IAM user, group or role/],
    [{ CallerArn: `arn:aws:sts::${accountId}:assumed-role/R/s` }, /no IAM user, group or role/],
    [{ ContextEntries: [entry("a:key", "string", "x"), entry("A:KEY", "string", "y")] }, /twice/],
    [{ ContextEntries: [{ ContextKeyValues: ["x"] }] }, /no ContextKeyName/],
    [{ ResourceHandlingOption: "EC2-Classic" }, /is none of EC2-VPC-InstanceStore/],
    [
      {
        ResourceHandlingOption: "EC2-VPC-EBS",
        ResourceArns: [`${ec2}instance/i`, `${ec2}volume/v`],
      },
      /more kinds: image, security-group, network-interface/,
    ],
  ];
  for (const [input, message] of rows) {
    const [code, status, text] = await refused(one(server, input));
    assert.match(text, message);
    assert.ok(["InvalidInput", "ValidationError"].includes(code), `${code} ${text}`);
    assert.equal(status, 400);
  }
  const kinds = ["instance", "image", "security-group", "network-interface", "subnet", "volume"];
  const whole = await one(server, {
    PolicyInputList: [policyOf({ Action: "ec2:*" })],
    ActionNames: ["ec2:RunInstances"],
    ResourceHandlingOption: "EC2-VPC-EBS-Subnet",
    ResourceArns: kinds.map((kind) => `${ec2}${kind}/x`),
  });
  assert.equal(whole.EvalDecision, "allowed");
  assert.deepEqual(server.failures, []);
});

test("a simulation that is too big is refused, and a smaller page of it is answered", async () => {
  await using server = await startQueryServer();
  const Statement = Array.from({ length: 100 }, (_, at) => ({
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: `${bucket}/${at}`,
  }));
  const input = {
    PolicyInputList: [JSON.stringify({ Version: "2012-10-17", Statement })],
    ActionNames: Array.from({ length: 30 }, (_, at) => `s3:Action${at}`),
    ResourceArns: Array.from({ length: 100 }, (_, at) => `${bucket}/${at}`),
  };
  assert.match((await refused(custom(server, input)))[2], /too many at once; lower MaxItems/);
  const page = new iam.SimulateCustomPolicyCommand({ ...input, MaxItems: 1 });
  const { EvaluationResults, IsTruncated } = await iamClient(server).send(page);
  assert.deepEqual([EvaluationResults?.length, IsTruncated], [1, true]);
  const text = policyOf({ Sid: "x".repeat(100_000), Action: "s3:*" });
  const PolicyInputList = Array.from({ length: 11 }, () => text);
  assert.match((await refused(custom(server, { PolicyInputList })))[2], /at most 1048576 fit/);
});

test("pages follow each other, and a marker is good for its own simulation only", async () => {
  await using server = await startQueryServer();
  const client = iamClient(server);
  const ActionNames = Array.from({ length: 7 }, (_, at) => `s3:Action${at}`);
  const PolicyInputList = [readAll];
  const pages = iam.paginateSimulateCustomPolicy(
    { client, pageSize: 3 },
    { PolicyInputList, ActionNames },
  );
  const seen: (string | undefined)[] = [];
  const sizes: number[] = [];
  let Marker: string | undefined;
  for await (const page of pages) {
    sizes.push(page.EvaluationResults?.length ?? 0);
    seen.push(...(page.EvaluationResults ?? []).map(({ EvalActionName }) => EvalActionName));
    Marker ??= page.Marker;
  }
  assert.deepEqual([seen, sizes], [ActionNames, [3, 3, 1]]);
  const changed = { PolicyInputList, ActionNames: ["s3:GetObject"], Marker };
  const [code] = await refused(client.send(new iam.SimulateCustomPolicyCommand(changed)));
  assert.equal(code, "ValidationError");
});

/** A user with a policy of every kind, and a boundary. */
