import assert from "node:assert/strict";
import { test } from "node:test";
import { callContext, resourceContext } from "./call-context.ts";
import { contextKeys, contextValue, requestContext } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { parsePolicy } from "./parse-policy.ts";
import { pinPrincipals } from "./pins.ts";
import { principalFromArn } from "./principal.ts";
import { defaultQuotas, quotaRefusal } from "./quotas.ts";
import { evaluatePassRole, evaluateServiceAssumeRole } from "./roles.ts";
import { account, applicationArn } from "./testing/connector-policy.ts";
import { compiled, document } from "./testing/policies.ts";

const alice = principalFromArn(`arn:aws:iam::${account}:user/alice`)!;
const roleArn = `arn:aws:iam::${account}:role/Connector`;

const trust = compiled(
  document({
    Effect: "Allow",
    Principal: { Service: "qbusiness.amazonaws.com" },
    Action: "sts:AssumeRole",
    Condition: {
      StringEquals: { "aws:SourceAccount": account },
      ArnLike: { "aws:SourceArn": applicationArn },
    },
  }),
  "trust",
);

test("the service takes up a role only for the account and application the trust policy names", () => {
  const service = "qbusiness.amazonaws.com";
  const call = { service, roleArn, sourceAccount: account, sourceArn: applicationArn };
  const decide = (change: object): string =>
    evaluateServiceAssumeRole({ ...call, ...change }, trust).decision;
  assert.equal(decide({}), "allow");
  assert.equal(decide({ sourceAccount: "444455556666" }), "implicitDeny");
  assert.equal(decide({ sourceArn: `${applicationArn}x` }), "implicitDeny");
  assert.equal(decide({ service: "application.qbusiness.amazonaws.com" }), "implicitDeny");
  assert.equal(decide({ action: "sts:SetContext" }), "implicitDeny");
  const denial = evaluateServiceAssumeRole({ ...call, sourceAccount: "4" }, trust);
  assert.equal(denial.policyType, "trust");
  const deny = { Effect: "Deny", Principal: "*", Action: "*", Resource: "*" };
  const rcp = [compiled(document(deny), "rcp")];
  assert.equal(evaluateServiceAssumeRole(call, trust, rcp).decision, "explicitDeny");
});

test("a role passes only to the named service, for the named resource, within the account", () => {
  const Condition = {
    StringEquals: { "iam:PassedToService": "qbusiness.amazonaws.com" },
    ArnLike: { "iam:AssociatedResourceArn": `${applicationArn}/*` },
  };
  const allow = { Effect: "Allow", Action: "iam:PassRole", Resource: roleArn, Condition };
  const identity = compiled(document(allow));
  const call = {
    principal: alice,
    roleArn,
    service: "qbusiness.amazonaws.com",
    associatedResourceArn: `${applicationArn}/index/i1/data-source/d1`,
  };
  const decide = (change: object): string =>
    evaluatePassRole({ ...call, ...change }, { identity }).decision;
  assert.equal(decide({}), "allow");
  assert.equal(decide({ service: "lambda.amazonaws.com" }), "implicitDeny");
  assert.equal(decide({ associatedResourceArn: applicationArn }), "implicitDeny");
  assert.equal(decide({ roleArn: `${roleArn}2` }), "implicitDeny");
  const wide = compiled(document({ Effect: "Allow", Action: "*", Resource: "*" }));
  const foreign = { ...call, roleArn: "arn:aws:iam::444455556666:role/Connector" };
  assert.equal(evaluatePassRole(foreign, { identity: wide }).decision, "implicitDeny");
  // The role's trust policy has nothing to say about passing it.
  assert.equal(evaluatePassRole(call, { identity: wide, resource: trust }).decision, "allow");
});

