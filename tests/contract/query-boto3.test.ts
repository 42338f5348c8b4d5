import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { makeUser, policyOf } from "./query-clients.ts";
import { accountId, type QueryServer, rootKey, startQueryServer } from "./query-server.ts";

const script = `
import json, sys
try:
    import boto3
except ImportError:
    print("no boto3"); sys.exit(0)
endpoint, account = sys.argv[1:3]
iam = boto3.client("iam", endpoint_url=endpoint)
sts = boto3.client("sts", endpoint_url=endpoint)
policy = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Sid": "S", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*",
     "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]})
entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["10.1.2.3"], "ContextKeyType": "ip"}
custom = iam.simulate_custom_policy(PolicyInputList=[policy], ActionNames=["s3:GetObject"],
    ResourceArns=["arn:aws:s3:::b/a", "arn:aws:s3:::b/c"], ContextEntries=[entry],
    PermissionsBoundaryPolicyInputList=[policy])
pages = iam.get_paginator("simulate_principal_policy").paginate(
    PolicySourceArn="arn:aws:iam::%s:user/alice" % account,
    ActionNames=["s3:A", "s3:B", "iam:C"], PaginationConfig={"PageSize": 2})
principal = [[one["EvalActionName"], one["EvalDecision"]] for page in pages for one in page["EvaluationResults"]]
made = sts.get_federation_token(Name="guest", Policy=policy, Tags=[{"Key": "k", "Value": "v"}])
keys = made["Credentials"]
guest = boto3.client("sts", endpoint_url=endpoint, aws_access_key_id=keys["AccessKeyId"],
    aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
session = sts.get_session_token(DurationSeconds=900)["Credentials"]["AccessKeyId"][:4]
try:
    guest.get_session_token()
    refused = None
except guest.exceptions.ClientError as error:
    refused = error.response["Error"]
print(json.dumps({"custom": custom["EvaluationResults"], "principal": principal,
    "guest": guest.get_caller_identity()["Arn"], "session": session, "refused": refused}))
`;

async function python(server: QueryServer): Promise<string | undefined> {
  const child = spawn("python3", ["-c", script, server.endpoint, accountId], {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
    },
  });
  const exit = new Promise<number | undefined>((resolve) => {
    child.once("error", () => resolve(undefined));
    child.once("close", (code) => resolve(code ?? -1));
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  if (code === undefined || out === "no boto3\n") return undefined;
  assert.equal(code, 0, err);
  return out;
}

test("boto3 simulates, pages, federates, and reads what it is refused", async (t) => {
  await using server = await startQueryServer();
  await makeUser(server, "alice", policyOf({ Action: "s3:*" }));
  const out = await python(server);
  if (out === undefined) return t.skip("there is no Python with boto3");
  const read = JSON.parse(out) as Record<string, unknown>;
  const Statement = {
    SourcePolicyId: "PolicyInputList.1",
    SourcePolicyType: "none",
    StartPosition: { Line: 1, Column: 41 },
    EndPosition: { Line: 1, Column: 170 },
  };
  const rest = {
    MatchedStatements: [Statement],
    MissingContextValues: [],
    PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true },
    EvalDecisionDetails: {},
  };
  const specific = (EvalResourceName: string): object => ({
    EvalResourceName,
    EvalResourceDecision: "allowed",
    ...rest,
  });
  assert.deepEqual(read["custom"], [
    {
      EvalActionName: "s3:GetObject",
      EvalResourceName: "*",
      EvalDecision: "allowed",
      ...rest,
      ResourceSpecificResults: [specific("arn:aws:s3:::b/a"), specific("arn:aws:s3:::b/c")],
    },
  ]);
  assert.deepEqual(read["principal"], [
    ["s3:A", "allowed"],
    ["s3:B", "allowed"],
    ["iam:C", "implicitDeny"],
  ]);
  assert.equal(read["guest"], `arn:aws:sts::${accountId}:federated-user/guest`);
  assert.equal(read["session"], "ASIA");
  const Message = "Cannot call GetSessionToken with session credentials";
  assert.deepEqual(read["refused"], { Type: "Sender", Code: "AccessDenied", Message });
  assert.deepEqual(server.failures, []);
});
