import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { readExclusions } from "../../src/operations/iam/policy-exclusions.ts";
import {
  iamClient,
  makeRole,
  makeUser,
  policyOf,
  refused,
  roleArn,
  trustOf,
  userArn,
} from "./query-clients.ts";
import { accountId, type QueryServer, startQueryServer } from "./query-server.ts";

const other = "999988887777";
const bucket = "arn:aws:s3:::docs";
const readAll = policyOf({ Action: "s3:*" });

type Custom = Partial<iam.SimulateCustomPolicyCommandInput>;

async function custom(
  server: QueryServer,
  input: Custom,
): Promise<readonly iam.EvaluationResult[]> {
  const command = new iam.SimulateCustomPolicyCommand({
    PolicyInputList: [readAll],
    ActionNames: ["s3:GetObject"],
    ...input,
  });
  const { EvaluationResults, IsTruncated } = await iamClient(server).send(command);
  assert.equal(IsTruncated, false);
  return EvaluationResults ?? [];
}

async function one(server: QueryServer, input: Custom): Promise<iam.EvaluationResult> {
  const [result, ...more] = await custom(server, input);
  assert.ok(result !== undefined && more.length === 0);
  return result;
}

const entry = (
  ContextKeyName: string,
  ContextKeyType: iam.ContextKeyTypeEnum | undefined,
  ...ContextKeyValues: string[]
): iam.ContextEntry => ({ ContextKeyName, ContextKeyType, ContextKeyValues });

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

test("a boundary takes away, and says so", async () => {
  await using server = await startQueryServer();
  const rows: readonly (readonly [object, string, boolean])[] = [
    [{ Action: "s3:Get*" }, "allowed", true],
    [{ Action: "s3:Put*" }, "implicitDeny", false],
    [{ Effect: "Deny", Action: "s3:*" }, "explicitDeny", false],
  ];
  for (const [statement, decision, isAllowed] of rows) {
    const PermissionsBoundaryPolicyInputList = [policyOf(statement)];
    const ResourceArns = [`${bucket}/a`];
    const result = await one(server, { PermissionsBoundaryPolicyInputList, ResourceArns });
    assert.equal(result.EvalDecision, decision);
    const detail = { AllowedByPermissionsBoundary: isAllowed };
    assert.deepEqual(result.PermissionsBoundaryDecisionDetail, detail);
    const [specific] = result.ResourceSpecificResults ?? [];
    assert.deepEqual(specific?.PermissionsBoundaryDecisionDetail, detail);
    // Statements of boundaries are never among those that matched.
    const ids = result.MatchedStatements?.map(({ SourcePolicyId }) => SourcePolicyId);
    assert.deepEqual(ids, decision === "allowed" ? ["PolicyInputList.1"] : []);
  }
  const without = await one(server, {});
  assert.equal(without.PermissionsBoundaryDecisionDetail, undefined);
});

test("every level of an organization must allow, and its root comes first", async () => {
  await using server = await startQueryServer();
  const level = (...statements: object[]): iam.OrderedOrganizationPolicyType => ({
    ServiceControlPolicyInputList: statements.map(policyOf),
  });
  const all = { Action: "*" };
  const rows: readonly (readonly [
    readonly iam.OrderedOrganizationPolicyType[],
    string,
    boolean,
  ])[] = [
    [[level(all), level(all)], "allowed", true],
    [[level(all), level({ Action: "iam:*" })], "implicitDeny", false],
    [[level({ Action: "iam:*" }), level(all)], "implicitDeny", false],
    [[level(all), level(all, { Effect: "Deny", Action: "s3:*" })], "explicitDeny", false],
    [[level(all), level()], "implicitDeny", false],
  ];
  for (const [levels, decision, isAllowed] of rows) {
    const OrderedOrganizationPolicyInputList = [...levels];
    const result = await one(server, { OrderedOrganizationPolicyInputList });
    assert.equal(result.EvalDecision, decision);
    assert.deepEqual(result.OrganizationsDecisionDetail, { AllowedByOrganizations: isAllowed });
  }
  assert.equal((await one(server, {})).OrganizationsDecisionDetail, undefined);
  const silent = await one(server, {
    PolicyInputList: [policyOf({ Action: "iam:*" })],
    OrderedOrganizationPolicyInputList: [level(all)],
  });
  // The organization does not stand in the way; nothing else allows it.
  assert.equal(silent.EvalDecision, "implicitDeny");
  assert.deepEqual(silent.OrganizationsDecisionDetail, { AllowedByOrganizations: true });
});