test("a saved policy keeps meaning the entity it named, not the next one of that name", () => {
  const statement = {
    Effect: "Allow",
    Principal: { AWS: [`arn:aws:iam::${account}:user/alice`, account] },
    Action: "sts:AssumeRole",
  };
  const parsing = parsePolicy(JSON.stringify(document(statement)), { kind: "trust" });
  assert.ok(parsing.ok);
  const pinning = pinPrincipals(parsing.policy, () => "AIDAOLDALICE0001");
  assert.ok(pinning.ok);
  assert.deepEqual([...pinning.pins.values()], ["AIDAOLDALICE0001"]);
  const resource = compiled(document(statement), "trust", { pins: pinning.pins });
  const decide = (uniqueId: string): string => {
    const principal = principalFromArn(`arn:aws:iam::${account}:user/alice`, { uniqueId })!;
    const resources = [{ arn: roleArn, account }];
    return evaluate({ principal, action: "sts:AssumeRole", resources }, { resource }).decision;
  };
  assert.equal(decide("AIDAOLDALICE0001"), "allow");
  assert.equal(decide("AIDANEWALICE0001"), "implicitDeny");
  const missing = pinPrincipals(parsing.policy, () => undefined);
  assert.deepEqual(missing, {
    ok: false,
    message: `Invalid principal in policy: "AWS":"arn:aws:iam::${account}:user/alice"`,
  });
});

test("the weakest resource of a call decides, and a call without resources is denied", () => {
  const identity = compiled(
    document(
      { Effect: "Allow", Action: "*", Resource: ["arn:aws:s3:::a", "arn:aws:s3:::c"] },
      { Effect: "Deny", Action: "*", Resource: "arn:aws:s3:::c" },
    ),
  );
  const decide = (...arns: readonly string[]): readonly string[] => {
    const resources = arns.map((arn) => ({ arn, account }));
    const { decision, resource } = evaluate(
      { principal: alice, action: "s3:X", resources },
      { identity },
    );
    return [decision, resource];
  };
  assert.deepEqual(decide("arn:aws:s3:::a"), ["allow", "arn:aws:s3:::a"]);
  assert.deepEqual(decide("arn:aws:s3:::a", "arn:aws:s3:::b"), ["implicitDeny", "arn:aws:s3:::b"]);
  assert.deepEqual(decide("arn:aws:s3:::b", "arn:aws:s3:::a"), ["implicitDeny", "arn:aws:s3:::b"]);
  assert.deepEqual(decide("arn:aws:s3:::b", "arn:aws:s3:::c"), ["explicitDeny", "arn:aws:s3:::c"]);
  assert.deepEqual(decide(), ["implicitDeny", ""]);
});

test("each resource of a call has its own keys and its own policy", () => {
  const Condition = {
    StringEquals: { "aws:ResourceTag/team": "red", "aws:ResourceAccount": account },
  };
  const identity = compiled(document({ Effect: "Allow", Action: "*", Resource: "*", Condition }));
  const tagged = (team: string): object => resourceContext({ account, tags: { team } });
  const decide = (...teams: readonly string[]): string => {
    const resources = teams.map((team) => ({
      arn: `arn:aws:s3:::${team}`,
      account,
      context: requestContext(tagged(team) as never),
    }));
    return evaluate({ principal: alice, action: "s3:X", resources }, { identity }).decision;
  };
  assert.equal(decide("red", "red"), "allow");
  assert.equal(decide("red", "blue"), "implicitDeny");
  const deny = compiled(
    document({ Effect: "Deny", Principal: "*", Action: "*", Resource: "*" }),
    "resource",
  );
  const wide = { identity: compiled(document({ Effect: "Allow", Action: "*", Resource: "*" })) };
  const resources = [
    { arn: "arn:aws:s3:::a", account },
    { arn: "arn:aws:s3:::b", account, policy: deny },
  ];
  assert.equal(
    evaluate({ principal: alice, action: "s3:X", resources }, wide).decision,
    "explicitDeny",
  );
});

const facts = {
  now: new Date("2026-11-21T12:00:00.987Z"),
  isSecureTransport: true,
  origin: { sourceIp: "203.0.113.7" },
  userAgent: "sdk/1",
  requestedRegion: "us-east-1",
};

