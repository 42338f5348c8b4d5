import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import {
  CreateApplicationCommand,
  CreateIndexCommand,
  CreateRetrieverCommand,
  ListConversationsCommand,
} from "@aws-sdk/client-qbusiness";
import { AssumeRoleCommand, type AssumeRoleCommandInput } from "@aws-sdk/client-sts";
import {
  loadInstallationKeys,
  type ViewerContext,
  writeViewerContext,
} from "../../src/identity/identity.ts";
import { iam, type Keys, qbusinessHttp1, refusal, sts } from "../support/clients.ts";
import { accountId, ask, makeRole, makeUser, search, type Site } from "../support/site.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import { putDocuments } from "./principals-site.ts";

const ProviderArn = "arn:aws:iam::aws:contextProvider/IdentityCenter";
const instanceArn = "arn:aws:sso:::instance/ssoins-1234567890abcdef";
const ada = "ada@acme.com";
const all = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["qbusiness:*", "sts:*"], Resource: "*" }],
};

function trust(...actions: readonly string[]): object {
  const Principal = { AWS: accountId };
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal, Action: actions }],
  };
}

describe("identity-aware sessions", () => {
  let server: TestServer;
  let site: Site;
  let sealingKey: Uint8Array;
  let webTier: Keys;
  let roleArn: string;
  before(async () => {
    server = await testServer();
    ({ sealingKey } = await loadInstallationKeys(server.dataDir));
    site = await makeCenterSite();
    webTier = await makeUser(site.iam, all);
    roleArn = await makeRole(site.iam, "Web", {
      trust: trust("sts:AssumeRole", "sts:SetContext"),
      policy: all,
    });
    const only = (id: string) => ({
      accessControls: [{ principals: [{ user: { id, access: "ALLOW" as const } }] }],
    });
    const staff = { group: { name: "staff", access: "ALLOW" as const } };
    await putDocuments(site, [
      { id: "open" },
      { id: "ada", access: only("Ada+x@acme.com") },
      { id: "bob", access: only("bob@acme.com") },
      { id: "staff", access: { accessControls: [{ principals: [staff] }] } },
    ]);
  });
  after(() => server[Symbol.asyncDispose]());

  async function makeCenterSite(): Promise<Site> {
    const client = qbusinessHttp1(server);
    const { applicationId = "", applicationArn = "" } = await client.send(
      new CreateApplicationCommand({
        displayName: "site",
        identityType: "AWS_IAM_IDC",
        identityCenterInstanceArn: instanceArn,
      }),
    );
    const { indexId = "", indexArn = "" } = await client.send(
      new CreateIndexCommand({ applicationId, displayName: "index" }),
    );
    const configuration = { nativeIndexConfiguration: { indexId } };
    const { retrieverId = "" } = await client.send(
      new CreateRetrieverCommand({
        applicationId,
        displayName: "retriever",
        type: "NATIVE_INDEX",
        configuration,
      }),
    );
    const ids = { applicationId, applicationArn, indexId, indexArn, retrieverId };
    return { ...ids, client, iam: iam(server) };
  }

  function assertion(more: Partial<ViewerContext> = {}, key = sealingKey): string {
    return writeViewerContext(key, {
      id: randomUUID(),
      instanceArn,
      userId: `user-of-${more.email ?? ada}`,
      email: ada,
      groups: [],
      expiresAt: new Date(Date.now() + 300_000),
      ...more,
    });
  }

  async function assume(
    ContextAssertion: string | undefined,
    more: Partial<AssumeRoleCommandInput> = {},
  ): Promise<Keys> {
    const ProvidedContexts =
      ContextAssertion === undefined ? undefined : [{ ProviderArn, ContextAssertion }];
    const { Credentials } = await sts(server, webTier).send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: "web",
        ProvidedContexts,
        ...more,
      }),
    );
    return {
      accessKeyId: Credentials?.AccessKeyId ?? assert.fail("no keys"),
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
  }

  async function as(more: Partial<ViewerContext> = {}): Promise<Site> {
    return { ...site, client: qbusinessHttp1(server, await assume(assertion(more))) };
  }

  test("find what their person may see, by address and by the directory's groups", async () => {
    const found = async (more: Partial<ViewerContext>): Promise<string> =>
      (await search(await as(more), "harbour")).toSorted().join(" ");
    assert.equal(await found({}), "ada open");
    assert.equal(await found({ email: "BOB@acme.com" }), "bob open");
    assert.equal(await found({ email: "carol@acme.com", groups: ["staff"] }), "open staff");
    assert.equal(await found({ email: "dora@acme.com", groups: ["Staff"] }), "open");
    const { conversationId } = await ask(await as(), "What is about the harbour?");
    const { conversations = [] } = await (
      await as()
    ).client.send(new ListConversationsCommand({ applicationId: site.applicationId }));
    assert.deepEqual(
      conversations.map((each) => each.conversationId),
      [conversationId],
    );
  });

  test("take no user ID besides: who asks is in the credentials", async () => {
    const person = await as();
    for (const more of [{ userId: ada }, { userGroups: ["staff"] }]) {
      const { name, status, message } = await refusal(ask(person, "Anything?", more));
      assert.deepEqual([name, status], ["AccessDeniedException", 403]);
      assert.match(message, /user ID must be null.*identity-aware credentials/);
    }
  });

  test("are the only ones that an application of Identity Center answers", async () => {
    const plain = { ...site, client: qbusinessHttp1(server, await assume(undefined)) };
    const strangers = [
      site,
      plain,
      await as({ instanceArn: "arn:aws:sso:::instance/ssoins-0000000000000000" }),
    ];
    for (const who of strangers) {
      const { name, message } = await refusal(ask(who, "Anything?"));
      assert.equal(name, "AccessDeniedException");
      assert.match(message, /not signed with identity-aware credentials/);
    }
  });

  test("have no business with an anonymous application", async () => {
    const { applicationId } = await site.client.send(
      new CreateApplicationCommand({ displayName: "open", identityType: "ANONYMOUS" }),
    );
    const person = { ...(await as()), applicationId: applicationId ?? "" };
    assert.equal((await refusal(ask(person, "Anything?"))).name, "ValidationException");
  });

  test("come only from a context that this installation wrote, in time, for the first time", async () => {
    const used = assertion();
    await assume(used);
    const good = assertion();
    const other = await testServer();
    const { sealingKey: strange } = await loadInstallationKeys(other.dataDir);
    await other[Symbol.asyncDispose]();
    const invalid = "ValidationError The ContextAssertion is not valid.";
    const rows: readonly (readonly [string, string])[] = [
      [used, "ValidationError The ContextAssertion has been used before."],
      [assertion({}, strange), invalid],
      [`${good.slice(0, -2)}AA`, invalid],
      ["eyJhbGciOiJub25lIn0.e30.", invalid],
      [
        assertion({ expiresAt: new Date(Date.now() - 1) }),
        "ExpiredTokenException The ContextAssertion has expired.",
      ],
    ];
    for (const [text, expected] of rows) {
      const { Code, message } = (await refusal(assume(text))) as { Code?: string; message: string };
      assert.equal(`${Code} ${message}`, expected);
    }
    const elsewhere = { ProviderArn: `${ProviderArn}2`, ContextAssertion: good };
    const twice = { ProviderArn, ContextAssertion: good };
    for (const ProvidedContexts of [[elsewhere], [twice, twice]]) {
      const { message } = await refusal(assume(undefined, { ProvidedContexts }));
      assert.match(message, /^A session takes one context, of the provider/);
    }
    // None of that has used it up.
    await assume(good);
  });

  test("need sts:SetContext in the trust policy, which can look at who it is", async () => {
    const condition = {
      StringEquals: { "sts:RequestContext/identitystore:UserId": `user-of-${ada}` },
    };
    const conditional = trust("sts:AssumeRole", "sts:SetContext") as {
      readonly Statement: readonly object[];
    };
    const rows: readonly (readonly [object, string])[] = [
      [trust("sts:AssumeRole"), "AccessDenied"],
      [trust("sts:SetContext"), "AccessDenied"],
      [
        { ...conditional, Statement: [{ ...conditional.Statement[0], Condition: condition }] },
        "taken",
      ],
    ];
    for (const [at, [document, expected]] of rows.entries()) {
      const RoleArn = await makeRole(site.iam, `Trust-${at}`, { trust: document, policy: all });
      const outcome = await assume(assertion(), { RoleArn }).then(
        () => "taken",
        (error: Error) => error.name,
      );
      assert.equal(outcome, expected, JSON.stringify(document));
    }
  });

  test("let policies ask which person of the directory calls", async () => {
    const own = { StringEquals: { "identitystore:UserId": `user-of-${ada}` } };
    const RoleArn = await makeRole(site.iam, "OnlyAda", {
      trust: trust("sts:AssumeRole", "sts:SetContext"),
      policy: { ...all, Statement: [{ ...all.Statement[0], Condition: own }] },
    });
    const asked = async (email: string): Promise<string> => {
      const keys = await assume(assertion({ email }), { RoleArn });
      const who = { ...site, client: qbusinessHttp1(server, keys) };
      return ask(who, "What is about the harbour?").then(
        () => "answered",
        (error: Error) => error.message,
      );
    };
    assert.equal(await asked(ada), "answered");
    assert.match(await asked("bob@acme.com"), /no identity-based policy allows the qbusiness:Chat/);
  });

  test("do not hand their person on to the next role", async () => {
    const keys = await assume(assertion());
    const { Credentials } = await sts(server, keys).send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "next" }),
    );
    const client = qbusinessHttp1(server, {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    });
    const { name } = await refusal(ask({ ...site, client }, "Anything?"));
    assert.equal(name, "AccessDeniedException");
  });
});