test("a resource's policy counts as in real calls, in one account and in two", async () => {
  await using server = await startQueryServer();
  const alice = userArn("alice");
  const grants = (AWS: string, rest: object = {}): string =>
    policyOf({ Principal: { AWS }, Action: "s3:GetObject", Resource: `${bucket}/*`, ...rest });
  const none = policyOf({ Action: "iam:*" });
  type Row = readonly [Custom, string, Readonly<Record<string, string>> | undefined];
  const owner = { ResourceOwner: `arn:aws:iam::${other}:root` };
  const rows: readonly Row[] = [
    [{ PolicyInputList: [none], ResourcePolicy: grants(alice) }, "allowed", {}],
    [{ PolicyInputList: [none], ResourcePolicy: grants(accountId) }, "implicitDeny", {}],
    [{ ResourcePolicy: grants(alice, { Effect: "Deny" }) }, "explicitDeny", {}],
    [
      { PolicyInputList: [none], ResourcePolicy: grants(alice), ...owner },
      "implicitDeny",
      { "IAM Policy": "implicitDeny", "Resource Policy": "allowed" },
    ],
    [
      { ResourcePolicy: grants(alice), ...owner },
      "allowed",
      { "IAM Policy": "allowed", "Resource Policy": "allowed" },
    ],
    [
      { ResourcePolicy: grants(userArn("bob")), ResourceOwner: other },
      "implicitDeny",
      { "IAM Policy": "allowed", "Resource Policy": "implicitDeny" },
    ],
    [
      { ResourcePolicy: grants(alice), ...owner, PermissionsBoundaryPolicyInputList: [none] },
      "implicitDeny",
      {
        "IAM Policy": "allowed",
        "Resource Policy": "allowed",
        "Permissions Boundary Policy": "implicitDeny",
      },
    ],
  ];
  for (const [input, decision, details] of rows) {
    const result = await one(server, {
      CallerArn: alice,
      ResourceArns: [`${bucket}/a`],
      ...input,
    });
    assert.equal(result.EvalDecision, decision, JSON.stringify(input));
    assert.deepEqual(result.EvalDecisionDetails, details, JSON.stringify(input));
    assert.deepEqual(result.ResourceSpecificResults?.[0]?.EvalDecisionDetails, details);
  }
  const [matched] =
    (
      await one(server, {
        PolicyInputList: [none],
        CallerArn: alice,
        ResourceArns: [`${bucket}/a`],
        ResourcePolicy: grants(alice),
      })
    ).MatchedStatements ?? [];
  assert.deepEqual(
    [matched?.SourcePolicyId, matched?.SourcePolicyType],
    ["ResourcePolicy", "resource"],
  );
});

test("roles and keys are simulated by identity policies alone where no policy of theirs is given", async () => {
  await using server = await startQueryServer();
  const key = `arn:aws:kms:us-east-1:${accountId}:key/k1`;
  const rows: readonly (readonly [string, string])[] = [
    ["sts:AssumeRole", roleArn("R")],
    ["kms:Decrypt", key],
  ];
  for (const [action, arn] of rows) {
    const input = { ActionNames: [action], ResourceArns: [arn] };
    const allowed = await one(server, {
      ...input,
      PolicyInputList: [policyOf({ Action: action })],
    });
    assert.equal(allowed.EvalDecision, "allowed", action);
    assert.equal(allowed.MatchedStatements?.length, 1);
    assert.equal((await one(server, input)).EvalDecision, "implicitDeny", action);
    const foreign = { ...input, ResourceArns: [arn.replace(accountId, other)] };
    const abroad = await one(server, {
      ...foreign,
      PolicyInputList: [policyOf({ Action: action })],
    });
    assert.equal(abroad.EvalDecision, "implicitDeny", action);
  }
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
async function household(server: QueryServer): Promise<void> {
  const root = iamClient(server);
  await makeUser(server, "alice", policyOf({ Action: "s3:Inline" }));
  await root.send(new iam.CreateGroupCommand({ GroupName: "G" }));
  await root.send(
    new iam.PutGroupPolicyCommand({
      GroupName: "G",
      PolicyName: "ofgroup",
      PolicyDocument: policyOf({ Action: "s3:Group" }),
    }),
  );
  await root.send(new iam.AddUserToGroupCommand({ GroupName: "G", UserName: "alice" }));
  for (const [PolicyName, action] of [
    ["Own", "s3:Managed"],
    ["Other", "s3:Other"],
    ["Bound", "s3:*"],
  ] as const) {
    const PolicyDocument = policyOf({ Action: action });
    await root.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument }));
  }
  const arn = (name: string): string => `arn:aws:iam::${accountId}:policy/${name}`;
  await root.send(new iam.AttachUserPolicyCommand({ UserName: "alice", PolicyArn: arn("Own") }));
  await root.send(new iam.AttachGroupPolicyCommand({ GroupName: "G", PolicyArn: arn("Other") }));
  await root.send(
    new iam.PutUserPermissionsBoundaryCommand({
      UserName: "alice",
      PermissionsBoundary: arn("Bound"),
    }),
  );
}

