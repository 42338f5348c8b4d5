import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalPath, canonicalQuery, splitTarget } from "./target.ts";

const general: readonly (readonly [wire: string, canonical: string])[] = [
  ["/", "/"],
  ["", "/"],
  ["//", "/"],
  ["/./", "/"],
  ["/..", "/"],
  ["/../../a", "/a"],
  ["/a/..", "/"],
  ["/a/b/..", "/a"],
  ["/a/b/../", "/a/"],
  ["/a//b///", "/a/b/"],
  ["/.hidden", "/.hidden"],
  ["/a/...", "/a/..."],
  ["/%2e%2e/a", "/%252e%252e/a"],
  ["/v1/tags/arn%3Aaws%3Aqbusiness", "/v1/tags/arn%253Aaws%253Aqbusiness"],
  ["/users/a%2Bb%40x.org", "/users/a%252Bb%2540x.org"],
  ["/a b", "/a%20b"],
  ["/a!(b)*'", "/a%21%28b%29%2A%27"],
];

for (const [wire, canonical] of general) {
  test(`the general path of ${wire || "nothing"} is ${canonical}`, () => {
    assert.equal(canonicalPath(splitTarget(wire).path, "general"), canonical);
  });
}

test("an S3 path is neither folded nor encoded twice", () => {
  assert.equal(canonicalPath("/a//b/../%20c/./", "s3"), "/a//b/../%20c/./");
  assert.equal(canonicalPath("/%c3%a9~%7E(1)", "s3"), "/%C3%A9~~%281%29");
});

const queries: readonly (readonly [wire: string, canonical: string])[] = [
  ["", ""],
  ["&&", ""],
  ["sync", "sync="],
  ["sync=", "sync="],
  ["=x", "=x"],
  ["b=2&a=1", "a=1&b=2"],
  ["a=2&a=1&a=", "a=&a=1&a=2"],
  ["a-b=1&a=1", "a=1&a-b=1"],
  ["a=b=c", "a=b%3Dc"],
  ["a=b+c%20d", "a=b%2Bc%20d"],
  ["%61=%c3%a9", "a=%C3%A9"],
  ["B=1&a=1", "B=1&a=1"],
  ["a=1?b=2", "a=1%3Fb%3D2"],
  ["a=%", "a=%25"],
  ["a=/", "a=%2F"],
];

for (const [wire, canonical] of queries) {
  test(`the query ${wire || "of nothing"} is signed as ${canonical || "nothing"}`, () => {
    assert.equal(canonicalQuery(splitTarget(`/?${wire}`).query, []), canonical);
  });
}

test("only the parameter of that very name is left out of a query", () => {
  const { query } = splitTarget("/?X-Amz-Signature=1&x-amz-signature=2&X%2DAmz-Signature=3");
  assert.equal(canonicalQuery(query, ["X-Amz-Signature"]), "x-amz-signature=2");
});

test("the absolute form of a target names the same path", () => {
  assert.equal(splitTarget("http://host:80/a/../b?c").path, "/a/../b");
  assert.equal(splitTarget("https://host").path, "/");
  assert.deepEqual(splitTarget("https://host?x=1").query, [["x", "1"]]);
  assert.equal(splitTarget("//host/a").path, "//host/a");
});
