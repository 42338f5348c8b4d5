import assert from "node:assert/strict";
import { test } from "node:test";
import { createSigningKeys, deriveSigningKey } from "./signing-key.ts";

const scope = { day: "20150830", region: "us-east-1", service: "iam" };
const owner = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "one" };
const bytes = (key: ReturnType<typeof deriveSigningKey>): string => key.export().toString("hex");

test("the key of the documentation's example comes out", () => {
  const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  assert.equal(
    bytes(deriveSigningKey(secret, scope)),
    "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9",
  );
});

test("a key is derived once per owner and scope", () => {
  const keys = createSigningKeys(10);
  const first = keys.get(owner, scope);
  assert.equal(keys.get({ ...owner }, { ...scope }), first);
  for (const other of [{ day: "20150831" }, { region: "eu-west-1" }, { service: "sts" }]) {
    assert.notEqual(bytes(keys.get(owner, { ...scope, ...other })), bytes(first));
  }
  assert.equal(keys.size(), 4);
});

test("a changed secret never meets the old key, nor the old secret the new one", () => {
  const keys = createSigningKeys(10);
  const changed = { ...owner, secretAccessKey: "two" };
  for (const one of [owner, changed, owner, changed]) {
    assert.equal(bytes(keys.get(one, scope)), bytes(deriveSigningKey(one.secretAccessKey, scope)));
  }
  assert.equal(keys.size(), 1);
});

test("the keys unused for longest make room", () => {
  const keys = createSigningKeys(3);
  const owned = (id: number) => ({ accessKeyId: `AKID${id}`, secretAccessKey: `secret ${id}` });
  const [first, second] = [keys.get(owned(1), scope), keys.get(owned(2), scope)];
  for (let id = 3; id < 50; id += 1) {
    keys.get(owned(id), scope);
    assert.equal(keys.get(owned(1), scope), first, "a key in use stays");
    assert.ok(keys.size() <= 3);
  }
  assert.notEqual(keys.get(owned(2), scope), second);
});

test("scopes that read alike when written down are different scopes", () => {
  const keys = createSigningKeys(10);
  const one = keys.get(owner, { day: "20150830", region: "a", service: "bc" });
  const two = keys.get(owner, { day: "20150830", region: "ab", service: "c" });
  assert.notEqual(bytes(one), bytes(two));
});
