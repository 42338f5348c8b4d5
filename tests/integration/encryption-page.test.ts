import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import {
  BatchPutDocumentCommand,
  CreateAnonymousWebExperienceUrlCommand,
  CreateWebExperienceCommand,
} from "@aws-sdk/client-qbusiness";
import { createClient } from "../../src/cli/client/client.ts";
import { checkContentKey } from "../../src/cli/doctor/key.ts";
import { kms, makeEncryptedSite, makeKey } from "../support/encryption-site.ts";
import { makeRole, putRolePolicy, region, settled, type Site } from "../support/site.ts";
import { testServer, type TestServer } from "../support/test-server.ts";

let server: TestServer;
before(async () => {
  server = await testServer();
});
after(() => server[Symbol.asyncDispose]());

async function encrypted(): Promise<Site & { readonly keyArn: string }> {
  const keyArn = await makeKey(server);
  const site = await makeEncryptedSite(server, keyArn);
  const { applicationId, indexId } = site;
  const documents = [{ id: "heron", content: { blob: Buffer.from("The heron nests here.") } }];
  await site.client.send(new BatchPutDocumentCommand({ applicationId, indexId, documents }));
  await settled(site);
  return { ...site, keyArn };
}

const allow = (Action: string, more: object = {}): object => ({
  Effect: "Allow",
  Action,
  Resource: "*",
  ...more,
});
const policy = (...Statement: readonly object[]): object => ({ Version: "2012-10-17", Statement });

test("the role of a page needs kms:Decrypt through the service to read what is encrypted", async () => {
  const site = await encrypted();
  const { applicationId, client } = site;
  const name = `page-${applicationId}`;
  const principal = { Principal: { Service: "application.qbusiness.amazonaws.com" } };
  const trust = { Effect: "Allow", Action: ["sts:AssumeRole", "sts:SetContext"], ...principal };
  const chat = allow("qbusiness:*");
  const roleArn = await makeRole(site.iam, name, { trust: policy(trust), policy: policy(chat) });
  const { webExperienceId = "" } = await client.send(
    new CreateWebExperienceCommand({ applicationId, roleArn }),
  );
  const { anonymousUrl = "" } = await client.send(
    new CreateAnonymousWebExperienceUrlCommand({ applicationId, webExperienceId }),
  );
  const page = `${server.url}/web/${applicationId}/${webExperienceId}`;
  const token = new URL(anonymousUrl).searchParams.get("token");
  const send = (path: string, body: object, cookie = ""): Promise<Response> =>
    fetch(`${page}/${path}`, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        "x-quarry-page": "1",
        "sec-fetch-site": "same-origin",
        origin: server.url,
        cookie,
      },
      body: JSON.stringify(body),
    });
  const opened = await send("open", { token });
  assert.equal(opened.status, 303);
  const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
  const asked = async (): Promise<string> => {
    const answer = await send("chat", { message: "Where does the heron nest?" }, cookie);
    return `${answer.status} ${await answer.text()}`;
  };
  assert.match(await asked(), /^403 .*AccessDenied/);
  const via = (service: string): object => ({
    Condition: { StringEquals: { "kms:ViaService": `${service}.${region}.amazonaws.com` } },
  });
  await putRolePolicy(site.iam, name, policy(chat, allow("kms:Decrypt", via("s3"))));
  assert.match(await asked(), /^403 .*AccessDenied/);
  await putRolePolicy(site.iam, name, policy(chat, allow("kms:Decrypt", via("qbusiness"))));
  assert.match(await asked(), /^200 .*heron nests here/s);
  await kms(server).send(new DisableKeyCommand({ KeyId: site.keyArn }));
  assert.match(await asked(), /^403 .*AccessDenied/);
});

test("the doctor names the key that locks an application", async () => {
  const site = await encrypted();
  const client = createClient({
    endpoint: server.url,
    region,
    credentials: () => server.rootKey,
    now: () => new Date(),
  });
  const { applicationId } = site;
  const look = () => checkContentKey(client, { applicationId, displayName: "Docs" });
  assert.equal((await look())?.status, "ok");
  await kms(server).send(new DisableKeyCommand({ KeyId: site.keyArn }));
  const finding = await look();
  assert.deepEqual([finding?.status, finding?.found], ["fail", `${site.keyArn} is Disabled`]);
  await kms(server).send(new EnableKeyCommand({ KeyId: site.keyArn }));
  assert.equal((await look())?.status, "ok");
});
