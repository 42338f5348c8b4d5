import assert from "node:assert/strict";
import { test } from "node:test";
import { contextKeysOf } from "./context-keys.ts";
import { parsePolicy } from "./parse-policy.ts";

function keysOf(text: string): readonly string[] {
  const parsing = parsePolicy(text, { kind: "identity", takesOldVersions: true });
  assert.ok(parsing.ok);
  return contextKeysOf(parsing.policy);
}

const allow = { Effect: "Allow", Action: "*", Resource: "*" };
const of = (statement: object, Version = "2012-10-17"): readonly string[] =>
  keysOf(JSON.stringify({ Version, Statement: { ...allow, ...statement } }));

test("keys come from conditions and from variables, each once whatever its spelling", () => {
  const Condition = {
    StringEquals: { "aws:ResourceTag/Team": "${aws:PrincipalTag/team}", "AWS:username": "a" },
    Null: { "aws:resourcetag/team": "false" },
  };
  const Resource = ["arn:aws:s3:::${aws:username}/${s3:prefix, 'x'}${*}"];
  assert.deepEqual(of({ Condition, Resource }), [
    "aws:ResourceTag/Team",
    "aws:principaltag/team",
    "AWS:username",
    "s3:prefix",
  ]);
});

test("old versions have no variables", () => {
  assert.deepEqual(of({ Resource: "arn:aws:s3:::${aws:username}" }, "2008-10-17"), []);
  assert.deepEqual(of({}), []);
});

test("escapes in the document hide no key", () => {
  const condition = '{"StringEquals":{"aws\\u003aResource\\u0054ag/team":"red"}}';
  const statement = `{"Effect":"Deny","Action":"*","Resource":"*","Condition":${condition}}`;
  const found = keysOf(`{"Version":"2012-10-17","Statement":${statement}}`);
  assert.deepEqual(found, ["aws:ResourceTag/team"]);
});
