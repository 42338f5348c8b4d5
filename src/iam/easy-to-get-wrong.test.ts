// Rows P1 to P20 of "Easy to get wrong", one test each.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ContextInput } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { parsePolicy } from "./parse-policy.ts";
import { type Principal, principalFromArn } from "./principal.ts";
import type { PolicySet } from "./request.ts";
import { compiled, document } from "./testing/policies.ts";

const account = "111122223333";
const alice = principalFromArn(`arn:aws:iam::${account}:user/alice`)!;
const roleArn = `arn:aws:iam::${account}:role/app/Reader`;
const sessionArn = `arn:aws:sts::${account}:assumed-role/Reader/s1`;
const reader = principalFromArn(sessionArn, { roleArn })!;
const object = "arn:aws:s3:::docs/a";
const anything = { Effect: "Allow", Action: "*", Resource: "*" };
const nothingHere = compiled(document({ ...anything, Action: "other:*" }));

interface Call {
  readonly principal?: Principal;
  readonly action?: string;
  readonly arn?: string;
  readonly context?: ContextInput;
}

function decide(policies: PolicySet, call: Call = {}): string {
  const { principal = alice, action = "s3:GetObject", arn = object, context = {} } = call;
  return evaluate({ principal, action, resources: [{ arn, account }], context }, policies).decision;
}

/** All is allowed but for a Deny under this condition. */
function denied(Condition: object, context: ContextInput = {}): boolean {
  const deny = { ...anything, Effect: "Deny", Condition };
  return decide({ identity: compiled(document(anything, deny)) }, { context }) === "explicitDeny";
}

/** Only an Allow under this condition. */
function allowed(Condition: object, context: ContextInput = {}, version = "2012-10-17"): boolean {
  const policy = { Version: version, Statement: [{ ...anything, Condition }] };
  return decide({ identity: compiled(policy) }, { context }) === "allow";
}

function toResource(
  Principal: unknown,
  kind: "resource" | "trust" | "key" = "resource",
): PolicySet {
  const element = kind === "trust" ? {} : { Resource: "*" };
  const Action = kind === "trust" ? "sts:*" : "*";
  return { resource: compiled(document({ Effect: "Allow", Principal, Action, ...element }), kind) };
}

test("P1: a missing key makes negated operators true, so such Denies apply", () => {
  assert.ok(denied({ StringNotEquals: { "aws:PrincipalTag/team": "red" } }));
  assert.ok(denied({ NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } }));
  assert.ok(denied({ ArnNotLike: { "aws:SourceArn": "arn:aws:s3:::docs" } }));
  assert.ok(!denied({ StringEquals: { "aws:PrincipalTag/team": "red" } }));
});

test("P2: IfExists inside a Deny denies when the key is missing", () => {
  assert.ok(denied({ BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } }));
  assert.ok(denied({ StringEqualsIfExists: { "aws:PrincipalTag/team": "red" } }));
});

test("P3: plain Bool false does not match a missing key", () => {
  assert.ok(!denied({ Bool: { "aws:MultiFactorAuthPresent": "false" } }));
  assert.ok(
    denied(
      { Bool: { "aws:MultiFactorAuthPresent": "false" } },
      { "aws:MultiFactorAuthPresent": "false" },
    ),
  );
});

test("P4: several values are OR for positive operators and NOR for negated ones", () => {
  const context = { "s3:prefix": "b" };
  assert.ok(allowed({ StringEquals: { "s3:prefix": ["a", "b"] } }, context));
  assert.ok(!allowed({ StringNotEquals: { "s3:prefix": ["a", "b"] } }, context));
  assert.ok(allowed({ StringNotEquals: { "s3:prefix": ["a", "c"] } }, context));
});

