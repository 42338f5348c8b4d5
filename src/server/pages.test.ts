import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as fc from "fast-check";
import {
  bodyOf,
  cookieOf,
  indexHtml,
  jsonOf,
  ownPage,
  post,
  request,
  startTestSite,
  stateOf,
  type TestSite,
} from "./web-test-site.test.ts";

describe("the unsigned part of the port", () => {
  let site: TestSite;
  before(async () => {
    site = await startTestSite();
  });
  after(() => site[Symbol.asyncDispose]());

  test("it takes its own addresses and leaves the signed calls alone", () => {
    const { handles } = site.pages;
    const taken = ["/", "/health", "/metrics?x=1", "/web", "/web/", "/web/../x", "/favicon.ico"];
    for (const rawTarget of taken) assert.ok(handles(request(rawTarget)), rawTarget);
    const left = ["/applications", "/health/", "/webs", "/v1/tags/x", "/?Action=GetUser", "", "*"];
    for (const rawTarget of left) assert.ok(!handles(request(rawTarget)), rawTarget);
    assert.ok(!handles(request("/", { method: "POST" })), "IAM and STS are called by POST /");
    assert.ok(!handles(request("/", { headers: { authorization: "AWS4-HMAC-SHA256 …" } })));
    assert.ok(handles(request("/web/x", { headers: { authorization: "whatever" } })));
  });

  test("health, metrics and the root page answer", async () => {
    const { answer } = site.pages;
    const health = await answer(request("/health"));
    assert.equal(health.status, 200);
    assert.deepEqual(await jsonOf(health), { status: "ok" });
    const metrics = await answer(request("/metrics"));
    assert.match(String(metrics.headers["content-type"]), /^text\/plain; version=0\.0\.4/);
    const text = await bodyOf(metrics);
    assert.match(text, /quarry_requests_total\{service="page",operation="page.health"/);
    assert.match(text, /^quarry_documents 7$/m);
    const root = await answer(request("/"));
    assert.equal(root.status, 200);
    assert.match(await bodyOf(root), /Version 1\.2\.3/);
    const head = await answer(request("/health", { method: "HEAD" }));
    assert.deepEqual([head.status, await bodyOf(head)], [200, ""]);
    const wrong = await answer(request("/metrics", { method: "POST" }));
    assert.deepEqual([wrong.status, wrong.headers["allow"]], [405, "GET, HEAD"]);
  });

  test("health says so when the database does not answer", async () => {
    const broken = await startTestSite();
    await broken[Symbol.asyncDispose]();
    const answer = await broken.pages.answer(request("/health"));
    assert.equal(answer.status, 503);
    assert.equal((await jsonOf(answer))["reason"], "The database does not answer.");
  });

  test("files of the page are served from memory and for ever", async () => {
    const { answer } = site.pages;
    const file = await answer(request("/web/assets/index-abc.js?x=1"));
    assert.equal(file.status, 200);
    assert.equal(file.headers["content-type"], "text/javascript; charset=utf-8");
    assert.equal(file.headers["cache-control"], "public, max-age=31536000, immutable");
    const headers = { "if-none-match": String(file.headers["etag"]) };
    const again = await answer(request("/web/assets/index-abc.js", { headers }));
    assert.deepEqual([again.status, await bodyOf(again)], [304, ""]);
    assert.equal((await answer(request("/web/assets/quarry-open.js"))).status, 200);
    assert.equal((await answer(request("/web/assets/quarry-plain.css"))).status, 200);
  });

  test("nothing outside the folder can be named", async () => {
    const names = [
      "../index.html",
      "..%2findex.html",
      "%2e%2e/secret.txt",
      "..%5csecret.txt",
      "../secret.txt",
      "../../quarry.db",
      "../quarry.db%00.js",
      "....//secret.txt",
      "/etc/passwd",
      "index-abc.js/",
      "index-abc.js/..",
      "INDEX-ABC.JS",
      "__proto__",
      "constructor",
      "",
      "x".repeat(20_000),
    ];
    for (const name of names) {
      const answer = await site.pages.answer(request(`/web/assets/${name}`));
      assert.equal(answer.status, 404, name);
      assert.doesNotMatch(await bodyOf(answer), /visitors|SQLite|Built/);
    }
  });

  test("a site answers with the page, a strict policy and no way to be framed", async () => {
    const { path } = await site.makeSite();
    const answer = await site.pages.answer(request(path));
    assert.equal(answer.status, 200);
    assert.equal(await bodyOf(answer), indexHtml);
    assert.deepEqual(answer.headers, {
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "content-type": "text/html; charset=utf-8",
      "permissions-policy":
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
    });
  });

  test("the sites that may frame a page are those of its origins, from the next load on", async () => {
    const origins = ["https://intranet.example", "http://localhost:3000"];
    const made = await site.makeSite({ site: { origins } });
    const policyOf = async (target: string): Promise<string> => {
      const { headers } = await site.pages.answer(request(target));
      assert.equal(headers["x-frame-options"], undefined);
      return String(headers["content-security-policy"]).split("frame-ancestors ")[1] ?? "";
    };
    assert.equal(await policyOf(made.path), "https://intranet.example http://localhost:3000");
    assert.equal(await policyOf(`${made.path}/open?token=x`), origins.join(" "));
    const { applicationId, webExperienceId } = made;
    await site.api("UpdateWebExperience", { applicationId, webExperienceId, origins: [] });
    assert.equal(await policyOf(made.path), "'none'");
  });

  test("the address with a slash at its end leads to the one without", async () => {
    const { path, webExperienceId } = await site.makeSite();
    const answer = await site.pages.answer(request(`${path}/?token=secret`));
    assert.deepEqual([answer.status, answer.headers["location"]], [303, `../${webExperienceId}`]);
    assert.equal(
      new URL(`../${webExperienceId}`, `http://x/base${path}/`).pathname,
      `/base${path}`,
    );
  });

  test("unknown sites, sites of other applications and other addresses are not there", async () => {
    const one = await site.makeSite();
    const other = await site.makeSite();
    const none = "00000000-0000-4000-8000-000000000000";
    for (const [target, title] of [
      [`/web/${one.applicationId}/${none}`, /This site does not exist/],
      [`/web/${other.applicationId}/${one.webExperienceId}`, /This site does not exist/],
      [`/web/${one.applicationId}/${none}/open?token=x`, /This site does not exist/],
      [`/web/${one.applicationId}`, /Nothing here/],
      [`${one.path}/other`, /Nothing here/],
      [`${one.path}//`, /Nothing here/],
      [`${one.path}/%63hat`, /Nothing here/],
      [`/web/<script>/x`, /Nothing here/],
      ["/web", /Nothing here/],
    ] as const) {
      const answer = await site.pages.answer(request(target));
      assert.equal(answer.status, 404, target);
      assert.match(await bodyOf(answer), title);
      assert.doesNotMatch(await bodyOf(answer), /<script>/);
    }
  });

  test("a page of another method says which one there is", async () => {
    const { path } = await site.makeSite();
    for (const [target, method, allowed] of [
      [path, "POST", "GET, HEAD"],
      [`${path}/chat`, "GET", "POST"],
      [`${path}/feedback`, "PUT", "POST"],
      [`${path}/state`, "POST", "GET, HEAD"],
      [`${path}/open`, "DELETE", "GET, HEAD, POST"],
    ] as const) {
      const answer = await site.pages.answer(request(target, { method }));
      assert.deepEqual([answer.status, answer.headers["allow"]], [405, allowed], target);
    }
  });

  test("every answer carries the security headers, and no log line a token", async () => {
    const made = await site.makeSite();
    const token = await site.mintToken(made);
    const cookie = await site.open(made);
    const answers = [
      await site.pages.answer(request(`${made.path}/open?token=${token}`)),
      await site.pages.answer(post(`${made.path}/open`, { token })),
      await site.pages.answer(post(`${made.path}/open`, { token })),
      await site.pages.answer(stateOf(made.path, cookie)),
      await site.pages.answer(post(`${made.path}/chat`, { message: "secret words" }, cookie)),
      await site.pages.answer(request("/web/assets/none.js")),
      await site.pages.answer(request("/health")),
    ];
    for (const { headers } of answers) {
      assert.equal(headers["referrer-policy"], "no-referrer");
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["cache-control"], "no-store");
      assert.match(String(headers["content-security-policy"]), /^default-src 'none'/);
    }
    const log = JSON.stringify(site.logged);
    assert.match(log, /"operation":"page\.chat"/);
    assert.ok(!log.includes(token));
    assert.ok(!log.includes("secret words"));
    assert.ok(!log.includes(cookie.split("=")[1] ?? "none"));
  });

  test("too many visits wait, with a time; the health check does not", async () => {
    const { path } = await site.makeSite();
    const remoteAddress = "198.51.100.9";
    const statuses: number[] = [];
    for (let visits = 0; visits < 125; visits += 1) {
      const { status, headers } = await site.pages.answer(request(path, { remoteAddress }));
      statuses.push(status);
      if (status === 429) assert.equal(headers["retry-after"], "1");
    }
    assert.equal(statuses.indexOf(429), 120);
    assert.equal((await site.pages.answer(request("/health", { remoteAddress }))).status, 200);
    assert.equal((await site.pages.answer(request(path))).status, 200, "others are not affected");
  });

  test("a page that is not built says how to build it", async () => {
    await using unbuilt = await startTestSite({ pageFolder: "/nonexistent/quarry-page" });
    const { path } = await unbuilt.makeSite();
    const answer = await unbuilt.pages.answer(request(path));
    assert.equal(answer.status, 503);
    assert.match(await bodyOf(answer), /npm run build/);
    assert.equal((await unbuilt.pages.answer(request(`${path}/open`))).status, 200);
  });

  test("a failure of the server itself is a page without insides", async () => {
    await using broken = await startTestSite({
      gauges: () => {
        throw new Error("secret reason");
      },
    });
    const answer = await broken.pages.answer(request("/metrics"));
    assert.equal(answer.status, 500);
    assert.doesNotMatch(await bodyOf(answer), /secret/);
    assert.match(JSON.stringify(broken.logged), /secret reason/);
  });

  test("no target, method or header makes an answer fail", async () => {
    const { path } = await site.makeSite();
    const starts = ["/web/", `${path}/`, `${path}/open?token=`, "/web/assets/", "/metrics?", "/"];
    const given = fc.record({
      start: fc.constantFrom(...starts),
      end: fc.string({ unit: "binary", maxLength: 40 }),
      method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "OPTIONS", "", "get"),
      name: fc.constantFrom("cookie", "origin", "x-quarry-page", "content-type", "x-forwarded-for"),
      value: fc.string({ unit: "binary", maxLength: 60 }),
      body: fc.string({ maxLength: 60 }),
    });
    let visitor = 0;
    await fc.assert(
      fc.asyncProperty(given, async ({ start, end, method, name, value, body }) => {
        const headers = { ...ownPage, "content-type": "application/json", [name]: value };
        visitor += 1;
        const remoteAddress = `203.0.113.${visitor % 250}`;
        const asked = request(start + end, { method, headers, body, remoteAddress });
        const { status } = await site.pages.answer(asked);
        assert.ok(status >= 200 && status < 500, `${status} for ${method} ${start}${end}`);
      }),
      { numRuns: 200 },
    );
  });

  test("foreign pages may call nothing", async () => {
    const made = await site.makeSite();
    const cookie = await site.open(made);
    const evil = [
      { "content-type": "application/json", cookie },
      { ...ownPage, "content-type": "application/json", cookie, origin: "https://evil.example" },
      { ...ownPage, "content-type": "application/json", cookie, origin: "null" },
      { ...ownPage, "content-type": "application/json", cookie, "sec-fetch-site": "cross-site" },
      { ...ownPage, "content-type": "application/json", cookie, "sec-fetch-site": "same-site" },
    ];
    for (const part of ["chat", "feedback", "open"]) {
      for (const headers of evil) {
        const given = { method: "POST", headers, body: `{"message":"x","token":"x"}` };
        const answer = await site.pages.answer(request(`${made.path}/${part}`, given));
        assert.equal(answer.status, 403, part);
        assert.equal(cookieOf(answer), "");
      }
    }
    const state = request(`${made.path}/state`, { headers: { cookie } });
    assert.equal((await site.pages.answer(state)).status, 403);
  });
});