const actions = ["s3:Inline", "s3:Group", "s3:Managed", "s3:Other", "iam:GetUser"];

async function principal(
  server: QueryServer,
  input: Partial<iam.SimulatePrincipalPolicyCommandInput> = {},
): Promise<readonly iam.EvaluationResult[]> {
  const command = new iam.SimulatePrincipalPolicyCommand({
    PolicySourceArn: userArn("alice"),
    ActionNames: actions,
    ...input,
  });
  return (await iamClient(server).send(command)).EvaluationResults ?? [];
}

test("a user is simulated with its own policies, its groups' and its boundary", async () => {
  await using server = await startQueryServer();
  await household(server);
  const rows = (await principal(server)).map((result) => [
    result.EvalActionName,
    result.EvalDecision,
    result.MatchedStatements?.map((at) => `${at.SourcePolicyType} ${at.SourcePolicyId}`).join(),
    result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
  ]);
  assert.deepEqual(rows, [
    ["s3:Inline", "allowed", "user user_alice_own", true],
    ["s3:Group", "allowed", "group group_G_ofgroup", true],
    ["s3:Managed", "allowed", "user-managed Own", true],
    ["s3:Other", "allowed", "user-managed Other", true],
    ["iam:GetUser", "implicitDeny", "", false],
  ]);
  const AdministratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";
  await makeRole(server, "R", trustOf({ AWS: accountId }), policyOf({ Action: "s3:Inline" }));
  await iamClient(server).send(
    new iam.AttachRolePolicyCommand({ RoleName: "R", PolicyArn: AdministratorAccess }),
  );
  const [asRole] = await principal(server, { PolicySourceArn: roleArn("R") });
  assert.deepEqual(
    asRole?.MatchedStatements?.map((at) => `${at.SourcePolicyType} ${at.SourcePolicyId}`),
    ["role role_R_own", "aws-managed AdministratorAccess"],
  );
  const groupArn = `arn:aws:iam::${accountId}:group/G`;
  const asGroup = await principal(server, { PolicySourceArn: groupArn });
  assert.deepEqual(
    asGroup.map(({ EvalDecision }) => EvalDecision === "allowed"),
    [false, true, false, true, false],
  );
});