test("a call's context has the keys every call has, and no others", () => {
  assert.deepEqual(contextKeys(callContext(facts)).toSorted(), [
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceip",
    "aws:useragent",
    "aws:viaawsservice",
  ]);
  const context = callContext(facts);
  assert.equal(contextValue(context, "aws:currenttime"), "2026-11-21T12:00:00Z");
  assert.equal(contextValue(context, "aws:epochtime"), "1795262400");
});

test("sessions, tags, services and private endpoints add their keys", () => {
  const origin = { vpc: "vpc-1", vpcEndpoint: "vpce-1", vpcSourceIp: "10.0.0.1" };
  const context = callContext({
    ...facts,
    origin,
    temporaryCredentials: { issuedAt: new Date(0), isMfaAuthenticated: false },
    requestTags: { team: "red", ["__proto__"]: "x" },
    principalTags: { team: "blue" },
    calledVia: ["a.amazonaws.com", "b.amazonaws.com"],
    serviceKeys: { "kms:ViaService": "s3.us-east-1.amazonaws.com", "aws:SecureTransport": "false" },
  });
  const value = (key: string): unknown => contextValue(context, key);
  assert.equal(value("aws:sourceip"), undefined);
  assert.equal(value("aws:sourcevpce"), "vpce-1");
  assert.equal(value("aws:tokenissuetime"), "1970-01-01T00:00:00Z");
  assert.equal(value("aws:multifactorauthpresent"), "false");
  assert.equal(value("aws:multifactorauthage"), undefined);
  assert.deepEqual(value("aws:tagkeys"), ["team", "__proto__"]);
  assert.equal(value("aws:requesttag/__proto__"), "x");
  assert.equal(value("aws:requesttag/team"), "red");
  assert.equal(value("aws:principaltag/team"), "blue");
  assert.equal(value("aws:calledviafirst"), "a.amazonaws.com");
  assert.equal(value("aws:calledvialast"), "b.amazonaws.com");
  assert.equal(value("aws:viaawsservice"), "true");
  assert.equal(value("kms:viaservice"), "s3.us-east-1.amazonaws.com");
  // What a caller of the engine adds cannot replace what the server knows.
  assert.equal(value("aws:securetransport"), "true");
});

test("quotas count what is no white space, together where documents share one", () => {
  const full = `{${" \n\t".repeat(500)}${"x".repeat(6_142)}}`;
  assert.equal(quotaRefusal({ quota: "managedPolicy", documents: [full] }), undefined);
  assert.equal(
    quotaRefusal({ quota: "managedPolicy", documents: [`${full}x`] }),
    "Cannot exceed quota for PolicySize: 6144",
  );
  assert.equal(
    quotaRefusal({ quota: "inlineRole", documents: [full, full], entityName: "R" }),
    "Maximum policy size of 10240 bytes exceeded for role R",
  );
  const quotas = { ...defaultQuotas, trustPolicy: 8_192 };
  assert.equal(quotaRefusal({ quota: "trustPolicy", documents: [full], quotas }), undefined);
  assert.equal(
    quotaRefusal({ quota: "trustPolicy", documents: [full] }),
    "Cannot exceed quota for ACLSizePerRole: 2048",
  );
});

test("a principal is read from every form of ARN, and from nothing else", () => {
  const types = [
    [`arn:aws:iam::${account}:user/team/alice`, "user"],
    [`arn:aws:iam::${account}:root`, "root"],
    [`arn:aws:sts::${account}:assumed-role/R/s`, "role"],
    [roleArn, "role"],
    [`arn:aws:sts::${account}:federated-user/f`, "federatedUser"],
    ["qbusiness.amazonaws.com", "service"],
    ["anonymous", "anonymous"],
  ] as const;
  for (const [text, type] of types) assert.equal(principalFromArn(text)?.type, type, text);
  const wrong = [
    "",
    "alice",
    "arn:aws:iam::12:user/a",
    `arn:aws:iam::${account}:group/g`,
    `arn:aws:iam::${account}:user/`,
    `arn:aws:sts::${account}:assumed-role/R`,
  ];
  for (const text of wrong) assert.equal(principalFromArn(text), undefined, text);
});
