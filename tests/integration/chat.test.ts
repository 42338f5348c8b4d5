import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ChatCommand,
  type ChatCommandInput,
  type ChatInputStream,
  type ChatOutputStream,
  ChatSyncCommand,
  CreateApplicationCommand,
  DeleteRetrieverCommand,
  PutFeedbackCommand,
  type QBusinessClient,
} from "@aws-sdk/client-qbusiness";
import { plainCipher } from "../../src/core/content-cipher.ts";
import { feedback, openDatabase } from "../../src/store/store.ts";
import { anonymousApiPolicy } from "../../src/cli/policy/policies.ts";
import { qbusiness, qbusinessHttp1, refusal } from "../support/clients.ts";
import { accountId, ask, makeUser, noAnswer, region, type Site } from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";
import { putHandbook, question } from "../support/handbook.ts";

type Event = ChatOutputStream;

async function* inputOf(...events: readonly object[]): AsyncGenerator<ChatInputStream> {
  for (const event of events) yield event as ChatInputStream;
}

function inputFor(userMessage: string): AsyncGenerator<ChatInputStream> {
  return inputOf({ textEvent: { userMessage } }, { endOfInputEvent: {} });
}

async function chat(
  client: QBusinessClient,
  input: Partial<ChatCommandInput> & { readonly applicationId: string },
  userMessage = question,
): Promise<readonly Event[]> {
  const { outputStream } = await client.send(
    new ChatCommand({ inputStream: inputFor(userMessage), ...input }),
  );
  const events: Event[] = [];
  for await (const event of outputStream ?? []) events.push(event);
  return events;
}