test("P5: ForAllValues is true on missing or empty sets", () => {
  const Condition = { "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } };
  assert.ok(allowed(Condition));
  assert.ok(allowed(Condition, { "aws:TagKeys": [] }));
  assert.ok(!allowed(Condition, { "aws:TagKeys": ["a", "b"] }));
  assert.ok(!allowed({ ...Condition, Null: { "aws:TagKeys": "false" } }, { "aws:TagKeys": [] }));
});

test("P6: ForAnyValue is false on missing sets, even when negated", () => {
  for (const operator of ["StringEquals", "StringNotEquals", "StringNotLike"]) {
    const Condition = { [`ForAnyValue:${operator}`]: { "aws:TagKeys": ["a"] } };
    assert.ok(!allowed(Condition), operator);
    assert.ok(!allowed(Condition, { "aws:TagKeys": [] }), operator);
    assert.ok(!denied(Condition), operator);
  }
});

test("P7: NumericGreaterThan is not a negated operator", () => {
  assert.ok(!allowed({ NumericGreaterThan: { "s3:max-keys": "1" } }));
  assert.ok(!denied({ NumericGreaterThanEquals: { "aws:MultiFactorAuthAge": "3600" } }));
});

test("P8: ArnEquals takes wildcards, and its star stops at colons while StringLike's does not", () => {
  const context = { "aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:topic" };
  assert.ok(allowed({ ArnEquals: { "aws:SourceArn": "arn:aws:sns:*:*:t*" } }, context));
  assert.ok(!allowed({ ArnEquals: { "aws:SourceArn": "arn:aws:sns:*:topic" } }, context));
  assert.ok(allowed({ StringLike: { "aws:SourceArn": "arn:aws:sns:*:topic" } }, context));
});

test("P9: keys and tag-key names ignore case, values of StringEquals do not", () => {
  const context = { "aws:PrincipalTag/Team": "Red" };
  assert.ok(allowed({ StringEquals: { "AWS:principaltag/tEAM": "Red" } }, context));
  assert.ok(!allowed({ StringEquals: { "aws:PrincipalTag/Team": "red" } }, context));
});

test("P10: variables work only under 2012-10-17; without Version they are literal", () => {
  const statement = { ...anything, Resource: "arn:aws:s3:::docs/${aws:username}" };
  for (const [Version, works] of [
    ["2012-10-17", true],
    ["2008-10-17", false],
    [undefined, false],
  ] as const) {
    const identity = compiled({ ...(Version && { Version }), Statement: [statement] });
    const call = (arn: string): boolean => decide({ identity }, { arn }) === "allow";
    assert.equal(call("arn:aws:s3:::docs/alice"), works);
    assert.equal(call("arn:aws:s3:::docs/${aws:username}"), !works);
  }
  const Condition = { StringEquals: { "s3:prefix": "${aws:username}" } };
  assert.ok(allowed(Condition, { "s3:prefix": "alice" }));
  assert.ok(allowed(Condition, { "s3:prefix": "${aws:username}" }, "2008-10-17"));
});

test("P11: an unresolved variable matches nothing, not its own text; negated operators hold", () => {
  const context = { "s3:prefix": "${a:b}" };
  assert.ok(!allowed({ StringEquals: { "s3:prefix": "${a:b}" } }, context));
  assert.ok(!allowed({ StringLike: { "s3:prefix": "*${a:b}*" } }, context));
  assert.ok(allowed({ StringNotEquals: { "s3:prefix": "${a:b}" } }, context));
  const identity = compiled(document({ ...anything, Resource: "arn:aws:s3:::docs/${a:b}" }));
  assert.equal(decide({ identity }, { arn: "arn:aws:s3:::docs/${a:b}" }), "implicitDeny");
});

test("P12: wildcards inside substituted values are literal", () => {
  const context = { "aws:PrincipalTag/home": "*" };
  const identity = compiled(
    document({ ...anything, Resource: "arn:aws:s3:::docs/${aws:PrincipalTag/home}" }),
  );
  assert.equal(decide({ identity }, { arn: "arn:aws:s3:::docs/secret", context }), "implicitDeny");
  assert.equal(decide({ identity }, { arn: "arn:aws:s3:::docs/*", context }), "allow");
  const like = { StringLike: { "s3:prefix": "${aws:PrincipalTag/home}" } };
  assert.ok(!allowed(like, { ...context, "s3:prefix": "secret" }));
});

test("P13: aws:PrincipalArn is the role's ARN, never the session's", () => {
  const withKey = (value: string): string => {
    const Condition = { ArnEquals: { "aws:PrincipalArn": value } };
    const identity = compiled(document({ ...anything, Condition }));
    return decide({ identity }, { principal: reader });
  };
  assert.equal(withKey(roleArn), "allow");
  assert.equal(withKey(sessionArn), "implicitDeny");
});

test("P14: naming a user or session ARN bypasses the boundary's and session policy's silence, a role ARN does not", () => {
  const limits = { boundary: nothingHere, session: nothingHere };
  const named = (principal: Principal, AWS: string): string =>
    decide({ ...limits, ...toResource({ AWS }) }, { principal });
  assert.equal(named(alice, `arn:aws:iam::${account}:user/alice`), "allow");
  assert.equal(named(reader, sessionArn), "allow");
  assert.equal(named(reader, roleArn), "implicitDeny");
  const silent = compiled(document({ ...anything, Effect: "Deny" }));
  const spoken = { boundary: silent, ...toResource({ AWS: sessionArn }) };
  assert.equal(decide(spoken, { principal: reader }), "explicitDeny");
});

test("P15: naming the account delegates; alone it grants nothing", () => {
  assert.equal(decide(toResource({ AWS: account })), "implicitDeny");
  const identity = compiled(document(anything));
  assert.equal(decide({ identity, ...toResource({ AWS: account }) }), "allow");
});

test("P16: across accounts even a star or a session ARN needs the caller's identity policy", () => {
  const arn = "arn:aws:sts::444455556666:assumed-role/Other/s9";
  const principal = principalFromArn(arn)!;
  for (const who of ["*", { AWS: arn }, { AWS: "arn:aws:iam::444455556666:role/Other" }]) {
    assert.equal(decide(toResource(who), { principal }), "implicitDeny");
    const identity = compiled(document(anything));
    assert.equal(decide({ identity, ...toResource(who) }, { principal }), "allow");
  }
});

test("P17: trust and key policies must themselves allow; a key policy without the root statement voids identity Allows", () => {
  const identity = compiled(document(anything));
  const role = { action: "sts:AssumeRole", arn: `arn:aws:iam::${account}:role/Target` };
  const key = { action: "kms:Decrypt", arn: `arn:aws:kms:us-east-1:${account}:key/k1` };
  const admin = { AWS: `arn:aws:iam::${account}:role/KeyAdmin` };
  assert.equal(decide({ identity }, role), "implicitDeny");
  assert.equal(decide({ identity, ...toResource(admin, "trust") }, role), "implicitDeny");
  assert.equal(decide({ identity }, key), "implicitDeny");
  assert.equal(decide({ identity, ...toResource(admin, "key") }, key), "implicitDeny");
  const delegating = toResource({ AWS: `arn:aws:iam::${account}:root` }, "key");
  assert.equal(decide({ identity, ...delegating }, key), "allow");
});

test("P18: every SCP level must allow; service-linked roles and service principals are exempt", () => {
  const identity = compiled(document(anything));
  assert.equal(decide({ identity, scp: [identity, identity] }), "allow");
  assert.equal(decide({ identity, scp: [identity, nothingHere] }), "implicitDeny");
  assert.equal(decide({ identity, scp: [nothingHere, identity] }), "implicitDeny");
  const linkedArn = `arn:aws:iam::${account}:role/aws-service-role/qbusiness.amazonaws.com/Q`;
  const linked = principalFromArn(`arn:aws:sts::${account}:assumed-role/Q/s`, {
    roleArn: linkedArn,
  })!;
  assert.equal(decide({ identity, scp: [nothingHere] }, { principal: linked }), "allow");
  const service = principalFromArn("qbusiness.amazonaws.com")!;
  const named = toResource({ Service: "qbusiness.amazonaws.com" });
  assert.equal(decide({ ...named, scp: [nothingHere] }, { principal: service }), "allow");
});

test("P19: actions without resource-level support are evaluated against a star", () => {
  const call = { action: "qbusiness:ListApplications", arn: "*" };
  const onArn = { ...anything, Resource: `arn:aws:qbusiness:us-east-1:${account}:application/*` };
  assert.equal(decide({ identity: compiled(document(onArn)) }, call), "implicitDeny");
  assert.equal(decide({ identity: compiled(document(anything)) }, call), "allow");
  const spared = document(anything, { ...onArn, Effect: "Deny" });
  assert.equal(decide({ identity: compiled(spared) }, call), "allow");
});

test("P20: an empty principal is refused, never read as everyone", () => {
  const kinds = [
    { kind: "trust", Action: "sts:AssumeRole" },
    { kind: "resource", Action: "*", Resource: "*" },
  ] as const;
  const empty = [
    "",
    {},
    [],
    { Service: "" },
    { AWS: "" },
    { AWS: [] },
    { AWS: [""] },
    { Service: [] },
    { Federated: "" },
    null,
  ];
  let seen = 0;
  for (const { kind, ...elements } of kinds) {
    for (const Principal of empty) {
      for (const name of kind === "trust" ? ["Principal"] : ["Principal", "NotPrincipal"]) {
        const statement = { Effect: "Deny", ...elements, [name]: Principal };
        const parsing = parsePolicy(JSON.stringify(document(statement)), { kind });
        assert.ok(!parsing.ok, JSON.stringify(statement));
        assert.match(parsing.refusal.message, /^(?:Invalid principal in policy|Syntax errors)/);
        seen += 1;
      }
    }
  }
  assert.equal(seen, 30);
});
