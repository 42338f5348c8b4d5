import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { policyOf, roleArn, userArn } from "./query-clients.ts";
import { accountId, startQueryServer } from "./query-server.ts";
import { other, bucket, type Custom, one } from "./query-simulate.ts";

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
