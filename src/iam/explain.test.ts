import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "./compile.ts";
import { denialMessage } from "./denial.ts";
import { evaluate } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { parsePolicy } from "./parse-policy.ts";
import { principalFromArn } from "./principal.ts";
import type { AuthorizationRequest, PolicySet } from "./request.ts";
import { compiled, document } from "./testing/policies.ts";

const account = "111122223333";
const alice = principalFromArn(`arn:aws:iam::${account}:user/alice`)!;
const application = `arn:aws:qbusiness:us-east-1:${account}:application/a1`;

function chat(policies: PolicySet, context = {}): readonly [AuthorizationRequest, PolicySet] {
  const resources = [{ arn: application, account }];
  return [{ principal: alice, action: "qbusiness:ChatSync", resources, context }, policies];
}

function messageOf(...[request, policies]: ReturnType<typeof chat>): string {
  return denialMessage(request, evaluate(request, policies));
}

const everything = compiled(document({ Effect: "Allow", Action: "*", Resource: "*" }));
const nothing = compiled(document({ Effect: "Allow", Action: "other:*", Resource: "*" }));
const subject = `User: ${alice.type === "user" ? alice.arn : ""} is not authorized to perform: qbusiness:ChatSync on resource: ${application}`;

test("a denial names the caller, the action, the resource and the missing kind of policy", () => {
  const because = "because no identity-based policy allows the qbusiness:ChatSync action";
  assert.equal(messageOf(...chat({})), `${subject} ${because}`);
  const cases: readonly [PolicySet, string][] = [
    [{ identity: everything, boundary: nothing }, "no permissions boundary allows"],
    [{ identity: everything, session: nothing }, "no session policy allows"],
    [{ identity: everything, scp: [nothing] }, "no service control policy allows"],
  ];
  for (const [policies, words] of cases) {
    assert.equal(
      messageOf(...chat(policies)),
      `${subject} because ${words} the qbusiness:ChatSync action`,
    );
  }
});

test("an explicit denial names the kind of policy that denies", () => {
  const deny = { Effect: "Deny", Action: "*", Resource: "*" };
  const identity = compiled(document({ Effect: "Allow", Action: "*", Resource: "*" }, deny));
  assert.equal(
    messageOf(...chat({ identity })),
    `${subject} with an explicit deny in an identity-based policy`,
  );
  const toAll = compiled(document({ ...deny, Principal: "*" }), "resource");
  const resource = { identity: everything, resource: toAll };
  assert.equal(
    messageOf(...chat(resource)),
    `${subject} with an explicit deny in a resource-based policy`,
  );
  const rcp = { identity: everything, rcp: [toAll] };
  assert.equal(
    messageOf(...chat(rcp)),
    `${subject} with an explicit deny in a resource control policy`,
  );
});

test("services and unsigned callers are named as such", () => {
  for (const name of ["anonymous", "qbusiness.amazonaws.com"]) {
    const request = {
      principal: principalFromArn(name)!,
      action: "s3:GetObject",
      resources: [{ arn: "*" }],
    };
    const message = denialMessage(request, evaluate(request, {}));
    assert.equal(
      message,
      `User: ${name} is not authorized to perform: s3:GetObject on resource: * because no resource-based policy allows the s3:GetObject action`,
    );
  }
});

test("a decision names the statements that granted, with their place", () => {
  const text =
    '{\n "Version": "2012-10-17",\n "Statement": [\n  {"Sid": "Chat", "Effect": "Allow",\n   "Action": "qbusiness:Chat*", "Resource": "*"}]}';
  const parsing = parsePolicy(text, { kind: "identity" });
  assert.ok(parsing.ok);
  const identity = compile(parsing.policy, { name: "chatters" });
  const [request, policies] = chat({ identity, boundary: everything });
  const { because } = evaluate(request, policies);
  const place = { line: 4, column: 2, endLine: 5, endColumn: 48 };
  const everywhere = everything.statements[0]?.source;
  assert.deepEqual(because, [
    { policyType: "identity", statement: { policy: "chatters", index: 0, sid: "Chat", ...place } },
    { policyType: "boundary", statement: everywhere },
  ]);
});

test("an explanation shows the near miss and what the request had", () => {
  const Condition = { StringEquals: { "aws:PrincipalTag/team": "red" } };
  const identity = compiled(
    document({ Sid: "Reds", Effect: "Allow", Action: "qbusiness:Chat*", Resource: "*", Condition }),
    "identity",
    { name: "teams" },
  );
  const { decision, changes, statements, message } = explain(...chat({ identity }));
  assert.equal(decision.decision, "implicitDeny");
  assert.match(message ?? "", /no identity-based policy/);
  assert.equal(statements.length, 1);
  assert.deepEqual(statements[0]?.conditions, [
    {
      operator: "StringEquals",
      key: "aws:PrincipalTag/team",
      wanted: ["red"],
      given: undefined,
      holds: false,
    },
  ]);
  assert.deepEqual(changes, [
    'statement "Reds" (line 1 of teams) would allow it: StringEquals aws:PrincipalTag/team wants "red", the request does not have it.',
    `Allow qbusiness:ChatSync on ${application} in an identity-based policy.`,
  ]);
  const blue = explain(...chat({ identity }, { "aws:PrincipalTag/team": "blue" }));
  assert.match(blue.changes[0] ?? "", /the request has "blue"/);
});

test("an explanation names every Deny that applies", () => {
  const deny = { Effect: "Deny", Action: "qbusiness:*", Resource: "*" };
  const identity = compiled(document({ Sid: "No", ...deny }, { Sid: "Never", ...deny }));
  const { changes } = explain(...chat({ identity }));
  assert.equal(changes.length, 2);
  assert.match(changes[0] ?? "", /^Remove or narrow statement "No" \(line 1\), which denies/);
});

test("an explanation of an allowed request has no message and no changes", () => {
  const { decision, message, changes, statements } = explain(...chat({ identity: everything }));
  assert.equal(decision.decision, "allow");
  assert.equal(message, undefined);
  assert.deepEqual(changes, []);
  assert.deepEqual(
    statements.map(({ applies }) => applies),
    [true],
  );
});

test("an explanation looks at each resource, with the policy it brings itself", () => {
  const named = { Effect: "Allow", Principal: { AWS: account }, Action: "*", Resource: "*" };
  const policy = compiled(document(named), "resource");
  const resources = [
    { arn: application, account, policy },
    { arn: `${application}/index/i`, account },
  ];
  const request = { principal: alice, action: "qbusiness:ListGroups", resources };
  const { statements } = explain(request, { identity: everything });
  const seen = statements.map(({ policyType, resource }) => `${policyType} ${resource}`);
  assert.deepEqual(seen, [
    `identity ${application}`,
    `identity ${application}/index/i`,
    `resource ${application}`,
  ]);
});
