import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { iamClient, makeUser, policyOf, refused } from "./query-clients.ts";
import { accountId, startQueryServer } from "./query-server.ts";

const name = "id.example.com/people";
const arn = `arn:aws:iam::${accountId}:oidc-provider/${name}`;
const OpenIDConnectProviderArn = arn;
const thumbprint = "a".repeat(40);

test("a provider is made, read, changed, tagged, listed and deleted", async () => {
  await using server = await startQueryServer();
  const client = iamClient(server);
  const Tags = [{ Key: "team", Value: "docs" }];
  const made = await client.send(
    new iam.CreateOpenIDConnectProviderCommand({
      Url: `https://${name}`,
      ClientIDList: ["web", "web", "phone"],
      ThumbprintList: [thumbprint],
      Tags,
    }),
  );
  assert.equal(made.OpenIDConnectProviderArn, arn);
  assert.deepEqual(made.Tags, Tags);
  const get = () =>
    client.send(new iam.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  const { Url, ClientIDList, ThumbprintList, CreateDate, ...first } = await get();
  assert.deepEqual([Url, ClientIDList, ThumbprintList], [name, ["web", "phone"], [thumbprint]]);
  assert.ok(Math.abs((CreateDate?.getTime() ?? 0) - Date.now()) < 60_000);
  assert.deepEqual(first.Tags, Tags);
  const add = (ClientID: string) =>
    client.send(
      new iam.AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID }),
    );
  await add("tv");
  await add("tv");
  const remove = (ClientID: string) =>
    client.send(
      new iam.RemoveClientIDFromOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn,
        ClientID,
      }),
    );
  await remove("web");
  await remove("never there");
  const two = [thumbprint, "b".repeat(40)];
  await client.send(
    new iam.UpdateOpenIDConnectProviderThumbprintCommand({
      OpenIDConnectProviderArn,
      ThumbprintList: two,
    }),
  );
  const changed = await get();
  assert.deepEqual([changed.ClientIDList, changed.ThumbprintList], [["phone", "tv"], two]);
  await client.send(
    new iam.TagOpenIDConnectProviderCommand({
      OpenIDConnectProviderArn,
      Tags: [
        { Key: "Team", Value: "red" },
        { Key: "z", Value: "1" },
      ],
    }),
  );
  const tags = async (MaxItems?: number, Marker?: string) =>
    client.send(
      new iam.ListOpenIDConnectProviderTagsCommand({ OpenIDConnectProviderArn, MaxItems, Marker }),
    );
  const page = await tags(1);
  assert.deepEqual([page.Tags, page.IsTruncated], [[{ Key: "Team", Value: "red" }], true]);
  assert.deepEqual((await tags(1, page.Marker)).Tags, [{ Key: "z", Value: "1" }]);
  await client.send(
    new iam.UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, TagKeys: ["TEAM"] }),
  );
  assert.deepEqual((await tags()).Tags, [{ Key: "z", Value: "1" }]);
  const list = async () =>
    (await client.send(new iam.ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList;
  assert.deepEqual(await list(), [{ Arn: arn }]);
  const end = () =>
    client.send(new iam.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  await end();
  await end();
  assert.deepEqual(await list(), []);
  await client.send(new iam.CreateOpenIDConnectProviderCommand({ Url: `https://${name}` }));
  assert.deepEqual((await get()).Tags, [], "its tags went with it");
});

test("what IAM refuses of providers is refused in its words", async () => {
  await using server = await startQueryServer();
  const client = iamClient(server);
  const create = (more: Partial<iam.CreateOpenIDConnectProviderCommandInput> = {}) =>
    refused(
      client.send(new iam.CreateOpenIDConnectProviderCommand({ Url: `https://${name}`, ...more })),
    );
  for (const Url of [
    "http://id.example.com",
    "https://id.example.com/?a=b",
    "https://id.example.com/#a",
    "https://me:secret@id.example.com",
    "https://id.example.com\\@evil",
    "id.example.com",
    "https://",
    "https:///x",
    "https://a b",
  ]) {
    assert.deepEqual((await create({ Url })).slice(0, 2), ["InvalidInput", 400], Url);
  }
  const long = { Url: `https://${"a".repeat(250)}` };
  assert.equal((await create(long))[0], "ValidationError");
  const ids = Array.from({ length: 101 }, (_, at) => `client-${at}`);
  assert.deepEqual(await create({ ClientIDList: ids }), [
    "LimitExceeded",
    409,
    "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
  ]);
  assert.equal((await create({ ThumbprintList: ["abc"] }))[0], "ValidationError");
  assert.equal((await create({ ThumbprintList: ["z".repeat(40)] }))[0], "InvalidInput");
  const six = Array.from({ length: 6 }, () => thumbprint);
  assert.equal((await create({ ThumbprintList: six }))[0], "InvalidInput");
  await client.send(new iam.CreateOpenIDConnectProviderCommand({ Url: `https://${name}` }));
  assert.deepEqual(await create({ Url: `https://${name.toUpperCase()}` }), [
    "EntityAlreadyExists",
    409,
    `Provider with url https://${name.toUpperCase()} already exists.`,
  ]);
  const missing = { OpenIDConnectProviderArn: `${arn}x` };
  for (const command of [
    new iam.GetOpenIDConnectProviderCommand(missing),
    new iam.AddClientIDToOpenIDConnectProviderCommand({ ...missing, ClientID: "a" }),
    new iam.RemoveClientIDFromOpenIDConnectProviderCommand({ ...missing, ClientID: "a" }),
    new iam.UpdateOpenIDConnectProviderThumbprintCommand({ ...missing, ThumbprintList: [] }),
    new iam.TagOpenIDConnectProviderCommand({ ...missing, Tags: [] }),
    new iam.UntagOpenIDConnectProviderCommand({ ...missing, TagKeys: [] }),
    new iam.ListOpenIDConnectProviderTagsCommand(missing),
  ] as unknown as iam.GetOpenIDConnectProviderCommand[]) {
    const [code, status, message] = await refused(client.send(command));
    const told = `OpenIDConnect Provider not found for arn ${arn}x`;
    assert.deepEqual([code, status, message], ["NoSuchEntity", 404, told]);
  }
  const elsewhere = { OpenIDConnectProviderArn: arn.replace(accountId, "999988887777") };
  const got = client.send(new iam.GetOpenIDConnectProviderCommand(elsewhere));
  assert.equal((await refused(got))[0], "NoSuchEntity", "of another account");
});

test("a provider is no principal that a policy could name, nor one to simulate", async () => {
  await using server = await startQueryServer();
  const client = iamClient(server);
  await client.send(new iam.CreateOpenIDConnectProviderCommand({ Url: `https://${name}` }));
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: arn }, Action: "sts:AssumeRole" }],
  });
  const role = { RoleName: "R", AssumeRolePolicyDocument: trust };
  const made = client.send(new iam.CreateRoleCommand(role));
  assert.equal((await refused(made))[0], "MalformedPolicyDocument");
  const simulate = { PolicySourceArn: arn, ActionNames: ["s3:GetObject"] };
  const run = client.send(new iam.SimulatePrincipalPolicyCommand(simulate));
  assert.match((await refused(run))[0], /^(NoSuchEntity|InvalidInput)$/);
});

test("tags of a provider decide where a policy asks for them", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const Tags = [{ Key: "team", Value: "docs" }];
  await root.send(new iam.CreateOpenIDConnectProviderCommand({ Url: `https://${name}`, Tags }));
  await root.send(new iam.CreateOpenIDConnectProviderCommand({ Url: "https://other.example.com" }));
  const Condition = { StringEquals: { "aws:ResourceTag/team": "docs" } };
  const Action = "iam:DeleteOpenIDConnectProvider";
  const alice = iamClient(server, await makeUser(server, "alice", policyOf({ Action, Condition })));
  const other = arn.replace(name, "other.example.com");
  const end = (at: string) =>
    alice.send(new iam.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: at }));
  assert.equal((await refused(end(other)))[0], "AccessDenied");
  await end(arn);
});
