import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  ChatCommand,
  type ChatInputStream,
  CreateApplicationCommand,
  DeleteUserCommand,
  PutFeedbackCommand,
} from "@aws-sdk/client-qbusiness";
import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { qbusiness, qbusinessHttp1, refusal, sts } from "../support/clients.ts";
import {
  accountId,
  ask,
  counts,
  makeRole,
  makeSource,
  makeUser,
  noAnswer,
  search,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";
import { type Issuer, openIssuer } from "./sign-in-issuer.ts";
import {
  as,
  claimsFor,
  keysFor,
  makeSignInSite,
  refusals,
  providerArn,
  providerName,
  type SignInSite,
  withKeys,
} from "./sign-in-site.ts";

const files = {
  "ada.txt": "The boat of the harbour office is painted green.",
  "bob.txt": "The crane of the harbour office is painted yellow.",
  "all.txt": "The lighthouse of the harbour office is painted white.",
};
const ada = "ada@acme.com";
const bob = "bob@acme.com";

function onlyFor(email: string): object {
  return { AccessControlList: [{ Name: email, Type: "USER", Access: "ALLOW" }] };
}

describe("users of an OpenID Connect provider", () => {
  let issuer: Issuer;
  let world: World;
  let site: SignInSite;
  before(async () => {
    issuer = await openIssuer();
    world = await openWorld(4, { oidcIssuers: { [providerName]: issuer.url } });
    site = await makeSignInSite(world.server, issuer);
    const bucket = world.bucket();
    for (const [key, text] of Object.entries(files)) await bucket.put(key, text);
    await bucket.putJson("metadata/ada.txt.metadata.json", onlyFor("Ada+work@ACME.com"));
    await bucket.putJson("metadata/bob.txt.metadata.json", onlyFor(bob));
    const source = await makeSource(site, bucket.name, { metadataFilesPrefix: "metadata/" });
    assert.equal(counts(await sync(source)), "3 3 0 0 0");
  });
  after(async () => {
    await world.close();
    await issuer[Symbol.asyncDispose]();
  });

  test("log in at a real issuer and find what they may see in one bucket, each their own", async () => {
    const found = async (email: string, client: "rs256" | "es256"): Promise<string> => {
      const person = withKeys(site, await keysFor(site, await issuer.logIn(email, client)));
      const ids = (await search(person, "painted harbour office")).map((id) =>
        id.split("/").at(-1),
      );
      return ids.toSorted().join(" ");
    };
    assert.equal(await found(ada, "rs256"), "ada.txt all.txt");
    assert.equal(await found(bob, "es256"), "all.txt bob.txt");
    assert.equal(await found("carol@acme.com", "rs256"), "all.txt");
  });

  test("get answers from what they may see, and nothing of the rest", async () => {
    const question = "How is the crane of the harbour office painted?";
    const answer = await ask(await as(site, bob), question);
    assert.match(answer.systemMessage ?? "", /crane .* yellow/);
    const other = await ask(await as(site, ada), question);
    assert.doesNotMatch(JSON.stringify(other), /yellow|bob\.txt/);
    // Over HTTP/2, as the JavaScript client streams.
    const keys = await keysFor(site, issuer.write(claimsFor(site, bob)));
    const { outputStream } = await qbusiness(world.server, keys).send(
      new ChatCommand({ applicationId: site.applicationId, inputStream: said(question) }),
    );
    const streamed: unknown[] = [];
    for await (const event of outputStream ?? []) streamed.push(event);
    assert.match(JSON.stringify(streamed), /yellow/);
  });

  test("are who the issuer says, whatever userId and userGroups say", async () => {
    const question = "How is the crane of the harbour office painted?";
    const answer = await ask(await as(site, ada), question, { userId: bob, userGroups: ["all"] });
    assert.doesNotMatch(JSON.stringify(answer), /yellow/);
  });

  test("do not reach each other's conversations, and rate only their own answers", async () => {
    const mine = await ask(await as(site, ada), "How is the boat painted?");
    const { conversationId = "", systemMessageId: messageId = "" } = mine;
    const { applicationId } = site;
    const more = { conversationId, parentMessageId: messageId };
    const rate = { applicationId, conversationId, messageId, messageCopiedAt: new Date() };
    const thief = await as(site, bob);
    for (const { name, resourceType } of await refusals([
      ask(thief, "And the oars?", more),
      thief.client.send(new PutFeedbackCommand(rate)),
    ])) {
      assert.deepEqual([name, resourceType], ["ResourceNotFoundException", "conversation"]);
    }
    // A new session of the same person goes on.
    const again = await as(site, ada, { aud: "quarry-mobile" });
    await ask(again, "And the lighthouse?", more);
    await again.client.send(new PutFeedbackCommand(rate));
  });

  test("need a session that the issuer stands behind: keys, roles and tags are not enough", async () => {
    const everything = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    };
    const userKeys = await makeUser(site.iam, everything);
    const tagged = await makeRole(site.iam, "Tagged", {
      trust: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: accountId },
            Action: ["sts:AssumeRole", "sts:TagSession"],
          },
        ],
      },
      policy: everything,
    });
    const { Credentials } = await sts(world.server, userKeys).send(
      new AssumeRoleCommand({
        RoleArn: tagged,
        RoleSessionName: "ada",
        Tags: [{ Key: "Email", Value: ada }],
      }),
    );
    const pretended = {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
    for (const keys of [world.server.rootKey, userKeys, pretended]) {
      const person = withKeys(site, keys);
      for (const { name, status, message } of await refusals([
        ask(person, "How is the boat painted?"),
        search(person, "boat"),
      ])) {
        assert.deepEqual([name, status], ["AccessDeniedException", 403]);
        assert.match(message, /not signed with credentials of a user .* AssumeRoleWithWebIdentity/);
      }
    }
  });

  test("need the Email tag, and a client of the application", async () => {
    const noTag = await makeRole(site.iam, "NoTag", {
      trust: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Federated: providerArn },
            Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
          },
        ],
      },
      policy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "qbusiness:*", Resource: "*" }],
      },
    });
    const plain = { "https://aws.amazon.com/tags": undefined };
    const nameless = await as({ ...site, roleArn: noTag }, ada, plain);
    const refused = await refusal(ask(nameless, "How is the boat painted?"));
    assert.equal(refused.name, "AccessDeniedException");
    assert.match(refused.message, /no Email tag/);
    // The same provider, another application with another client.
    const other = await makeSignInSite(world.server, issuer, { clientIds: ["elsewhere"] });
    const stranger = await as(site, ada);
    const call = ask({ ...stranger, applicationId: other.applicationId }, "Anything?");
    assert.match((await refusal(call)).message, /for one of the application's clients/);
    const guest = await as(site, ada, { aud: "elsewhere" }).catch((error: Error) => error.name);
    // The trust policy of this site's role names its own clients.
    assert.equal(guest, "AccessDenied");
  });

  test("stay anonymous where the application is", async () => {
    const anonymous = await world.site();
    const keys = await keysFor(site, issuer.write(claimsFor(site, ada)));
    const client = qbusinessHttp1(world.server, keys);
    const { systemMessage } = await ask(anonymous, "How is the boat painted?", {}, client);
    assert.equal(systemMessage, noAnswer);
  });

  test("are refused for good once somebody else has the address, until the user is deleted", async () => {
    const address = "dora@acme.com";
    const dora = await as(site, address);
    const { conversationId = "" } = await ask(dora, "How is the lighthouse painted?");
    const successor = await as(site, "Dora+new@acme.com", { sub: "another-person" });
    for (const { name, message } of await refusals([
      ask(successor, "And the boat?"),
      search(successor, "boat"),
    ])) {
      assert.equal(name, "AccessDeniedException");
      assert.match(message, /Another person signed in/);
    }
    const { applicationId } = site;
    await site.client.send(new DeleteUserCommand({ applicationId, userId: address }));
    await ask(successor, "How is the lighthouse painted?");
    // What the one before said is not for the one after; and that one is the stranger now.
    const { name } = await refusal(ask(successor, "And then?", { conversationId }));
    assert.equal(name, "ResourceNotFoundException");
    assert.match((await refusal(ask(dora, "And then?"))).message, /Another person signed in/);
  });

  test("know who they are, and what the session is called says nothing of it", async () => {
    const token = issuer.write(claimsFor(site, ada));
    const keys = await keysFor(site, token, { RoleSessionName: bob });
    const { Arn } = await sts(world.server, keys).send(new GetCallerIdentityCommand({}));
    assert.match(
      Arn ?? "",
      new RegExp(`:assumed-role/QBusiness-Web-${site.applicationId}/${bob}$`),
    );
    assert.deepEqual(await search(withKeys(site, keys), "crane yellow"), []);
  });

  test("of other identity types are refused in words that say so", async () => {
    const { applicationId } = await site.client.send(
      new CreateApplicationCommand({
        displayName: "saml",
        identityType: "AWS_IAM_IDP_SAML",
        iamIdentityProviderArn: `arn:aws:iam::${accountId}:saml-provider/people`,
      }),
    );
    const { name, message } = await refusal(
      ask({ ...site, applicationId: applicationId ?? "" }, "Anything?"),
    );
    assert.equal(name, "AccessDeniedException");
    assert.match(message, /does not know the users of identityType AWS_IAM_IDP_SAML yet/);
  });
});

async function* said(userMessage: string): AsyncGenerator<ChatInputStream> {
  yield { textEvent: { userMessage } } as ChatInputStream;
  yield { endOfInputEvent: {} } as ChatInputStream;
}
