import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { noAnswerText } from "../chat/chat.ts";
import {
  allow,
  jsonOf,
  linesOf,
  post,
  publishedActions,
  request,
  startTestSite,
  stateOf,
  type TestSite,
  trustOf,
} from "./web-test-site.test.ts";

const deniedText = /^This site is not allowed to answer at the moment\./;

describe("the calls of a page", () => {
  let site: TestSite;
  before(async () => {
    site = await startTestSite();
  });
  after(() => site[Symbol.asyncDispose]());

  async function visit(options?: Parameters<TestSite["makeSite"]>[0]): Promise<{
    path: string;
    cookie: string;
    applicationId: string;
    roleArn: string;
  }> {
    const made = await site.makeSite(options);
    const { applicationId, webExperienceId } = made;
    const { roleArn = "" } = await site.api("GetWebExperience", { applicationId, webExperienceId });
    return { ...made, roleArn, cookie: await site.open(made) };
  }

  test("a question is answered line by line, a follow-up in its conversation", async () => {
    const { path, cookie } = await visit();
    const answer = await site.pages.answer(post(`${path}/chat`, { message: "Leave?" }, cookie));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["content-type"], "application/x-ndjson");
    const lines = await linesOf(answer);
    const [first, last] = [lines[0]?.textEvent, lines.at(-1)?.metadataEvent];
    assert.equal(first?.["systemMessage"], noAnswerText);
    assert.equal(last?.["finalTextMessage"], noAnswerText);
    const { conversationId, systemMessageId: parentMessageId } = last ?? {};
    const next = { message: "And sick days?", conversationId, parentMessageId };
    const followUp = await linesOf(await site.pages.answer(post(`${path}/chat`, next, cookie)));
    assert.equal(followUp.at(-1)?.metadataEvent?.["conversationId"], conversationId);
  });

  test("an answer names its sources, with dates as the wire has them", async () => {
    const made = await site.makeSite();
    const text = "Full-time employees have 27 days of paid annual leave a year.";
    await site.put(made, "Leave", text);
    const cookie = await site.open(made);
    const question = { message: "How many days of annual leave do employees have?" };
    const lines = await linesOf(
      await site.pages.answer(post(`${made.path}/chat`, question, cookie)),
    );
    const metadata = lines.at(-1)?.metadataEvent;
    assert.match(String(metadata?.["finalTextMessage"]), /27 days/);
    const sources = (metadata?.["sourceAttributions"] ?? []) as Record<string, unknown>[];
    assert.equal(sources[0]?.["title"], "Leave");
    assert.equal(typeof sources[0]?.["updatedAt"], "number");
    const heard = lines.flatMap(({ textEvent }) => textEvent?.["systemMessage"] ?? []).join("");
    assert.equal(heard, metadata?.["finalTextMessage"]);
  });

  test("an answer that breaks off ends in a line that says so, without the reason", async () => {
    await using broken = await startTestSite({
      answerer: async function* () {
        yield { kind: "delta", text: "Full-time employees have " };
        await Promise.resolve();
        throw new Error("secret reason");
      },
    });
    const made = await broken.makeSite();
    await broken.put(made, "Leave", "Full-time employees have 27 days of paid annual leave.");
    const cookie = await broken.open(made);
    const asked = post(`${made.path}/chat`, { message: "How many days of annual leave?" }, cookie);
    const lines = await linesOf(await broken.pages.answer(asked));
    assert.match(String(lines[0]?.textEvent?.["systemMessage"]), /^Full-time/);
    assert.equal(lines.at(-1)?.error?.name, "InternalServerException");
    assert.doesNotMatch(JSON.stringify(lines), /secret/);
    assert.match(JSON.stringify(broken.logged), /secret reason/);
  });

  test("a conversation of another session is not found, whoever knows its id", async () => {
    const { path, cookie, applicationId } = await visit();
    const webExperienceId = path.split("/")[3] ?? "";
    const stranger = await site.open({ applicationId, webExperienceId });
    const lines = await linesOf(
      await site.pages.answer(post(`${path}/chat`, { message: "Leave?" }, cookie)),
    );
    const { conversationId, systemMessageId: messageId } = lines.at(-1)?.metadataEvent ?? {};
    const asked = post(`${path}/chat`, { message: "What did they ask?", conversationId }, stranger);
    const answer = await site.pages.answer(asked);
    assert.equal(answer.status, 404);
    assert.equal((await jsonOf(answer)).error?.name, "ResourceNotFoundException");
    const rating = { conversationId, messageId, messageUsefulness: { usefulness: "USEFUL" } };
    const rated = await site.pages.answer(post(`${path}/feedback`, rating, stranger));
    assert.equal(rated.status, 404);
  });

  test("feedback and copying are recorded; the time is the server's", async () => {
    const { path, cookie } = await visit();
    const lines = await linesOf(
      await site.pages.answer(post(`${path}/chat`, { message: "Leave?" }, cookie)),
    );
    const { conversationId, systemMessageId: messageId } = lines.at(-1)?.metadataEvent ?? {};
    const ids = { conversationId, messageId };
    const send = async (body: object): Promise<number> =>
      (await site.pages.answer(post(`${path}/feedback`, body, cookie))).status;
    const bad = { usefulness: "NOT_USEFUL", reason: "NOT_COMPLETE", comment: "Part-time?" };
    assert.equal(await send({ ...ids, messageUsefulness: bad }), 200);
    assert.equal(await send({ ...ids, messageCopiedAt: 1_795_262_400.5 }), 200);
    assert.equal(await send({ ...ids, messageUsefulness: { usefulness: "GREAT" } }), 400);
    assert.equal(
      await send({ ...ids, messageUsefulness: { ...bad, comment: "x".repeat(2000) } }),
      400,
    );
    assert.equal(await send({ ...ids, messageUsefulness: "USEFUL" }), 400);
    assert.equal(await send({ messageId, messageUsefulness: bad }), 400);
    assert.equal(await send(ids), 400);
  });

  test("what is no question is refused with a reason", async () => {
    const { path, cookie } = await visit();
    const bad: readonly [unknown, number][] = [
      [{}, 400],
      [{ message: 7 }, 400],
      [{ message: "  " }, 400],
      [{ message: "x".repeat(7001) }, 400],
      [{ message: "x", conversationId: "short" }, 400],
      [{ message: "x", conversationId: ["x"] }, 400],
      [[], 400],
      ["{", 400],
      [{ message: "x".repeat(64 * 1024) }, 413],
    ];
    for (const [body, status] of bad) {
      const answer = await site.pages.answer(post(`${path}/chat`, body, cookie));
      assert.equal(answer.status, status, JSON.stringify(body).slice(0, 60));
      assert.notEqual((await jsonOf(answer)).error?.message, "");
      site.pass(0.1);
    }
    const form = post(`${path}/chat`, "message=x", cookie);
    const headers = form.headers.map(
      ([name, value]) => [name, name === "content-type" ? "text/plain" : value] as const,
    );
    assert.equal((await site.pages.answer({ ...form, headers })).status, 415);
  });

  test("a role without qbusiness:Chat refuses, and the visitor learns no names", async () => {
    const actions = publishedActions.filter((action) => action !== "qbusiness:Chat");
    const { path, cookie, roleArn } = await visit({ actions });
    assert.equal((await site.pages.answer(stateOf(path, cookie))).status, 200);
    const answer = await site.pages.answer(post(`${path}/chat`, { message: "Hello?" }, cookie));
    assert.equal(answer.status, 403);
    const { error } = await jsonOf(answer);
    assert.equal(error?.name, "AccessDeniedException");
    assert.match(error?.message ?? "", deniedText);
    assert.doesNotMatch(error?.message ?? "", /arn:|AROA|qbusiness/);
    const denial = site.logged.find(({ event }) => event === "page.denied");
    assert.match(String(denial?.fields["reason"]), /qbusiness:Chat/, "the log says what lacks");
    await site.setPolicy(roleArn, allow(publishedActions));
    const mended = await site.pages.answer(post(`${path}/chat`, { message: "Hello?" }, cookie));
    assert.equal(mended.status, 200);
  });

  test("a trust policy for another application lets nobody in", async () => {
    const { path, cookie, roleArn } = await visit();
    const other = "arn:aws:qbusiness:us-east-1:000000000000:application/other";
    await site.setTrust(roleArn, trustOf(other));
    for (const asked of [stateOf(path, cookie), post(`${path}/chat`, { message: "x" }, cookie)]) {
      const answer = await site.pages.answer(asked);
      assert.equal(answer.status, 403);
      assert.match((await jsonOf(answer)).error?.message ?? "", deniedText);
    }
  });

  test("a site without a role answers nothing", async () => {
    const made = await site.makeSite();
    const { webExperienceId = "" } = await site.api("CreateWebExperience", {
      applicationId: made.applicationId,
    });
    const cookie = await site.open({ ...made, webExperienceId });
    const path = `/web/${made.applicationId}/${webExperienceId}`;
    assert.equal((await site.pages.answer(stateOf(path, cookie))).status, 403);
  });

  test("the role may not do what only the owner may, also from the page's address", async () => {
    const { path, cookie } = await visit();
    for (const part of ["state/../../x", "applications", "messages", "chat/x"]) {
      const answer = await site.pages.answer(request(`${path}/${part}`, { headers: { cookie } }));
      assert.equal(answer.status, 404, part);
    }
  });

  test("the start screen shows the site's own words and questions", async () => {
    const words = { title: "Ask", subtitle: "Sub", welcomeMessage: "Hello" };
    const value = JSON.stringify(["One?", " Two? ", ""]);
    const { path, cookie } = await visit({
      actions: publishedActions.filter((action) => action !== "qbusiness:GetApplication"),
      site: {
        ...words,
        samplePromptsControlMode: "ENABLED",
        tags: [{ key: "quarry:sample-prompts", value }],
      },
    });
    assert.deepEqual(await jsonOf(await site.pages.answer(stateOf(path, cookie))), {
      ...words,
      samplePrompts: ["One?", "Two?"],
      applicationName: "",
      expiresAt: Number(
        (await jsonOf(await site.pages.answer(stateOf(path, cookie))))["expiresAt"],
      ),
    });
    const neutral = await visit({ site: { samplePromptsControlMode: "ENABLED" } });
    const state = await jsonOf(await site.pages.answer(stateOf(neutral.path, neutral.cookie)));
    assert.equal((state["samplePrompts"] as string[]).length, 3);
    const off = await visit({ site: { tags: [{ key: "quarry:sample-prompts", value: "One?" }] } });
    const none = await jsonOf(await site.pages.answer(stateOf(off.path, off.cookie)));
    assert.deepEqual(none["samplePrompts"], []);
  });

  test("a session that asks too fast waits; other sessions do not", async () => {
    const { path, cookie, applicationId } = await visit();
    const webExperienceId = path.split("/")[3] ?? "";
    const other = await site.open({ applicationId, webExperienceId });
    const ask = (who: string): ReturnType<TestSite["pages"]["answer"]> =>
      site.pages.answer(post(`${path}/chat`, { message: "Leave?" }, who));
    for (let asked = 0; asked < 10; asked += 1) assert.equal((await ask(cookie)).status, 200);
    const busy = await ask(cookie);
    assert.deepEqual([busy.status, busy.headers["retry-after"]], [429, "3"]);
    assert.equal((await jsonOf(busy)).error?.name, "ThrottlingException");
    assert.equal((await ask(other)).status, 200);
    site.pass(0.05);
    assert.equal((await ask(cookie)).status, 200);
  });

  test("when the application is gone, the page says so", async () => {
    const { path, cookie, applicationId } = await visit();
    await site.api("DeleteApplication", { applicationId });
    const answer = await site.pages.answer(post(`${path}/chat`, { message: "Hello?" }, cookie));
    assert.ok([404, 409].includes(answer.status), String(answer.status));
  });
});
