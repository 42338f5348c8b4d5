import assert from "node:assert/strict";
import { test } from "node:test";
import { issuersOf } from "./check-issuers.ts";
import type { WrittenSettings } from "./gather-settings.ts";

function written(...values: readonly string[]): WrittenSettings {
  return new Map([["oidc-issuers", { values, from: "--oidc-issuer", base: "/" }]]);
}

test("an issuer's URL stays as it is written, since tokens repeat it", () => {
  assert.deepEqual(issuersOf(new Map()), {});
  const issuers = issuersOf(
    written("id.example.com/people=http://127.0.0.1:9000", "tenant/=https://id.example.com/t=1/"),
  );
  assert.deepEqual(issuers, {
    "id.example.com/people": "http://127.0.0.1:9000",
    "tenant/": "https://id.example.com/t=1/",
  });
});

test("what is no name with an address is refused in one line", () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [["https://id.example.com"], /write NAME=URL/],
    [["=https://id.example.com"], /write NAME=URL/],
    [["a b=https://id.example.com"], /write NAME=URL/],
    [["id="], /must be an http or https URL/],
    [["id=ldap://id.example.com"], /must be an http or https URL/],
    [[`id=https://${"x".repeat(2100)}`], /must be an http or https URL/],
    [["id=https://me:secret@id.example.com"], /must not hold credentials/],
    [["id=https://id.example.com/?a=1"], /must not have a query/],
    [["id=https://a.example", "id=https://b.example"], /names id twice/],
  ];
  for (const [values, message] of rows) {
    assert.throws(() => issuersOf(written(...values)), message);
    assert.throws(
      () => issuersOf(written(...values)),
      (error: Error) => !error.message.includes("secret") && !error.message.includes("\n"),
    );
  }
});
