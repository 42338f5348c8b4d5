import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { seal, unseal } from "./sealing.ts";
import { readSessionToken, type SessionClaims, writeSessionToken } from "./session-token.ts";

const key = randomBytes(32);

test("what was sealed opens again, for its purpose and with its key only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (text, purpose) => {
      const whole = text.toWellFormed();
      const sealed = seal(key, purpose, whole);
      assert.equal(unseal(key, purpose, sealed), whole);
      assert.equal(unseal(key, `${purpose}x`, sealed), undefined);
      assert.equal(unseal(randomBytes(32), purpose, sealed), undefined);
      assert.notEqual(seal(key, purpose, whole), sealed);
    }),
  );
});

test("a seal that was altered in any place does not open", () => {
  const sealed = seal(key, "p", "some text of several bytes");
  const others = ["A", "B", "-", "=", "é", ""];
  for (let at = 0; at < sealed.length; at += 1) {
    for (const other of others) {
      const altered = sealed.slice(0, at) + other + sealed.slice(at + 1);
      if (altered === sealed) continue;
      assert.equal(unseal(key, "p", altered), undefined, altered);
    }
  }
  for (const text of ["", "v1.", "v1.AAAA", `${sealed}A`, `${sealed}=`, sealed.slice(3)]) {
    assert.equal(unseal(key, "p", text), undefined, text);
  }
});

test("a session token says what was written, and is not read as anything else", () => {
  const claims: SessionClaims = {
    accessKeyId: "ASIAEXAMPLE",
    secretAccessKey: "secret",
    roleId: "AROAEXAMPLE",
    sessionName: "session",
    issuedAt: new Date(1_700_000_000_000),
    expiresAt: new Date(1_700_003_600_000),
    policy: "{}",
    policyArns: ["arn:aws:iam::123456789012:policy/P"],
    // A tag may have any name.
    tags: Object.fromEntries([["__proto__", "x"]]),
    transitiveTagKeys: ["__proto__"],
    sourceIdentity: "alice",
  };
  const token = writeSessionToken(key, claims);
  assert.deepEqual(readSessionToken(key, token), claims);
  assert.ok(!token.includes("secret"));
  assert.equal(readSessionToken(key, seal(key, "access key", "{}")), undefined);
  assert.equal(readSessionToken(key, ""), undefined);
});
