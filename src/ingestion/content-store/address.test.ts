import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { type ContentClaims, readContentToken, writeContentToken } from "./address.ts";

const key = randomBytes(32);
const now = new Date(1_767_312_000_000);
const expiresAt = new Date(now.getTime() + 300_000);
const claims: ContentClaims = { documentKey: 17, version: 3, form: "RAW", expiresAt };

test("a token says what it was made of, until it expires", () => {
  const token = writeContentToken(claims, key);
  assert.match(token, /^[a-zA-Z0-9_-]{60,200}$/);
  assert.deepEqual(readContentToken(token, key, now), claims);
  const last = new Date(expiresAt.getTime() - 1);
  assert.deepEqual(readContentToken(token, key, last), claims);
  assert.equal(readContentToken(token, key, expiresAt), undefined);
});

test("the largest claims fit", () => {
  const largest = { ...claims, documentKey: Number.MAX_SAFE_INTEGER, version: 2 ** 31 };
  const token = writeContentToken({ ...largest, form: "EXTRACTED" }, key);
  assert.deepEqual(readContentToken(token, key, now), { ...largest, form: "EXTRACTED" });
});

test("no other text opens anything: not one letter, another key, another purpose, another spelling", () => {
  const token = writeContentToken(claims, key);
  assert.equal(readContentToken(token, randomBytes(32), now), undefined);
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === "x" ? "y" : "x";
    const changed = token.slice(0, index) + other + token.slice(index + 1);
    assert.equal(readContentToken(changed, key, now), undefined, changed);
  }
  for (const other of ["", "a", `${token}=`, `${token}A`, ` ${token}`, token.repeat(3)]) {
    assert.equal(readContentToken(other, key, now), undefined, other);
  }
  // As the tokens of lists are signed, with the same key.
  const payload = Buffer.from(JSON.stringify([17, 3, "RAW", expiresAt.getTime()]));
  const mac = createHmac("sha256", key).update(payload).digest();
  const forged = Buffer.concat([mac, payload]).toString("base64url");
  assert.equal(readContentToken(forged, key, now), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64url");
      assert.equal(readContentToken(text, key, now), undefined);
    }),
  );
});
