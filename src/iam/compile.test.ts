import assert from "node:assert/strict";
import { test } from "node:test";
import { combine } from "./compile.ts";
import { requestContext } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { principalFromArn } from "./principal.ts";
import { compiledSet, randomRequest, requestOf } from "./testing/compare.ts";
import { compiled, document } from "./testing/policies.ts";
import { dice, randomPolicies } from "./testing/random.ts";

const account = "111122223333";
const alice = principalFromArn(`arn:aws:iam::${account}:user/alice`)!;
const allow = { Effect: "Allow", Action: "*", Resource: "*" };

function decide(identity: ReturnType<typeof compiled>, action: string, context = {}): string {
  const resources = [{ arn: "arn:aws:s3:::docs/a", account }];
  return evaluate({ principal: alice, action, resources, context }, { identity }).decision;
}

test("statements are found by whole names, by service, and by neither", () => {
  const identity = compiled(
    document(
      { ...allow, Action: ["s3:GetObject", "s3:PutObject", "s3:GetObject"] },
      { ...allow, Action: ["s3:List*", "kms:*", "s3:List*"] },
      { ...allow, Action: "*:TagResource" },
      { Effect: "Deny", NotAction: ["s3:*", "kms:*", "*:Tag*"], Resource: "*" },
    ),
  );
  assert.deepEqual([...identity.allow.exact.keys()], ["s3:getobject", "s3:putobject"]);
  assert.deepEqual([...identity.allow.byService.keys()], ["s3", "kms"]);
  assert.equal(identity.allow.anyService.length, 1);
  assert.equal(identity.deny.anyService.length, 1);
  for (const action of ["s3:GetObject", "s3:ListBuckets", "kms:Decrypt", "sqs:TagResource"]) {
    assert.equal(decide(identity, action), "allow", action);
  }
  assert.equal(decide(identity, "s3:DeleteObject"), "implicitDeny");
  assert.equal(decide(identity, "iam:ListUsers"), "explicitDeny");
  assert.equal(decide(identity, ""), "explicitDeny");
});

test("joined policies keep their names, order and positions", () => {
  const one = compiled(document({ Sid: "a", ...allow }), "identity", { name: "one" });
  const two = compiled(document({ Sid: "b", ...allow }, { Sid: "c", ...allow }), "identity", {
    name: "two",
  });
  const sources = combine([one, two]).statements.map(({ source }) => source);
  assert.deepEqual(
    sources.map(({ policy, index, sid }) => `${policy} ${index} ${sid}`),
    ["one 0 a", "two 0 b", "two 1 c"],
  );
  assert.equal(combine([one]), one);
  assert.equal(decide(combine([]), "s3:GetObject"), "implicitDeny");
});

test("names from the language's own objects are ordinary names", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const Condition = { StringEquals: { [`aws:PrincipalTag/${name}`]: "x", [name]: "y" } };
    const text = JSON.stringify(document({ ...allow, Condition }));
    const identity = compiled(text);
    assert.equal(decide(identity, "s3:GetObject"), "implicitDeny", name);
    const context = JSON.parse(`{"aws:PrincipalTag/${name}":"x","${name}":"y"}`) as object;
    assert.equal(decide(identity, "s3:GetObject", context), "allow", name);
    assert.equal(
      decide(
        compiled(document({ ...allow, Action: name === "" ? "*" : `a:${name}` })),
        `a:${name}`,
      ),
      "allow",
    );
  }
});

test("a context made ready and its plain form decide alike, and an empty list is no value", () => {
  const Condition = { Null: { "aws:TagKeys": "true" }, StringEquals: { "AWS:SourceVpc": "v" } };
  const identity = compiled(document({ ...allow, Condition }));
  const plain = { "aws:sourcevpc": "v", "aws:TagKeys": [] as string[] };
  assert.equal(decide(identity, "s3:GetObject", plain), "allow");
  const ready = requestContext(plain);
  assert.equal(requestContext(ready), ready);
  assert.equal(decide(identity, "s3:GetObject", ready), "allow");
});

test("an explanation never contradicts its decision", () => {
  const roll = dice(16);
  for (let count = 0; count < 300; count += 1) {
    const plain = randomPolicies(roll);
    const policies = compiledSet(plain);
    const request = requestOf(randomRequest(roll));
    const { decision, statements, changes, message } = explain(request, policies);
    assert.deepEqual(decision, evaluate(request, policies));
    const denies = statements.filter(({ effect, applies }) => effect === "Deny" && applies);
    if (decision.decision === "explicitDeny") assert.ok(denies.length > 0, JSON.stringify(plain));
    if (decision.decision === "allow") {
      assert.equal(message, undefined);
      const granting = statements.some(({ effect, applies }) => effect === "Allow" && applies);
      assert.ok(granting || request.principal.type === "root", JSON.stringify(plain));
    } else {
      assert.ok((message ?? "").length > 0);
      assert.ok(changes.length > 0, JSON.stringify({ plain, request }));
    }
  }
});
