// The roles that the service's documentation publishes, filled in: what each may do, what it may
// not, and what breaks when a part is taken away.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceContext } from "./call-context.ts";
import { compile } from "./compile.ts";
import { evaluate } from "./evaluate.ts";
import { parsePolicy } from "./parse-policy.ts";
import { principalFromArn } from "./principal.ts";
import { qbusinessActions } from "./qbusiness-actions.ts";
import { arnChain } from "./qbusiness-arns.ts";
import { evaluateQBusiness } from "./qbusiness-authorize.ts";
import { evaluateServiceAssumeRole } from "./roles.ts";
import { account, applicationArn, connectorPolicy, indexArn } from "./testing/connector-policy.ts";
import { compiled, document } from "./testing/policies.ts";

const roleArn = `arn:aws:iam::${account}:role/service-role/QuarryConnector`;
const session = `arn:aws:sts::${account}:assumed-role/QuarryConnector/sync-1`;
const connector = principalFromArn(session, { roleArn })!;
const keyArn = `arn:aws:kms:us-east-1:${account}:key/k`;
const ec2 = `arn:aws:ec2:us-east-1:${account}`;
const tag = `qbusiness_${account}_a1b2c3d4-5678-4abc-8def-111111111111_ds1`;

interface Call {
  readonly sid: string;
  readonly action: string;
  readonly arn: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

const own = { "aws:ResourceAccount": account };
const requestTags = { "aws:RequestTag/AMAZON_Q": tag, "aws:TagKeys": ["AMAZON_Q"] };
const createTags = { "ec2:CreateAction": "CreateNetworkInterface", ...requestTags };

/** What a sync of an encrypted bucket in a VPC asks for, by the statement that grants it. */
const calls: readonly Call[] = [
  {
    sid: "ReadObjects",
    action: "s3:GetObject",
    arn: "arn:aws:s3:::quarry-docs/a/b.pdf",
    context: own,
  },
  { sid: "ListBucket", action: "s3:ListBucket", arn: "arn:aws:s3:::quarry-docs", context: own },
  { sid: "Ingest", action: "qbusiness:BatchPutDocument", arn: indexArn },
  { sid: "Ingest", action: "qbusiness:BatchDeleteDocument", arn: indexArn },
  { sid: "MapPrincipals", action: "qbusiness:PutGroup", arn: indexArn },
  { sid: "MapPrincipals", action: "qbusiness:CreateUser", arn: applicationArn },
  {
    sid: "UseSubnet",
    action: "ec2:CreateNetworkInterface",
    arn: `${ec2}:subnet/subnet-0a1b2c3d4e5f60718`,
  },
  {
    sid: "MakeInterface",
    action: "ec2:CreateNetworkInterface",
    arn: `${ec2}:network-interface/*`,
    context: requestTags,
  },
  {
    sid: "TagInterface",
    action: "ec2:CreateTags",
    arn: `${ec2}:network-interface/eni-1`,
    context: createTags,
  },
  {
    sid: "LendInterface",
    action: "ec2:CreateNetworkInterfacePermission",
    arn: `${ec2}:network-interface/eni-1`,
    context: { "aws:ResourceTag/AMAZON_Q": tag },
  },
  { sid: "LookAround", action: "ec2:DescribeSubnets", arn: "*" },
  {
    sid: "Decrypt",
    action: "kms:Decrypt",
    arn: keyArn,
    context: { "kms:ViaService": "s3.us-east-1.amazonaws.com" },
  },
];

type Document = { readonly Statement: readonly { readonly Sid: string }[] };

/** The connector's policy without some of its statements. */
function without(sid: string | undefined): ReturnType<typeof compiled> {
  const { Statement } = connectorPolicy as Document;
  return compiled(document(...Statement.filter((statement) => statement.Sid !== sid)));
}

function decide({ action, arn, context = {} }: Call, identity = without(undefined)): string {
  const resources = [{ arn, account }];
  const Principal = { AWS: account };
  const key = compiled(
    document({ Effect: "Allow", Principal, Action: "kms:*", Resource: "*" }),
    "key",
  );
  const policies = action === "kms:Decrypt" ? { identity, resource: key } : { identity };
  return evaluate({ principal: connector, action, resources, context }, policies).decision;
}

test("the connector's role may do what a sync asks for", () => {
  for (const call of calls) assert.equal(decide(call), "allow", call.action);
  assert.equal(new Set(calls.map(({ sid }) => sid)).size, 10);
});

test("without its statement, each call of a sync is denied", () => {
  for (const call of calls)
    assert.equal(decide(call, without(call.sid)), "implicitDeny", call.action);
});

test("without or with another value of its condition keys, a call is denied", () => {
  let seen = 0;
  for (const call of calls) {
    for (const key of Object.keys(call.context ?? {})) {
      // An absent list of tag keys is the documented hole of ForAllValues; a wrong one is not.
      const { [key]: _gone, ...rest } = call.context ?? {};
      const isTagKey =
        key === "aws:TagKeys" || (call.sid === "TagInterface" && key !== "ec2:CreateAction");
      if (!isTagKey) assert.equal(decide({ ...call, context: rest }), "implicitDeny", key);
      const wrong = { ...rest, [key]: key === "aws:TagKeys" ? ["AMAZON_Q", "more"] : "wrong" };
      const isFree = call.sid === "TagInterface" && key !== "ec2:CreateAction";
      assert.equal(decide({ ...call, context: wrong }), isFree ? "allow" : "implicitDeny", key);
      seen += 1;
    }
  }
  assert.equal(seen, 9);
});

test("the connector's role reaches no other bucket, index or account's object", () => {
  const read = calls[0]!;
  assert.equal(decide({ ...read, arn: "arn:aws:s3:::quarry-docs-2/a" }), "implicitDeny");
  assert.equal(
    decide({ ...read, context: { "aws:ResourceAccount": "444455556666" } }),
    "implicitDeny",
  );
  assert.equal(decide({ ...read, context: {} }), "implicitDeny");
  assert.equal(decide({ ...read, action: "s3:PutObject" }), "implicitDeny");
  const put = calls[2]!;
  assert.equal(decide({ ...put, arn: `${indexArn}2` }), "implicitDeny");
  assert.equal(decide({ ...put, arn: applicationArn }), "implicitDeny");
  assert.equal(decide({ ...put, arn: indexArn.replace(account, "444455556666") }), "implicitDeny");
});

test("interfaces can be made but never deleted under the published statement", () => {
  const remove = {
    sid: "",
    action: "ec2:DeleteNetworkInterface",
    arn: `${ec2}:network-interface/eni-1`,
  };
  assert.equal(decide(remove), "implicitDeny");
  assert.equal(decide({ ...remove, context: { "aws:ResourceTag/AMAZON_Q": tag } }), "implicitDeny");
});

const anonymous = ["Chat", "ChatSync", "PutFeedback"];
const anonymousWeb = [...anonymous, "GetChatControlsConfiguration", "GetApplication"];

test("the anonymous policies allow their operations in their application, and nothing else", () => {
  const place = { region: "us-east-1", account };
  const ids = {
    applicationId: "a1",
    indexId: "i",
    dataSourceId: "d",
    retrieverId: "r",
    pluginId: "p",
    webExperienceId: "w",
    dataAccessorId: "x",
    chatResponseConfigurationId: "c",
    integrationId: "n",
    subscriptionId: "s",
  };
  for (const operations of [anonymous, anonymousWeb]) {
    const Action = operations.map((name) => `qbusiness:${name}`);
    const Resource = `arn:aws:qbusiness:us-east-1:${account}:application/a1`;
    const identity = compiled(document({ Effect: "Allow", Action, Resource }));
    const allowed: string[] = [];
    for (const [operation, { resources }] of qbusinessActions) {
      const arns = resources === undefined ? [Resource] : arnChain(operation, { ...place, ...ids });
      const chain = arns.map((arn) => ({ arn, account, context: resourceContext({ account }) }));
      const call = { principal: connector, operation, chain };
      if (evaluateQBusiness(call, { identity }).decision === "allow") allowed.push(operation);
      const elsewhere = chain.map((one) => ({ ...one, arn: one.arn.replace("/a1", "/a2") }));
      const foreign = evaluateQBusiness({ ...call, chain: elsewhere }, { identity });
      assert.equal(foreign.decision, "implicitDeny", operation);
    }
    assert.deepEqual(allowed.toSorted(), operations.toSorted());
  }
});

test("a web experience's trust policy admits the web tier for its application alone", () => {
  const service = "application.qbusiness.amazonaws.com";
  const Condition = {
    StringEquals: { "aws:SourceAccount": account },
    ArnEquals: { "aws:SourceArn": applicationArn },
  };
  const Action = ["sts:AssumeRole"];
  const trust = compiled(
    document({ Effect: "Allow", Principal: { Service: service }, Action, Condition }),
    "trust",
  );
  const call = { service, roleArn, sourceAccount: account, sourceArn: applicationArn };
  assert.equal(evaluateServiceAssumeRole(call, trust).decision, "allow");
  for (const change of [
    { service: "qbusiness.amazonaws.com" },
    { sourceAccount: "444455556666" },
    { sourceArn: indexArn },
    { action: "sts:SetContext" },
    { action: "sts:TagSession" },
  ]) {
    assert.equal(evaluateServiceAssumeRole({ ...call, ...change }, trust).decision, "implicitDeny");
  }
});

test("the service-linked role writes metrics and logs of its own account only", () => {
  const Condition = { StringEquals: { "aws:ResourceAccount": "${aws:PrincipalAccount}" } };
  const log = "arn:aws:logs:*:*:log-group:/aws/qbusiness/*";
  const parsing = parsePolicy(
    JSON.stringify(
      document(
        {
          Effect: "Allow",
          Action: "cloudwatch:PutMetricData",
          Resource: "*",
          Condition: { StringEquals: { "cloudwatch:namespace": "AWS/QBusiness" } },
        },
        { Effect: "Allow", Action: "logs:CreateLogGroup", Resource: log, Condition },
        {
          Effect: "Allow",
          Action: "logs:PutLogEvents",
          Resource: `${log}:log-stream:*`,
          Condition,
        },
      ),
    ),
    { kind: "identity" },
  );
  assert.ok(parsing.ok);
  const identity = compile(parsing.policy);
  const linkedArn = `arn:aws:iam::${account}:role/aws-service-role/qbusiness.amazonaws.com/AWSServiceRoleForQBusiness`;
  const linkedSession = `arn:aws:sts::${account}:assumed-role/AWSServiceRoleForQBusiness/q`;
  const principal = principalFromArn(linkedSession, { roleArn: linkedArn })!;
  const may = (action: string, arn: string, context = {}): string =>
    evaluate({ principal, action, resources: [{ arn, account }], context }, { identity, scp: [[]] })
      .decision;
  const stream = `arn:aws:logs:us-east-1:${account}:log-group:/aws/qbusiness/a:log-stream:s`;
  assert.equal(may("logs:PutLogEvents", stream, own), "allow");
  assert.equal(
    may("logs:PutLogEvents", stream, { "aws:ResourceAccount": "444455556666" }),
    "implicitDeny",
  );
  assert.equal(may("logs:PutLogEvents", stream), "implicitDeny");
  assert.equal(
    may("logs:CreateLogGroup", `arn:aws:logs:us-east-1:${account}:log-group:/other/x`, own),
    "implicitDeny",
  );
  assert.equal(
    may("cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": "AWS/QBusiness" }),
    "allow",
  );
  assert.equal(
    may("cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": "AWS/EC2" }),
    "implicitDeny",
  );
});
