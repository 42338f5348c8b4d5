import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as sdk from "@aws-sdk/client-qbusiness";
import { operations } from "../../src/contract/contract.ts";
import { anonymousApiPolicy } from "../../src/cli/policy/policies.ts";
import { randomSource, randomStructures } from "../contract/random-values.ts";
import { qbusinessHttp1, refusal } from "../support/clients.ts";
import { accountId, ask, makeUser, region, type Site } from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

const allowed = ["Chat", "ChatSync", "PutFeedback"];

type AnyCommand = new (input: object) => sdk.ListApplicationsCommand;

function commandOf(operation: string): AnyCommand {
  const command = (sdk as Readonly<Record<string, unknown>>)[`${operation}Command`];
  assert.equal(typeof command, "function", operation);
  return command as AnyCommand;
}

describe("the published policy for programs that ask for anonymous visitors", () => {
  let world: World;
  let site: Site;
  let visitor: sdk.QBusinessClient;
  before(async () => {
    world = await openWorld(2);
    site = await world.site();
    const place = { region, accountId, applicationId: site.applicationId };
    visitor = qbusinessHttp1(world.server, await makeUser(site.iam, anonymousApiPolicy(place)));
  });
  after(() => world.close());

  test("lets a user chat and give feedback in its application", async () => {
    const { conversationId, systemMessageId } = await ask(site, "Hello heron?", {}, visitor);
    await visitor.send(
      new sdk.PutFeedbackCommand({
        applicationId: site.applicationId,
        conversationId,
        messageId: systemMessageId,
        messageUsefulness: { usefulness: "USEFUL", submittedAt: new Date() },
      }),
    );
    async function* events(): AsyncGenerator<sdk.ChatInputStream> {
      yield { textEvent: { userMessage: "Hello heron?" } } as sdk.ChatInputStream;
      yield { endOfInputEvent: {} } as sdk.ChatInputStream;
    }
    const { outputStream } = await visitor.send(
      new sdk.ChatCommand({ applicationId: site.applicationId, inputStream: events() }),
    );
    const seen: string[] = [];
    for await (const event of outputStream ?? []) seen.push(...Object.keys(event));
    assert.equal(seen.at(-1), "metadataEvent");
  });

  test("denies every other operation of the contract, whatever it is asked with", async () => {
    const structure = randomStructures(randomSource(20_260_101), true);
    const names = Object.keys(operations).filter((name) => !allowed.includes(name));
    assert.equal(names.length, 80);
    const own = { applicationId: site.applicationId, indexId: site.indexId };
    for (const name of names) {
      const { input } = operations[name as keyof typeof operations];
      for (let round = 0; round < 3; round += 1) {
        const random = structure(input);
        // Ids that exist must not help either.
        const ids = Object.entries(own).filter(([member]) => member in random);
        const given = { ...random, ...Object.fromEntries(ids) };
        const command = new (commandOf(name))(given) as unknown as sdk.ListApplicationsCommand;
        const refused = await refusal(visitor.send(command));
        assert.deepEqual(
          [refused.name, refused.status],
          ["AccessDeniedException", 403],
          `${name}: ${refused.message}`,
        );
        assert.match(
          refused.message,
          /^User: arn:aws:iam::\d{12}:user\/.* is not authorized to perform: /,
        );
      }
    }
  });

  test("denies chat and feedback in another application, before telling whether it exists", async () => {
    const other = await world.site();
    const nobodys = "11111111-2222-4333-8444-555555555555";
    for (const applicationId of [other.applicationId, nobodys]) {
      const command = new sdk.ChatSyncCommand({ applicationId, userMessage: "Hello?" });
      const refused = await refusal(visitor.send(command));
      assert.equal(refused.name, "AccessDeniedException");
      assert.match(refused.message, new RegExp(`application/${applicationId} `));
      const rating = new sdk.PutFeedbackCommand({
        applicationId,
        conversationId: nobodys,
        messageId: nobodys,
        messageUsefulness: { usefulness: "USEFUL", submittedAt: new Date() },
      });
      assert.equal((await refusal(visitor.send(rating))).name, "AccessDeniedException");
    }
  });
});
