// "Example IAM policies for Amazon Q Business application environment supporting anonymous
// access", section by section: as it is printed, and as it was meant.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  BatchPutDocumentCommand,
  ChatCommand,
  type ChatInputStream,
  type ChatSyncOutput,
} from "@aws-sdk/client-qbusiness";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { policyFolder } from "../../src/cli/testing/policy-console.ts";
import { type Keys, qbusiness, sts } from "../support/clients.ts";
import { accountId, makeSite, makeUser, region, settled, type Site } from "../support/site.ts";
import { fillIn, openShell, type Page, readPage, type Shell } from "../support/source-documents.ts";
import { testServer, type TestServer } from "../support/test-server.ts";

const page = readPage("anonymous");
const files = {
  api: "permspolicyforAPIanonymous.json",
  web: "permspolicyforwebexperienceanonymous.json",
  trust: "trustpolicyforanonymous.json",
};
const atFile = (name: string): string => `file://policies/${name}`;
const roleArn = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`;

describe("the page on anonymous access", () => {
  let server: TestServer;
  let site: Site;
  let shell: Shell | undefined;
  before(async () => {
    server = await testServer();
    site = await makeSite(server);
    shell = await openShell(server);
    const { applicationId, indexId, client } = site;
    const documents = [
      { id: "ferry", content: { blob: Buffer.from("The ferry leaves at noon.") } },
    ];
    await client.send(new BatchPutDocumentCommand({ applicationId, indexId, documents }));
    await settled(site);
  });
  after(async () => {
    await shell?.[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  type Given = { readonly shell: Shell; readonly page: Page; readonly filled: readonly string[] };
  /** A test with the page and the CLI at hand. */
  function walk(name: string, body: (given: Given) => Promise<void>): void {
    test(name, async (t) => {
      if (page === undefined) return t.skip("shared/sources is not here");
      if (shell === undefined) return t.skip("the AWS CLI is not on PATH");
      const { applicationId: application_id } = site;
      const values = { region, account_id: accountId, application_id };
      await body({ shell, page, filled: page.documents.map((text) => fillIn(text, values)) });
    });
  }
  const repaired = (text = ""): string => text.replace(",,", ",").replace(", ]", " ]");

  walk("prints three documents, each of which is no JSON, and says where", async (given) => {
    assert.equal(given.filled.length, 3);
    await using folder = await policyFolder();
    for (const [at, text] of given.filled.entries()) {
      const commas = at === 1 ? 2 : 1;
      await given.shell.save("printed.json", text);
      const command = ["iam", "create-policy", "--policy-name", "printed"];
      const err = await given.shell.refused([
        ...command,
        "--policy-document",
        atFile("printed.json"),
      ]);
      assert.match(err, /\(MalformedPolicyDocument\).*Syntax errors in policy\./);
      await folder.put("printed.json", text);
      const { code, out } = await folder.run(["validate", "printed.json"]);
      assert.equal(code, 1);
      assert.equal(out.match(/JSON_SYNTAX_ERROR/g)?.length, commas, out);
    }
  });

  walk("prints two commands that no shell can run", async (given) => {
    const [api = "", web = ""] = given.page.commands;
    assert.equal(given.page.commands.length, 2);
    assert.match((await given.shell.paste(api)).err, /Invalid choice/);
    const joined = (line: string): string => line.replaceAll("\\ ", "");
    // Without the backslashes the option is still one that there is not.
    assert.match((await given.shell.paste(joined(api))).err, /required: --role-name/);
    assert.match((await given.shell.paste(joined(web))).err, /--role-name: expected one argument/);
    const named = joined(web)
      .replace("--role-name", "--role-name Web")
      .replace(".jsonNote", ".json");
    for (const [at, file] of [files.web, files.trust].entries()) {
      await given.shell.save(file, repaired(given.filled[at + 1]));
    }
    assert.match((await given.shell.paste(named)).err, /Unknown options: --policy-document/);
  });

  async function makeRole(given: Given, name: string, trust: string, policy: string) {
    const role = ["--role-name", name];
    const trustFile = ["--assume-role-policy-document", atFile(trust)];
    await given.shell.aws(["iam", "create-role", ...role, ...trustFile]);
    const put = ["iam", "put-role-policy", ...role, "--policy-name", name];
    await given.shell.aws([...put, "--policy-document", atFile(policy)]);
  }

  async function sessionOf(role: string): Promise<Keys> {
    const user = await makeUser(site.iam, {
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "sts:AssumeRole", Resource: roleArn(role) },
    });
    const input = { RoleArn: roleArn(role), RoleSessionName: "visitor" };
    const { Credentials } = await sts(server, user).send(new AssumeRoleCommand(input));
    return {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
  }

  walk("policy for calling relevant APIs: chats and rates, and may do no more", async (given) => {
    const Principal = { AWS: accountId };
    const Statement = { Effect: "Allow", Principal, Action: "sts:AssumeRole" };
    await given.shell.save("caller.json", JSON.stringify({ Version: "2012-10-17", Statement }));
    await given.shell.save(files.api, repaired(given.filled[0]));
    await makeRole(given, "AnonymousApi", "caller.json", files.api);
    const keys = await sessionOf("AnonymousApi");
    const own = ["--application-id", site.applicationId];
    const question = ["--user-message", "When does the ferry leave?"];
    const asked = await given.shell.aws<ChatSyncOutput>(
      ["qbusiness", "chat-sync", ...own, ...question],
      keys,
    );
    assert.match(asked.systemMessage ?? "", /at noon/);
    assert.equal(asked.sourceAttributions?.[0]?.documentId, "ferry");
    const { conversationId = "", systemMessageId = "" } = asked;
    const message = ["--conversation-id", conversationId, "--message-id", systemMessageId];
    const useful = ["--message-usefulness", "usefulness=USEFUL,submittedAt=2026-01-01T00:00:00Z"];
    await given.shell.aws(["qbusiness", "put-feedback", ...own, ...message, ...useful], keys);
    // The CLI has no Chat: it cannot stream.
    async function* events(): AsyncGenerator<ChatInputStream> {
      yield { textEvent: { userMessage: "When does the ferry leave?" } } as ChatInputStream;
      yield { endOfInputEvent: {} } as ChatInputStream;
    }
    const input = { applicationId: site.applicationId, inputStream: events() };
    const { outputStream } = await qbusiness(server, keys).send(new ChatCommand(input));
    const seen: string[] = [];
    for await (const event of outputStream ?? []) seen.push(...Object.keys(event));
    assert.equal(seen.at(-1), "metadataEvent");
    const err = await given.shell.refused(["qbusiness", "get-application", ...own], keys);
    assert.match(err, /\(AccessDeniedException\).*assumed-role\/AnonymousApi\/visitor/);
  });

  async function post(url: string, body: object, cookie = ""): Promise<Response> {
    const headers = {
      "content-type": "application/json",
      "x-quarry-page": "1",
      "sec-fetch-site": "same-origin",
      origin: server.url,
      cookie,
    };
    return fetch(url, { method: "POST", redirect: "manual", headers, body: JSON.stringify(body) });
  }

  async function linkTo(given: Given, webExperienceId: string): Promise<string> {
    const place = ["--application-id", site.applicationId, "--web-experience-id", webExperienceId];
    const command = ["qbusiness", "create-anonymous-web-experience-url", ...place];
    const { anonymousUrl } = await given.shell.aws<{ readonly anonymousUrl: string }>([
      ...command,
      "--session-duration-in-minutes",
      "15",
    ]);
    return anonymousUrl;
  }

  walk("policies for the web experience: both are needed, and both suffice", async (given) => {
    const [, web = "", trust = ""] = given.filled.map(repaired);
    await given.shell.save(files.web, web);
    await given.shell.save(files.trust, trust);
    await makeRole(given, "QBusinessAnonymousWeb", files.trust, files.web);
    const description = {
      applicationId: site.applicationId,
      roleArn: roleArn("QBusinessAnonymousWeb"),
      title: "Help",
      origins: ["https://www.example.com"],
    };
    const { webExperienceId } = await given.shell.aws<{ readonly webExperienceId: string }>([
      "qbusiness",
      "create-web-experience",
      "--cli-input-json",
      JSON.stringify(description),
    ]);
    const at = `${server.url}/web/${site.applicationId}/${webExperienceId}`;
    const link = await linkTo(given, webExperienceId);
    assert.ok(link.startsWith(at), link);
    const shown = await fetch(link);
    const policy = shown.headers.get("content-security-policy") ?? "";
    assert.match(policy, /frame-ancestors https:\/\/www\.example\.com/);
    const open = (url: string): Promise<Response> =>
      post(`${at}/open`, { token: new URL(url).searchParams.get("token") });
    const opened = await open(link);
    assert.equal(opened.status, 303);
    const cookieOf = (answer: Response): string =>
      answer.headers.get("set-cookie")?.split(";")[0] ?? "";
    const first = cookieOf(opened);
    const ask = async (cookie = first): Promise<string> => {
      const question = { message: "When does the ferry leave?" };
      return (await post(`${at}/chat`, question, cookie)).text();
    };
    assert.match(await ask(), /at noon/);

    const named = { RoleName: "QBusinessAnonymousWeb", PolicyName: "QBusinessAnonymousWeb" };
    await site.iam.send(new DeleteRolePolicyCommand(named));
    assert.doesNotMatch(await ask(), /at noon/, "no permissions");
    await site.iam.send(new PutRolePolicyCommand({ ...named, PolicyDocument: web }));
    assert.match(await ask(), /at noon/);
    const foreign = trust.replaceAll(site.applicationId, "a1b2c3d4-5678-4abc-8def-111111111111");
    const { RoleName } = named;
    const update = new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: foreign });
    await site.iam.send(update);
    const later = cookieOf(await open(await linkTo(given, webExperienceId)));
    assert.doesNotMatch(await ask(later), /at noon/, "no trust");
  });

  walk("the service-linked role: made by hand, and good for an application", async (given) => {
    const service = ["--aws-service-name", "qbusiness.amazonaws.com"];
    const { Role } = await given.shell.aws<{ readonly Role: { readonly Arn: string } }>([
      "iam",
      "create-service-linked-role",
      ...service,
    ]);
    assert.match(Role.Arn, /:role\/aws-service-role\/qbusiness\..*\/AWSServiceRoleForQBusiness$/);
    const kind = ["--display-name", "linked", "--identity-type", "ANONYMOUS"];
    await given.shell.aws(["qbusiness", "create-application", ...kind, "--role-arn", Role.Arn]);
  });
});
