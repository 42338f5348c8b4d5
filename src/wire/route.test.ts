import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { operations } from "../contract/contract.ts";
import type { OperationName } from "../contract/contract.ts";
import { route } from "./route.ts";

/** The obvious router: compare with every operation's path, one after the other. */
function plainRoute(method: string, target: string): OperationName | undefined {
  const [path = "", ...rest] = target.split("?");
  const keys = rest
    .join("?")
    .split("&")
    .map((part) => part.split("=")[0]);
  const matches = Object.entries(operations).filter(([, operation]) => {
    const wanted = operation.path.split("/");
    const got = path.split("/");
    const isHere = wanted.every((part, index) => part.startsWith("{") || part === got[index]);
    const hasQuery = operation.query === undefined || keys.includes(operation.query);
    return isHere && wanted.length === got.length && operation.method === method && hasQuery;
  });
  const best = matches.find(([, { query }]) => query !== undefined) ?? matches[0];
  return best?.[0] as OperationName | undefined;
}

test("each operation is found by its own method and path, with its labels", () => {
  let count = 0;
  for (const [name, { method, path, query }] of Object.entries(operations)) {
    const target = path.replaceAll(/\{(\w+)\}/g, "v-$1") + (query === undefined ? "" : `?${query}`);
    const found = route(method, target);
    assert.equal(found?.operation, name);
    const labels = [...path.matchAll(/\{(\w+)\}/g)].map(([, label]) => [label, `v-${label}`]);
    assert.deepEqual(found?.labels, Object.fromEntries(labels));
    count += 1;
  }
  assert.equal(count, 83);
});

test("the router agrees with a comparison of all paths on random targets", () => {
  const words = new Set(Object.values(operations).flatMap(({ path }) => path.split("/")));
  const segment = fc.oneof(
    fc.constantFrom(...words).map((word) => (word.startsWith("{") ? "some-id" : word)),
    fc.constantFrom("", "..", "%2F", "a%20b"),
  );
  const target = fc
    .tuple(
      fc.array(segment, { maxLength: 8 }),
      fc.constantFrom("", "?sync", "?a=1&sync=", "?syncs=1", "?"),
    )
    .map(([segments, query]) => `/${segments.join("/")}${query}`);
  const method = fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD");
  fc.assert(
    fc.property(method, target, (m, t) => {
      assert.equal(route(m, t)?.operation, plainRoute(m, t));
    }),
    { numRuns: 2000 },
  );
});

test("the key sync tells ChatSync from Chat, with and without an equals sign", () => {
  const path = "/applications/a/conversations";
  assert.equal(route("POST", path)?.operation, "Chat");
  for (const query of ["?sync", "?sync=", "?sync=true", "?userId=u&sync", "?%73ync"]) {
    assert.equal(route("POST", path + query)?.operation, "ChatSync", query);
  }
  for (const query of ["?", "?Sync", "?a=sync", "?syncs"]) {
    assert.equal(route("POST", path + query)?.operation, "Chat", query);
  }
});

test("labels are decoded exactly once, and stay one segment whatever they hold", () => {
  const document = (label: string): string | undefined =>
    route("GET", `/applications/a/index/i/documents/${label}/content`)?.labels["documentId"];
  assert.equal(document(".."), "..");
  assert.equal(document("."), ".");
  assert.equal(document("s3%3A%2F%2Fb%2Fa%20x.pdf"), "s3://b/a x.pdf");
  assert.equal(document("100%2525"), "100%25");
  assert.equal(document("a+b"), "a+b");
  assert.equal(document("%F0%9F%98%80"), "😀");
  assert.equal(document("a/b"), undefined);
});

test("dot segments and doubled slashes are not folded away", () => {
  assert.equal(route("GET", "/applications/../applications"), undefined);
  assert.equal(route("GET", "//applications"), undefined);
  assert.equal(route("GET", "/applications/a/indices/..")?.labels["indexId"], "..");
});

test("an empty segment is an empty label, for the decoder to refuse", () => {
  assert.deepEqual(route("GET", "/applications/")?.labels, { applicationId: "" });
});

test("query keys repeat, decode once, and keep a plus sign", () => {
  const query = route("GET", "/applications?a=1&a=2&b=x+y&c=%2B%20%2525&d&=e&&a=")?.query;
  assert.deepEqual(Object.fromEntries(query ?? []), {
    "": ["e"],
    a: ["1", "2", ""],
    b: ["x+y"],
    c: ["+ %25"],
    d: [""],
  });
});

test("a broken percent escape is marked, not thrown", () => {
  for (const target of [
    "/applications/%",
    "/applications/%zz",
    "/applications/%ff",
    "/applications/a?x=%",
  ]) {
    assert.equal(route("GET", target)?.isMalformed, true, target);
  }
  assert.equal(route("GET", "/applications/a?x=%20")?.isMalformed, false);
});

test("what is no operation has no route", () => {
  for (const [method, target] of [
    ["GET", "/"],
    ["GET", ""],
    ["GET", "*"],
    ["OPTIONS", "/applications"],
    ["GET", "http://host/applications"],
    ["GET", `/applications?${"a".repeat(70_000)}`],
    ["constructor", "/applications"],
    ["GET", "/__proto__"],
  ] as const) {
    assert.equal(route(method, target), undefined, target.slice(0, 40));
  }
});

test("no text makes the router throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      route("GET", text);
      route("POST", `/applications/${text}`);
    }),
  );
});
