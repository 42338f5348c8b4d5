import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { canonicalEmail } from "./email.ts";

test("S11: case and sub-address do not tell people apart", () => {
  const rows: readonly [string, string][] = [
    ["foo+tag@X.com", "foo@x.com"],
    ["JohnDoe@x.com", "johndoe@x.com"],
    ["johndoe+work+more@x.com", "johndoe@x.com"],
    ["john.doe@x.com", "john.doe@x.com"],
    ["+a@x.com", "+a@x.com"],
    ["a@x+y.com", "a@x+y.com"],
    ["a@b@c", "a@b@c"],
    ["@x.com", "@x.com"],
    ["A@", "A@"],
    ["Finance", "Finance"],
    ["E\u0301va@x.com", "\u00e9va@x.com"],
    ["", ""],
  ];
  for (const [address, canonical] of rows)
    assert.equal(canonicalEmail(address), canonical, address);
});

test("the canonical form of a canonical form is itself", () => {
  const address = fc
    .tuple(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }))
    .map((parts) => parts.join("@"));
  fc.assert(
    fc.property(address, (one) =>
      assert.equal(canonicalEmail(canonicalEmail(one)), canonicalEmail(one)),
    ),
    { numRuns: 500 },
  );
});
