import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  bodyOf,
  cookieOf,
  jsonOf,
  post,
  request,
  startTestSite,
  stateOf,
  type TestSite,
} from "./web-test-site.test.ts";

describe("one-time links and sessions", () => {
  let site: TestSite;
  before(async () => {
    site = await startTestSite();
  });
  after(() => site[Symbol.asyncDispose]());

  test("a link opens one session, whose cookie scripts cannot read", async () => {
    const made = await site.makeSite();
    const token = await site.mintToken(made, 15);
    const opened = await site.pages.answer(post(`${made.path}/open`, { token }));
    assert.deepEqual(
      [opened.status, opened.headers["location"]],
      [303, `../${made.webExperienceId}`],
    );
    assert.match(
      String(opened.headers["set-cookie"]),
      new RegExp(
        `^quarry-session=[\\w-]{43}; Path=${made.path}; Max-Age=900; HttpOnly; SameSite=Strict$`,
      ),
    );
    const state = await jsonOf(await site.pages.answer(stateOf(made.path, cookieOf(opened))));
    assert.equal(state["title"], "Ask Pellwick");
    assert.equal(state["applicationName"], "Pellwick");
    const again = await site.pages.answer(post(`${made.path}/open`, { token }));
    assert.equal(again.status, 410);
    assert.match(await bodyOf(again), /A fresh link is needed/);
    assert.equal(cookieOf(again), "");
  });

  test("of two that open a link at once, one gets the session", async () => {
    const made = await site.makeSite();
    for (let rounds = 0; rounds < 5; rounds += 1) {
      const token = await site.mintToken(made);
      const answers = await Promise.all(
        [1, 2, 3].map(() => site.pages.answer(post(`${made.path}/open`, { token }))),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 410, 410]);
    }
  });

  test("fetching a link, as prefetchers and scanners do, does not use it up", async () => {
    const made = await site.makeSite();
    const token = await site.mintToken(made);
    const target = `${made.path}/open?token=${token}`;
    for (const method of ["GET", "HEAD", "GET"]) {
      const answer = await site.pages.answer(request(target, { method }));
      assert.equal(answer.status, 200);
      assert.ok(!(await bodyOf(answer)).includes(token), "the page does not repeat the token");
    }
    const opened = await site.pages.answer(post(`${made.path}/open`, { token }));
    assert.equal(opened.status, 303);
  });

  test("a link that nobody opened for five minutes is over", async () => {
    const made = await site.makeSite();
    const [early, late] = [await site.mintToken(made), await site.mintToken(made)];
    site.pass(5);
    assert.equal(
      (await site.pages.answer(post(`${made.path}/open`, { token: early }))).status,
      303,
    );
    site.pass(0.01);
    assert.equal((await site.pages.answer(post(`${made.path}/open`, { token: late }))).status, 410);
  });

  test("a link opens its own site only, and is not used up at another", async () => {
    const [one, other] = [await site.makeSite(), await site.makeSite()];
    const token = await site.mintToken(one);
    assert.equal((await site.pages.answer(post(`${other.path}/open`, { token }))).status, 410);
    assert.equal((await site.pages.answer(post(`${one.path}/open`, { token }))).status, 303);
  });

  test("what is no token opens nothing", async () => {
    const made = await site.makeSite();
    for (const token of [undefined, null, 1, "", "x".repeat(43), "x".repeat(60_000), ["x"], {}]) {
      const answer = await site.pages.answer(post(`${made.path}/open`, { token }));
      assert.equal(answer.status, 410, String(token));
    }
    const tooLarge = await site.pages.answer(post(`${made.path}/open`, { token: "x".repeat(7e4) }));
    assert.equal(tooLarge.status, 413);
    const noJson = await site.pages.answer(post(`${made.path}/open`, "token=x"));
    assert.equal(noJson.status, 400);
  });

  test("the link of a site that was deleted since says that the site is gone", async () => {
    const made = await site.makeSite();
    const { applicationId, webExperienceId, path } = made;
    const token = await site.mintToken(made);
    await site.api("DeleteWebExperience", { applicationId, webExperienceId });
    const opened = await site.pages.answer(post(`${path}/open`, { token }));
    assert.equal(opened.status, 404);
    assert.match(await bodyOf(opened), /This site does not exist/);
  });

  test("a session lasts from its opening for the time asked for, used or not", async () => {
    const made = await site.makeSite();
    const token = await site.mintToken(made, 15);
    site.pass(4);
    const cookie = cookieOf(await site.pages.answer(post(`${made.path}/open`, { token })));
    site.pass(14.9);
    assert.equal((await site.pages.answer(stateOf(made.path, cookie))).status, 200);
    site.pass(0.1);
    for (const asked of [
      stateOf(made.path, cookie),
      post(`${made.path}/chat`, { message: "Still there?" }, cookie),
    ]) {
      const over = await site.pages.answer(asked);
      assert.equal(over.status, 401);
      assert.equal((await jsonOf(over)).error?.name, "ExpiredSession");
    }
  });

  test("a session of one site is none at another; strangers and forgers have none", async () => {
    const [one, other] = [await site.makeSite(), await site.makeSite()];
    const cookie = await site.open(one);
    const bad = [
      "",
      "quarry-session=",
      `quarry-session=${"x".repeat(43)}`,
      "other=1",
      cookie + "x",
    ];
    assert.equal((await site.pages.answer(stateOf(other.path, cookie))).status, 401);
    for (const text of bad) {
      assert.equal((await site.pages.answer(stateOf(one.path, text))).status, 401, text);
    }
    assert.equal((await site.pages.answer(stateOf(one.path, `a=b; ${cookie}`))).status, 200);
  });

  test("a session outlives its site; a visit without one finds nothing", async () => {
    const made = await site.makeSite();
    const { applicationId, webExperienceId, path } = made;
    const cookie = await site.open(made);
    await site.api("DeleteWebExperience", { applicationId, webExperienceId });
    const page = await site.pages.answer(request(path, { headers: { cookie } }));
    assert.equal(page.status, 200);
    assert.match(String(page.headers["content-security-policy"]), /frame-ancestors 'none'$/);
    const state = await site.pages.answer(stateOf(path, cookie));
    assert.equal((await jsonOf(state))["applicationName"], "Pellwick");
    const chat = await site.pages.answer(post(`${path}/chat`, { message: "Hello?" }, cookie));
    assert.equal(chat.status, 200);
    assert.equal((await site.pages.answer(request(path))).status, 404);
  });

  test("opening is slowed down for who tries links out", async () => {
    const made = await site.makeSite();
    const tries = Array.from({ length: 31 }, () => ({
      ...post(`${made.path}/open`, { token: "x".repeat(43) }),
      remoteAddress: "198.51.100.44",
    }));
    const statuses: number[] = [];
    for (const tried of tries) statuses.push((await site.pages.answer(tried)).status);
    assert.deepEqual(statuses.slice(29), [410, 429]);
  });

  test("over https the cookie also works in frames of other sites", async () => {
    await using secure = await startTestSite({ publicUrl: "https://ask.example/quarry" });
    const made = await secure.makeSite();
    const token = await secure.mintToken(made);
    const opened = await secure.pages.answer(post(`${made.path}/open`, { token }));
    assert.match(
      String(opened.headers["set-cookie"]),
      /^__Secure-quarry-session=[\w-]{43}; Path=\/quarry\/web\/.*; HttpOnly; SameSite=None; Secure; Partitioned$/,
    );
    const state = await secure.pages.answer(stateOf(made.path, cookieOf(opened)));
    assert.equal(state.status, 200);
  });
});

