import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { contentAnswer } from "./page-content.ts";
import { routePage } from "./page-route.ts";

async function* nothing(): AsyncGenerator<Uint8Array> {}

function headersOf(fileName: string, mimeType = "text/html") {
  return contentAnswer({ mimeType, fileName, body: nothing() }).headers;
}

describe("the answer with a document", () => {
  test("is saved, not shown: what it holds never runs as this server's own", () => {
    const headers = headersOf("page.html");
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    assert.equal(headers["content-disposition"], "attachment; filename*=UTF-8''page.html");
    assert.equal(
      headers["content-security-policy"],
      "sandbox; default-src 'none'; frame-ancestors 'none'",
    );
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.equal(headersOf("a", "application/json")["content-type"], "application/json");
    assert.equal(headersOf("a", "application/pdf")["content-type"], "application/pdf");
  });

  test("has a name that can neither end the header nor leave the folder", () => {
    const cases: readonly (readonly [string, string])[] = [
      ["Übersicht 1.pdf", "%C3%9Cbersicht%201.pdf"],
      ['a"; x="b', "a%22%3B%20x%3D%22b"],
      ["a\r\nset-cookie: b", "a__set-cookie%3A%20b"],
      ["../..\\x", ".._.._x"],
      ["it's (a) *", "it%27s%20%28a%29%20%2A"],
      ["\ud800", "%EF%BF%BD"],
      ["", "document"],
      [`${"x".repeat(500)}.txt`, `${"x".repeat(196)}.txt`],
    ];
    for (const [name, encoded] of cases) {
      const expected = `attachment; filename*=UTF-8''${encoded}`;
      assert.equal(headersOf(name)["content-disposition"], expected, JSON.stringify(name));
    }
  });

  test("without a document says that the address is over", () => {
    const { status, body } = contentAnswer(undefined);
    assert.equal(status, 404);
    assert.match(String(body), /expired/);
  });
});

test("an address has one segment of letters that need no escape", () => {
  assert.deepEqual(routePage("/content/abc_-9?x=y"), { kind: "content", token: "abc_-9" });
  for (const target of ["/content", "/content/", "/content/a/b", "/content/a%20", "/content/.."]) {
    assert.deepEqual(routePage(target), { kind: "missing" }, target);
  }
  assert.deepEqual(routePage(`/content/${"x".repeat(201)}`), { kind: "missing" });
  assert.equal(routePage("/contents"), undefined);
});