test("policies can be added to a principal, replaced and left out", async () => {
  await using server = await startQueryServer();
  await household(server);
  const arn = (name: string): string => `arn:aws:iam::${accountId}:policy/${name}`;
  const inline = (
    PolicyName: string,
    AttachmentType: iam.AttachmentType,
    AttachmentName: string,
  ) => ({
    InlinePolicyIdentifier: { PolicyName, AttachmentType, AttachmentName },
  });
  type Row = readonly [Partial<iam.SimulatePrincipalPolicyCommandInput>, string];
  const without = (...PolicyExclusionList: object[]) => ({
    PolicyExclusionList: PolicyExclusionList as iam.PolicyIdentifier[],
  });
  const more = policyOf({ Action: "iam:GetUser" });
  const open = { PermissionsBoundaryPolicyInputList: [policyOf({ Action: "*" })] };
  // Allowed or not: Inline, Group, Managed, Other, iam:GetUser.
  const rows: readonly Row[] = [
    [{}, "yyyyn"],
    [{ PolicyInputList: [more] }, "yyyyn"],
    [{ PolicyInputList: [more], ...open }, "yyyyy"],
    [{ PolicyInputList: [more], ...without({ PolicyType: "permission-boundary" }) }, "yyyyy"],
    [without({ PolicyType: "inline" }), "nnyyn"],
    [without({ PolicyType: "user-managed" }), "yynnn"],
    [without({ PolicyType: "aws-managed" }, { PolicyType: "scp" }, { PolicyType: "rcp" }), "yyyyn"],
    [without({ PolicyArn: arn("Own") }), "yynyn"],
    [without({ PolicyArn: arn("O*") }), "yynnn"],
    [without({ PolicyArn: arn("O??er") }), "yyynn"],
    [without({ PolicyArn: arn("*") }), "yynnn"],
    [without({ PolicyArn: arn("None") }), "yyyyn"],
    [without(inline("own", "user", "alice")), "nyyyn"],
    [without(inline("ofgroup", "group", "*")), "ynyyn"],
    [without(inline("ofgroup", "user", "*")), "yyyyn"],
    [without(inline("own", "user", "bob")), "yyyyn"],
  ];
  for (const [input, expected] of rows) {
    const results = await principal(server, input);
    const got = results.map(({ EvalDecision }) => (EvalDecision === "allowed" ? "y" : "n"));
    assert.equal(got.join(""), expected, JSON.stringify(input));
  }
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ PolicyArn: "arn:aws:s3:::bucket-of-mine" }, /no policy's ARN/],
    [{ PolicyArn: `arn:aws:iam::${accountId}:policy/*/x` }, /no policy's ARN/],
    [{ PolicyArn: arn("*a*") }, /more than one asterisk/],
    [inline("own", "user", "*a*"), /more than one asterisk/],
  ];
  for (const [identifier, message] of wrong) {
    const [code, , text] = await refused(principal(server, without(identifier)));
    assert.match(text, message);
    assert.equal(code, "InvalidInput", text);
  }
});

test("an entry that leaves policies out says in one way only which", () => {
  const PolicyArn = `arn:aws:iam::${accountId}:policy/P`;
  for (const entryOf of [{}, { PolicyType: "inline", PolicyArn }]) {
    assert.throws(() => readExclusions([entryOf]), /exactly one of PolicyType/);
  }
});

test("one principal can be simulated with the policies of another", async () => {
  await using server = await startQueryServer();
  await makeUser(
    server,
    "alice",
    policyOf({ Action: "s3:*", Resource: `${bucket}/\${aws:username}/*` }),
  );
  const ResourceArns = [`${bucket}/bob/a`];
  const input = { ActionNames: ["s3:GetObject"], ResourceArns };
  const [asAlice] = await principal(server, input);
  assert.equal(asAlice?.EvalDecision, "implicitDeny");
  const [asBob] = await principal(server, { ...input, CallerArn: userArn("bob") });
  assert.equal(asBob?.EvalDecision, "allowed");
});

test("nobody is simulated who is not there, and nobody simulates who may not", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice", policyOf({ Action: "iam:SimulateCustomPolicy" }));
  const missing = principal(server, { PolicySourceArn: userArn("nobody") });
  assert.deepEqual(await refused(missing), [
    "NoSuchEntity",
    404,
    `The entity ${userArn("nobody")} cannot be found.`,
  ]);
  const abroad = { PolicySourceArn: `arn:aws:iam::${other}:user/alice` };
  assert.equal((await refused(principal(server, abroad)))[0], "NoSuchEntity");
  const alice = iamClient(server, keys);
  const PolicySourceArn = userArn("alice");
  const own = new iam.SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: actions });
  const [code, , message] = await refused(alice.send(own));
  assert.equal(code, "AccessDenied");
  assert.match(message, /iam:SimulatePrincipalPolicy on resource: .*user\/alice/);
  const custom = { PolicyInputList: [readAll], ActionNames: ["s3:GetObject"] };
  await alice.send(new iam.SimulateCustomPolicyCommand(custom));
});
