import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  type Conversation,
  DeleteConversationCommand,
  ListConversationsCommand,
  ListMessagesCommand,
  type Message,
  PutFeedbackCommand,
} from "@aws-sdk/client-qbusiness";
import { conversations, openDatabase } from "../../src/store/store.ts";
import { refusal } from "../support/clients.ts";
import { ask, settled } from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";
import { putDocuments } from "./principals-site.ts";
import { type Issuer, openIssuer } from "./sign-in-issuer.ts";
import { as, makeSignInSite, providerName, refusals, type SignInSite } from "./sign-in-site.ts";

const question = "Which words are about the harbour?";

async function listConversations(
  { client, applicationId }: SignInSite,
  maxResults?: number,
): Promise<readonly (readonly Conversation[])[]> {
  const pages: (readonly Conversation[])[] = [];
  for (let nextToken: string | undefined, isFirst = true; isFirst || nextToken !== undefined;) {
    isFirst = false;
    const page: {
      readonly conversations?: Conversation[] | undefined;
      readonly nextToken?: string | undefined;
    } = await client.send(new ListConversationsCommand({ applicationId, maxResults, nextToken }));
    pages.push(page.conversations ?? []);
    nextToken = page.nextToken;
  }
  return pages;
}

async function listMessages(
  { client, applicationId }: SignInSite,
  conversationId: string,
  maxResults?: number,
): Promise<readonly (readonly Message[])[]> {
  const pages: (readonly Message[])[] = [];
  for (let nextToken: string | undefined, isFirst = true; isFirst || nextToken !== undefined;) {
    isFirst = false;
    const page: {
      readonly messages?: Message[] | undefined;
      readonly nextToken?: string | undefined;
    } = await client.send(
      new ListMessagesCommand({ applicationId, conversationId, maxResults, nextToken }),
    );
    pages.push(page.messages ?? []);
    nextToken = page.nextToken;
  }
  return pages;
}

