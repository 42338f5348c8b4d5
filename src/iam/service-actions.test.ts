import assert from "node:assert/strict";
import { test } from "node:test";
import { queryContracts } from "../contract/contract.ts";
import { qbusinessActions } from "./qbusiness-actions.ts";
import { actionsAsOf, namesNoAction } from "./service-actions.ts";
import { validatePolicy } from "./validate.ts";

function codes(...actions: readonly string[]): readonly string[] {
  const Statement = [{ Effect: "Allow", Action: actions, Resource: "arn:aws:s3:::docs/*" }];
  const text = JSON.stringify({ Version: "2012-10-17", Statement });
  return validatePolicy(text, { kind: "identity" })
    .filter(({ code }) => code === "INVALID_ACTION")
    .map(({ detail }) => detail);
}

test("a misspelled action of a known service is found, with the day of the names", () => {
  for (const action of ["s3:GetObjekt", "iam:CreateRoles", "sts:AssumeRol", "kms:Decrypted"]) {
    const [detail = "", ...more] = codes(action);
    assert.deepEqual(more, []);
    assert.match(detail, new RegExp(`^there is no action ${action} .*${actionsAsOf}`));
  }
  assert.equal(codes("s3:GetObjekt", "s3:GetObject", "qbusiness:Chatt").length, 2);
});

test("a pattern is found where it stands for no action at all", () => {
  assert.deepEqual(codes("s3:Get*", "S3:getobject*", "kms:*", "iam:?etUser", "sts:Assume*"), []);
  assert.equal(codes("s3:Gett*").length, 1);
  assert.equal(codes("kms:GenerateDataKey?").length, 1);
});

test("what is of other services, or of several, is nothing that could be judged", () => {
  const others = ["dynamodb:Whatever", "*", "*:*", "s*:GetObjekt", "constructor:x", "__proto__:x"];
  assert.deepEqual(others.filter(namesNoAction), []);
});

test("every action that this server asks about is known", () => {
  const asked = [
    ...Object.keys(queryContracts.iam.operations).map((name) => `iam:${name}`),
    // GetCallerIdentity is an action too, though nobody is asked for it.
    ...Object.keys(queryContracts.sts.operations).map((name) => `sts:${name}`),
    ...[...qbusinessActions.keys()].map((name) => `qbusiness:${name}`),
    "iam:PassRole",
    "sts:TagSession",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sso-oauth:CreateTokenWithIAM",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "s3:ListBucket",
    "lambda:InvokeFunction",
    "secretsmanager:GetSecretValue",
    "cloudwatch:PutMetricData",
    "logs:PutLogEvents",
    "kendra:Retrieve",
    "user-subscriptions:CreateClaim",
  ];
  assert.ok(asked.length > 180);
  assert.deepEqual(asked.filter(namesNoAction), []);
});

test("long patterns over many actions end quickly", () => {
  const start = process.cpuUsage();
  for (let at = 0; at < 50; at += 1) namesNoAction(`ec2:${"*a".repeat(400)}b`);
  assert.ok(process.cpuUsage(start).user < 3_000_000);
});
