import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodePageToken, encodePageToken } from "./page-token.ts";

const key = Buffer.from("a secret of this server");
const place = { scope: "ListIndices:app", position: "2026-01-02T03:04:05Z/id" };

test("a token gives back its list and position", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 30 });
  fc.assert(
    fc.property(text, text, (scope, position) => {
      const token = encodePageToken({ scope, position }, key);
      assert.match(token, /^[A-Za-z0-9_-]+$/);
      assert.deepEqual(decodePageToken(token, key), { scope, position });
    }),
  );
});

test("a token with any character changed, added or taken away is nothing", () => {
  const token = encodePageToken(place, key);
  for (let at = 0; at < token.length; at += 1) {
    for (const other of ["A", "B", "_", "=", "+", " ", ""]) {
      const altered = token.slice(0, at) + other + token.slice(at + 1);
      if (altered !== token)
        assert.equal(decodePageToken(altered, key), undefined, `${at} ${other}`);
    }
  }
  for (const altered of [
    `${token}A`,
    `${token}=`,
    ` ${token}`,
    token + token,
    "",
    "A",
    "=".repeat(800),
  ]) {
    assert.equal(decodePageToken(altered, key), undefined);
  }
});

test("another server's token is nothing", () => {
  assert.equal(decodePageToken(encodePageToken(place, Buffer.from("other")), key), undefined);
});

test("no text makes decoding throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 150 }), (text) => {
      assert.equal(decodePageToken(text, key), undefined);
    }),
  );
});

test("a token stays within 800 characters; a longer position is a bug", () => {
  const longest = { scope: "s", position: "p".repeat(576) };
  assert.equal(encodePageToken(longest, key).length, 800);
  const longer = { scope: "s", position: "p".repeat(577) };
  assert.throws(() => encodePageToken(longer, key), { code: "ERR_ASSERTION" });
});