describe("conversations of users who sign in", () => {
  let issuer: Issuer;
  let world: World;
  let site: SignInSite;
  before(async () => {
    issuer = await openIssuer();
    world = await openWorld(0, { oidcIssuers: { [providerName]: issuer.url } });
    site = await makeSignInSite(world.server, issuer);
    await putDocuments(site, [{ id: "harbour" }]);
    await settled(site);
  });
  after(async () => {
    await world.close();
    await issuer[Symbol.asyncDispose]();
  });

  test("are listed page by page, newest first, with what they began with as title", async () => {
    const ada = await as(site, "ada@acme.com");
    const ids: string[] = [];
    for (const number of [1, 2, 3, 4, 5]) {
      const { conversationId = "" } = await ask(ada, `${question} ${number} ${"x ".repeat(40)}`);
      ids.unshift(conversationId);
    }
    const pages = await listConversations(ada, 2);
    assert.deepEqual(
      pages.map((page) => page.length),
      [2, 2, 1],
    );
    const all = pages.flat();
    assert.deepEqual(
      all.map(({ conversationId }) => conversationId),
      ids,
    );
    assert.equal(all[0]?.title, `${question} 5 ${"x ".repeat(40)}`.slice(0, 50));
    const starts = all.map(({ startTime }) => startTime?.getTime() ?? 0);
    assert.deepEqual(
      starts,
      starts.toSorted((a, b) => b - a),
    );
    assert.deepEqual(await listConversations(await as(site, "nobody@acme.com")), [[]]);
  });

  test("show their messages newest first; answers come with their sources", async () => {
    const bob = await as(site, "bob@acme.com");
    const first = await ask(bob, question);
    const { conversationId = "", systemMessageId: parentMessageId = "" } = first;
    const second = await ask(bob, "And which are not?", { conversationId, parentMessageId });
    const pages = await listMessages(bob, conversationId, 3);
    assert.deepEqual(
      pages.map((page) => page.length),
      [3, 1],
    );
    const all = pages.flat();
    assert.deepEqual(
      all.map(({ type }) => type),
      ["SYSTEM", "USER", "SYSTEM", "USER"],
    );
    assert.deepEqual(
      all.map(({ messageId }) => messageId),
      [second.systemMessageId, second.userMessageId, first.systemMessageId, first.userMessageId],
    );
    const [, asked, answered] = all;
    assert.equal(asked?.body, "And which are not?");
    assert.equal(asked?.sourceAttribution, undefined);
    assert.equal(answered?.body, first.systemMessage);
    assert.equal(first.sourceAttributions?.length, 1);
    assert.deepEqual(answered?.sourceAttribution, first.sourceAttributions);
  });

  test("are gone once deleted, for good, with their messages", async () => {
    const carol = await as(site, "carol@acme.com");
    const { applicationId } = site;
    const { conversationId = "", systemMessageId = "" } = await ask(carol, question);
    const { conversationId: kept = "" } = await ask(carol, question);
    const remove = () =>
      carol.client.send(new DeleteConversationCommand({ applicationId, conversationId }));
    await remove();
    for (const { name, status, resourceType } of await refusals([
      remove(),
      listMessages(carol, conversationId),
      ask(carol, "And then?", { conversationId }),
      carol.client.send(
        new PutFeedbackCommand({
          applicationId,
          conversationId,
          messageId: systemMessageId,
          messageCopiedAt: new Date(),
        }),
      ),
    ])) {
      assert.deepEqual(
        [name, status, resourceType],
        ["ResourceNotFoundException", 404, "conversation"],
      );
    }
    const left = (await listConversations(carol)).flat();
    assert.deepEqual(
      left.map((each) => each.conversationId),
      [kept],
    );
  });

  test("are not answered again by an old client token once deleted, and leave no text", async () => {
    const fay = await as(site, "fay@acme.com");
    const { applicationId } = site;
    const clientToken = "fay-asks-once";
    const first = await ask(fay, question, { clientToken });
    const { conversationId = "" } = first;
    const again = await ask(fay, question, { clientToken });
    assert.deepEqual(
      [again.conversationId, again.systemMessage],
      [conversationId, first.systemMessage],
    );
    const other = await ask(fay, question, { clientToken: "another" });
    await fay.client.send(new DeleteConversationCommand({ applicationId, conversationId }));
    const { name, message } = await refusal(ask(fay, question, { clientToken }));
    assert.equal(name, "ResourceNotFoundException");
    assert.equal(message, `No conversation with id ${conversationId} was found.`);
    assert.deepEqual(
      (await listConversations(fay)).flat().map((each) => each.conversationId),
      [other.conversationId],
    );
    await using db = await openDatabase(join(world.server.dataDir, "quarry.db"));
    const rows = await db.read.selectFrom("idempotency").selectAll().execute();
    const mine = rows.filter(({ response }) => response.includes(conversationId));
    assert.deepEqual(
      mine.map(({ response }) => response),
      [JSON.stringify({ conversationId })],
    );
  });

  test("of other users look like ones that do not exist", async () => {
    const dora = await as(site, "dora@acme.com");
    const { conversationId = "" } = await ask(dora, question);
    const eve = await as(site, "eve@acme.com");
    const { applicationId } = site;
    const missing = "00000000-0000-4000-8000-000000000000";
    for (const id of [conversationId, missing]) {
      const told = [
        await refusal(listMessages(eve, id)),
        await refusal(
          eve.client.send(new DeleteConversationCommand({ applicationId, conversationId: id })),
        ),
        await refusal(ask(eve, "And then?", { conversationId: id })),
      ];
      for (const { name, message } of told) {
        assert.equal(name, "ResourceNotFoundException");
        assert.equal(message, `No conversation with id ${id} was found.`);
      }
    }
    assert.equal((await listMessages(dora, conversationId)).flat().length, 2);
    // Nor through another application, nor with somebody else's page token.
    const other = await as(await makeSignInSite(world.server, issuer), "dora@acme.com");
    assert.equal(
      (await refusal(listMessages(other, conversationId))).name,
      "ResourceNotFoundException",
    );
    assert.deepEqual(await listConversations(other), [[]]);
    await ask(dora, question);
    const { nextToken } = await dora.client.send(
      new ListConversationsCommand({ applicationId, maxResults: 1 }),
    );
    const borrowed = eve.client.send(new ListConversationsCommand({ applicationId, nextToken }));
    assert.equal((await refusal(borrowed)).name, "ValidationException");
  });

  test("do not exist for anonymous visitors, nor for who has not signed in", async () => {
    const anonymous = await world.site();
    const { conversationId = "" } = await ask(anonymous, question);
    const visitor = { ...site, client: anonymous.client, applicationId: anonymous.applicationId };
    const root = { ...site };
    for (const [who, words] of [
      [visitor, /ANONYMOUS has no users/],
      [root, /not signed with credentials of a user/],
    ] as const) {
      const { applicationId, client } = who;
      for (const { name, status, message } of await refusals([
        listConversations(who),
        listMessages(who, conversationId),
        client.send(new DeleteConversationCommand({ applicationId, conversationId })),
      ])) {
        assert.deepEqual([name, status], ["AccessDeniedException", 403]);
        assert.match(message, words);
      }
    }
  });

  test("outlive those of visitors: thirty days after they last went on", async () => {
    const frank = await as(site, "frank@acme.com");
    const { conversationId = "" } = await ask(frank, question);
    const anonymous = await world.site();
    const { conversationId: fleeting = "" } = await ask(anonymous, question);
    await using db = await openDatabase(join(world.server.dataDir, "quarry.db"));
    const purge = (aheadMs: number) =>
      db.write((trx) => conversations.purge(trx, new Date(Date.now() + aheadMs), 100));
    await purge(conversations.userRetentionMs - 60_000);
    assert.equal(await conversations.find(db.read, fleeting), undefined);
    assert.equal((await listMessages(frank, conversationId)).flat().length, 2);
    await purge(conversations.userRetentionMs + 60_000);
    assert.deepEqual(await listConversations(frank), [[]]);
  });
});
