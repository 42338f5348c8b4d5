import assert from "node:assert/strict";
import { test } from "node:test";
import { pagePolicy } from "./page-answer.ts";
import { plainPage } from "./page-text.ts";
import { sessionCookie } from "./web-cookie.ts";
import { isLocalVisit } from "./web-local.ts";
import { isForeign, isJson } from "./web-same-origin.ts";
import { parsePrompts } from "./web-site.ts";

const secret = "s".repeat(43);

test("a session cookie is found among others, in any number of headers", () => {
  const { read } = sessionCookie("http://127.0.0.1:8090");
  const of = (...cookies: readonly string[]): string | undefined =>
    read({ headers: cookies.map((cookie) => ["cookie", cookie] as const) });
  assert.equal(of(`quarry-session=${secret}`), secret);
  assert.equal(of("a=1; b=2", `c=3;quarry-session=${secret} ; d=4`), secret);
  assert.equal(of(`xquarry-session=${secret}`), undefined);
  assert.equal(of(`quarry-session=${secret}=`), undefined);
  assert.equal(of(`quarry-session="${secret}"`), undefined);
  assert.equal(of(), undefined);
  const https = sessionCookie("https://ask.example");
  assert.equal(https.read({ headers: [["cookie", `quarry-session=${secret}`]] }), undefined);
});

test("only somebody at this machine, by its own name, without a proxy, is local", () => {
  const url = "http://127.0.0.1:8090";
  const visit = (remoteAddress: string, host: string): boolean =>
    isLocalVisit({ remoteAddress, host, headers: [["host", host]] }, url);
  assert.ok(visit("127.0.0.1", "127.0.0.1:8090"));
  assert.ok(visit("::ffff:127.0.0.1", "localhost:8090"));
  assert.ok(visit("::1", "[::1]:8090"));
  assert.ok(visit("127.0.0.53", "localhost"));
  for (const peer of ["10.0.0.1", "128.0.0.1", "::ffff:10.0.0.1", "", "127.0.0.1.evil"]) {
    assert.ok(!visit(peer, "localhost:8090"), peer);
  }
  for (const host of ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]) {
    assert.ok(!visit("127.0.0.1", host), host);
  }
  const two = { remoteAddress: "127.0.0.1", host: "localhost" };
  const headers = [
    ["host", "localhost"],
    ["host", "evil.example"],
  ] as const;
  assert.ok(!isLocalVisit({ ...two, headers }, url));
});

test("a call is the page's own by its header, and by its origin where there is one", () => {
  const call = (headers: Readonly<Record<string, string>>, host = "ask.example"): boolean =>
    isForeign({ host, headers: Object.entries(headers) }, "https://public.example/quarry");
  const page = { "x-quarry-page": "1" };
  assert.ok(!call(page));
  assert.ok(!call({ ...page, origin: "https://public.example" }));
  assert.ok(!call({ ...page, origin: "http://ask.example" }));
  assert.ok(!call({ ...page, origin: "https://ASK.example", "sec-fetch-site": "same-origin" }));
  assert.ok(call({}));
  assert.ok(call({ "x-quarry-page": "true" }));
  assert.ok(call({ ...page, origin: "https://public.example.evil.example" }));
  assert.ok(call({ ...page, origin: "https://ask.example:444" }));
  assert.ok(call({ ...page, origin: "http://" }, ""));
  assert.ok(call({ ...page, "sec-fetch-site": "none" }));
});

test("only JSON by name is JSON", () => {
  const of = (type: string): boolean => isJson({ headers: [["content-type", type]] });
  assert.ok(of("application/json"));
  assert.ok(of("Application/JSON ; charset=utf-8"));
  for (const type of ["", "text/plain", "application/jsonp", "text/plain;application/json"]) {
    assert.ok(!of(type), type);
  }
});

test("origins that would break out of the policy are left out", () => {
  const ancestors = (...origins: readonly string[]): string =>
    pagePolicy(origins).split("frame-ancestors ")[1] ?? "";
  assert.equal(ancestors("https://a.example", "http://b:8080"), "https://a.example http://b:8080");
  assert.equal(ancestors("https://a.example; script-src *", "*", "https:"), "'none'");
  assert.equal(ancestors("https://a.example\nx: y", "https://a.example/path"), "'none'");
});

test("sample questions are read from a list or from lines, and bounded", () => {
  assert.deepEqual(parsePrompts(`["One?","Two | three?"]`), ["One?", "Two | three?"]);
  assert.deepEqual(parsePrompts(" One? | Two? ||"), ["One?", "Two?"]);
  assert.deepEqual(parsePrompts(`["One?", 2, null]`), ["One?"]);
  for (const text of ["", "[", "[1]", "|", `["${"x".repeat(201)}"]`]) {
    assert.deepEqual(parsePrompts(text), [], text);
  }
  assert.equal(parsePrompts("a|b|c|d|e|f|g|h").length, 6);
});

test("a plain page escapes what it says and finds its style from anywhere", () => {
  const html = plainPage("/web/a/b/open?x=/", { title: `<b>"&'`, paragraphs: ["<script>"] });
  assert.match(html, /<title>&lt;b&gt;&quot;&amp;&#39;<\/title>/);
  assert.match(html, /<p>&lt;script&gt;<\/p>/);
  for (const path of ["/", "/web", "/web/", "/web/a/b", "/web/a/b/", "/web/a/b/open", "/x/y/z/"]) {
    const page = plainPage(path, { title: "", paragraphs: [] });
    const href = /href="([^"]*)"/.exec(page)?.[1] ?? "none";
    const found = new URL(href, `http://host/base${path}`).pathname;
    assert.equal(found, "/base/web/assets/quarry-plain.css", path);
  }
});