describe("conversations with an anonymous application", () => {
  let world: World;
  let site: Site;
  before(async () => {
    world = await openWorld(4);
    site = await world.site();
    await putHandbook(site);
  });
  after(() => world.close());

  for (const [protocol, make] of [
    ["HTTP/2", qbusiness],
    ["HTTP/1.1", qbusinessHttp1],
  ] as const) {
    test(`ChatSync answers with its sources over ${protocol}`, async () => {
      const answer = await ask(site, question, {}, make(world.server));
      assert.match(answer.systemMessage ?? "", /thirty days/);
      assert.deepEqual(answer.failedAttachments, []);
      const [source] = answer.sourceAttributions ?? [];
      assert.equal(source?.citationNumber, 1);
      assert.equal(source?.title, "Leave policy");
      assert.equal(source?.documentId, "leave");
      assert.equal(source?.indexId, site.indexId);
      assert.equal(source?.datasourceId, undefined, "documents put directly have no source");
      assert.ok(source?.updatedAt instanceof Date);
    });

    test(`Chat streams text, then one metadata event, over ${protocol}`, async () => {
      const events = await chat(make(world.server), { applicationId: site.applicationId });
      const last = events.at(-1)?.metadataEvent;
      assert.ok(last);
      const deltas = events.flatMap((event) => event.textEvent ?? []);
      assert.equal(events.length, deltas.length + 1);
      assert.ok(deltas.length > 0);
      assert.equal(deltas.map((delta) => delta.systemMessage).join(""), last.finalTextMessage);
      for (const event of [...deltas, last]) {
        assert.equal(event.conversationId, last.conversationId);
        assert.equal(event.userMessageId, last.userMessageId);
        assert.equal(event.systemMessageId, last.systemMessageId);
      }
      assert.equal(last.sourceAttributions?.[0]?.documentId, "leave");
    });
  }

  test("W4, W7: a client that keeps its half of the stream open is answered all the same", async () => {
    const { applicationId } = site;
    const hold = Promise.withResolvers<void>();
    async function* open(): AsyncGenerator<ChatInputStream> {
      yield* inputFor(question);
      await hold.promise;
    }
    for (const client of [qbusiness(world.server), qbusinessHttp1(world.server)]) {
      const events = await chat(client, { applicationId, inputStream: open() });
      assert.ok(events.at(-1)?.metadataEvent);
    }
    hold.resolve();
  });

  test("W9: offsets lie in the final text, end exclusive, and the text has no markers", async () => {
    const { systemMessage = "", sourceAttributions = [] } = await ask(site, question);
    assert.doesNotMatch(systemMessage, /\[\d+\]/);
    for (const { textMessageSegments = [] } of sourceAttributions.filter((one) => one !== null)) {
      assert.ok(textMessageSegments.length > 0);
      for (const { beginOffset = -1, endOffset = -1, snippetExcerpt } of textMessageSegments) {
        assert.ok(beginOffset >= 0 && beginOffset < endOffset);
        assert.ok(endOffset <= systemMessage.length);
        assert.ok(snippetExcerpt?.text?.includes(systemMessage.slice(beginOffset, endOffset)));
      }
    }
  });

  test("W10, W11: a question without an answer gets the published text, and [] as sources", async () => {
    const answer = await ask(site, "Who composed the opera about the glass mountain?");
    assert.equal(answer.systemMessage, noAnswer);
    assert.deepEqual(answer.sourceAttributions, []);
    const events = await chat(
      qbusiness(world.server),
      { applicationId: site.applicationId },
      "Who composed the opera about the glass mountain?",
    );
    assert.equal(events.at(-1)?.metadataEvent?.finalTextMessage, noAnswer);
    assert.deepEqual(events.at(-1)?.metadataEvent?.sourceAttributions, []);
    assert.equal(events[0]?.textEvent?.systemMessage, noAnswer);
  });

  test("an application without a retriever has no answer, which is no error", async () => {
    const empty = await world.site();
    const { applicationId, retrieverId } = empty;
    await empty.client.send(new DeleteRetrieverCommand({ applicationId, retrieverId }));
    assert.equal((await ask(empty, question)).systemMessage, noAnswer);
  });

  test("a follow-up goes on with its conversation", async () => {
    const first = await ask(site, question);
    const second = await ask(site, "And part-time employees?", {
      conversationId: first.conversationId,
      parentMessageId: first.systemMessageId,
    });
    assert.equal(second.conversationId, first.conversationId);
    assert.notEqual(second.systemMessageId, first.systemMessageId);
    assert.match(second.systemMessage ?? "", /fifteen days/);
    const third = await ask(site, "What is the limit for meals?", {
      conversationId: first.conversationId,
    });
    assert.equal(third.conversationId, first.conversationId);
    const branched = await ask(site, question, {
      conversationId: first.conversationId,
      parentMessageId: first.systemMessageId,
    });
    assert.equal(branched.conversationId, first.conversationId);
  });

  test("parent messages need their conversation, and belong to it", async () => {
    const first = await ask(site, question);
    const other = await ask(site, question);
    const alone = await refusal(ask(site, question, { parentMessageId: first.systemMessageId }));
    assert.equal(alone.name, "ValidationException");
    assert.equal(alone.fields?.[0]?.name, "parentMessageId");
    const foreign = await refusal(
      ask(site, question, {
        conversationId: first.conversationId,
        parentMessageId: other.systemMessageId,
      }),
    );
    assert.equal(foreign.name, "ResourceNotFoundException");
    assert.equal(foreign.resourceType, "message");
  });

  test("a conversation of another principal, or of another application, is not found", async () => {
    const place = { region, accountId, applicationId: site.applicationId };
    const alice = qbusiness(world.server, await makeUser(site.iam, anonymousApiPolicy(place)));
    const bob = qbusiness(world.server, await makeUser(site.iam, anonymousApiPolicy(place)));
    const { conversationId, systemMessageId } = await ask(site, question, {}, alice);
    assert.ok(conversationId);
    await ask(site, question, { conversationId }, alice);
    const unknown = await refusal(ask(site, question, { conversationId: randomUUID() }, bob));
    const foreign = await refusal(ask(site, question, { conversationId }, bob));
    assert.equal(foreign.name, "ResourceNotFoundException");
    assert.equal(foreign.resourceType, "conversation");
    const neutral = (text: string) => text.replaceAll(/[0-9a-f-]{36}/g, "ID");
    assert.equal(neutral(foreign.message), neutral(unknown.message));
    const rating = new PutFeedbackCommand({
      applicationId: site.applicationId,
      conversationId,
      messageId: systemMessageId,
      messageUsefulness: { usefulness: "USEFUL", submittedAt: new Date() },
    });
    assert.equal((await refusal(bob.send(rating))).name, "ResourceNotFoundException");
    await alice.send(rating);
    const elsewhere = await world.site();
    const moved = await refusal(ask(elsewhere, question, { conversationId }));
    assert.equal(moved.name, "ResourceNotFoundException");
  });

  test("a client token that comes again gets the answer of then, and no second message", async () => {
    const clientToken = randomUUID();
    const first = await ask(site, question, { clientToken });
    const again = await ask(site, question, { clientToken });
    const { $metadata: _1, ...a } = first;
    const { $metadata: _2, ...b } = again;
    assert.deepEqual(b, a);
    const streamed = await chat(qbusiness(world.server), {
      applicationId: site.applicationId,
      clientToken,
    });
    assert.equal(streamed.at(-1)?.metadataEvent?.systemMessageId, first.systemMessageId);
    const other = await refusal(ask(site, "Another question?", { clientToken }));
    assert.equal(other.name, "ConflictException");
    const goesOn = { clientToken, conversationId: first.conversationId };
    assert.equal((await refusal(ask(site, question, goesOn))).name, "ConflictException");
  });

  test("two calls with one client token at once make one message", async () => {
    const clientToken = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => ask(site, question, { clientToken })));
    assert.equal(new Set(answers.map((answer) => answer.systemMessageId)).size, 1);
  });

  test("an attribute filter restricts what is found", async () => {
    const only = (department: string) => ({
      attributeFilter: { equalsTo: { name: "department", value: { stringValue: department } } },
    });
    assert.match((await ask(site, question, only("people"))).systemMessage ?? "", /thirty/);
    const finance = await ask(site, question, only("finance"));
    assert.doesNotMatch(finance.systemMessage ?? "", /thirty|fifteen/);
    const nothing = await ask(site, question, only("nobody"));
    assert.equal(nothing.systemMessage, noAnswer);
    assert.deepEqual(nothing.sourceAttributions, []);
    const unknown = { equalsTo: { name: "colour", value: { stringValue: "red" } } };
    const refused = await refusal(ask(site, question, { attributeFilter: unknown }));
    assert.equal(refused.name, "ValidationException");
    assert.match(refused.fields?.[0]?.name ?? "", /^attributeFilter/);
    const streamed = await chat(qbusiness(world.server), {
      applicationId: site.applicationId,
      inputStream: inputOf(
        { configurationEvent: { chatMode: "RETRIEVAL_MODE", ...only("nobody") } },
        { textEvent: { userMessage: question } },
        { endOfInputEvent: {} },
      ),
    });
    assert.equal(streamed.at(-1)?.metadataEvent?.finalTextMessage, noAnswer);
  });

  test("refuses what an anonymous application does not have", async () => {
    const attachment = [{ name: "a.txt", data: Buffer.from("x") }];
    const form = { pluginId: randomUUID(), payload: {}, payloadFieldNameSeparator: "." };
    const cases = [
      [{ attachments: attachment }, "attachments"],
      [{ actionExecution: form }, "actionExecution"],
      [{ authChallengeResponse: { responseMap: { code: "1" } } }, "authChallengeResponse"],
      [{ chatMode: "CREATOR_MODE" as const }, "chatMode"],
      [{ chatMode: "PLUGIN_MODE" as const }, "chatMode"],
      [{ userMessage: "  \n" }, "userMessage"],
      [{ userMessage: undefined }, "userMessage"],
      [{ userMessage: "x".repeat(7001) }, "userMessage"],
    ] as const;
    for (const [members, field] of cases) {
      const refused = await refusal(ask(site, question, members));
      assert.equal(refused.name, "ValidationException", field);
      assert.equal(refused.fields?.[0]?.name, field);
    }
    await ask(site, "😀".repeat(7000));
    const { applicationId } = site;
    const streams = [
      [{ attachmentEvent: { attachment: { name: "a", data: Buffer.from("x") } } }, /attachment/],
      [{ configurationEvent: {} }, /configurationEvent/],
      [{ textEvent: { userMessage: "again" } }, /textEvent/],
    ] as const;
    for (const [event, words] of streams) {
      const inputStream = inputOf({ textEvent: { userMessage: question } }, event, {
        endOfInputEvent: {},
      });
      const call = chat(qbusiness(world.server), { applicationId, inputStream });
      const refused = await refusal(call);
      assert.equal(refused.name, "ValidationException");
      assert.match(refused.message, words);
    }
  });

  test("applications with users are stored, and refused at chat with a clear error", async () => {
    const { applicationId } = await site.client.send(
      new CreateApplicationCommand({
        displayName: "users",
        identityType: "AWS_IAM_IDC",
        identityCenterInstanceArn: "arn:aws:sso:::instance/ssoins-1234567890abcdef",
      }),
    );
    assert.ok(applicationId);
    const sent = site.client.send(new ChatSyncCommand({ applicationId, userMessage: question }));
    const refused = await refusal(sent);
    assert.equal(refused.name, "AccessDeniedException");
    assert.match(refused.message, /AWS_IAM_IDC/);
    const streamed = chat(qbusiness(world.server), { applicationId });
    assert.equal((await refusal(streamed)).name, "AccessDeniedException");
  });

  test("W12: a user id that comes along is ignored", async () => {
    const answer = await ask(site, question, { userId: "mallory@example.com", userGroups: ["hr"] });
    assert.match(answer.systemMessage ?? "", /thirty/);
  });

  test("feedback is stored; the last judgement wins, and copying does not undo it", async () => {
    const { conversationId, systemMessageId, userMessageId } = await ask(site, question);
    const { applicationId, client } = site;
    const put = (more: object, messageId = systemMessageId) =>
      client.send(new PutFeedbackCommand({ applicationId, conversationId, messageId, ...more }));
    const submittedAt = new Date("2026-01-02T03:04:05.678Z");
    await put({
      messageUsefulness: { usefulness: "USEFUL", reason: "HELPFUL", comment: "good", submittedAt },
    });
    await put({ messageUsefulness: { usefulness: "NOT_USEFUL", submittedAt } });
    await put({ messageCopiedAt: new Date("2026-01-03T00:00:00Z") });
    await using db = await openDatabase(join(world.server.dataDir, "quarry.db"));
    const { at: _at, ...stored } =
      (await feedback.find(db.read, systemMessageId ?? "", plainCipher)) ?? {};
    assert.deepEqual(stored, {
      messageId: systemMessageId,
      applicationId,
      usefulness: "NOT_USEFUL",
      submittedAt,
      copiedAt: new Date("2026-01-03T00:00:00Z"),
    });
    assert.equal((await refusal(put({}))).name, "ValidationException");
    const judged = { messageUsefulness: { usefulness: "USEFUL", submittedAt } };
    const ownQuestion = await refusal(put(judged, userMessageId));
    assert.equal(ownQuestion.name, "ResourceNotFoundException");
    assert.equal((await refusal(put(judged, randomUUID()))).resourceType, "message");
  });

  test("a client that goes away in the middle leaves no message, and the server goes on", async () => {
    const { applicationId } = site;
    const clientToken = randomUUID();
    for (let round = 0; round < 5; round += 1) {
      const abort = new AbortController();
      const command = new ChatCommand({
        applicationId,
        clientToken,
        inputStream: inputFor(question),
      });
      const call = qbusiness(world.server).send(command, { abortSignal: abort.signal });
      await sleep(round * 3);
      abort.abort();
      await call.catch(() => undefined);
    }
    const after = await ask(site, question, { clientToken });
    assert.match(after.systemMessage ?? "", /thirty/);
  });
});