describe("preview on the machine itself", () => {
  let site: TestSite;
  before(async () => {
    site = await startTestSite();
  });
  after(() => site[Symbol.asyncDispose]());
  const local = { remoteAddress: "127.0.0.1" };
  const tags = [{ key: "quarry:preview", value: "true" }];

  test("a visit to a site that is tagged for it begins a session of an hour", async () => {
    const made = await site.makeSite({ site: { tags } });
    const page = await site.pages.answer(request(made.path, local));
    assert.match(String(page.headers["set-cookie"]), /Max-Age=3600; HttpOnly; SameSite=Strict$/);
    const cookie = cookieOf(page);
    assert.equal((await site.pages.answer(stateOf(made.path, cookie))).status, 200);
    const again = await site.pages.answer(request(made.path, { ...local, headers: { cookie } }));
    assert.equal(again.headers["set-cookie"], undefined, "the running session goes on");
    site.pass(60);
    const later = await site.pages.answer(request(made.path, { ...local, headers: { cookie } }));
    assert.notEqual(later.headers["set-cookie"], undefined);
  });

  test("nobody else gets one, and no site without the tag gives one", async () => {
    const made = await site.makeSite({ site: { tags } });
    const bare = await site.makeSite();
    const falsely = await site.makeSite({
      site: { tags: [{ key: "quarry:preview", value: "yes" }] },
    });
    const refused = [
      request(made.path, { remoteAddress: "192.0.2.7" }),
      request(made.path, { ...local, host: "rebound.example:8090" }),
      request(made.path, { ...local, host: "localhost.evil.example" }),
      request(made.path, { ...local, headers: { "x-forwarded-for": "192.0.2.7" } }),
      request(made.path, { ...local, headers: { forwarded: "for=192.0.2.7" } }),
      request(made.path, { ...local, headers: { "sec-fetch-dest": "iframe" } }),
      request(made.path, { ...local, headers: { "sec-fetch-dest": "empty" } }),
      request(made.path, { ...local, method: "HEAD" }),
      request(bare.path, local),
      request(falsely.path, local),
    ];
    for (const visit of refused) {
      const page = await site.pages.answer(visit);
      assert.equal(page.status, 200);
      assert.equal(page.headers["set-cookie"], undefined);
    }
    const state = await site.pages.answer(stateOf(bare.path, ""));
    assert.match((await jsonOf(state)).error?.message ?? "", /CreateAnonymousWebExperienceUrl/);
  });

  test("an installation with a public name previews nothing, whoever asks", async () => {
    await using open = await startTestSite({ publicUrl: "https://ask.example" });
    const made = await open.makeSite({ site: { tags } });
    const page = await open.pages.answer(request(made.path, local));
    assert.equal(page.headers["set-cookie"], undefined);
  });
});
