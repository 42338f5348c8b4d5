import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as q from "@aws-sdk/client-qbusiness";
import { openDatabase, resources } from "../../src/store/store.ts";
import { refusal } from "../support/clients.ts";
import {
  accountId,
  ask,
  makeRole,
  makeSource,
  makeUser,
  noAnswer,
  region,
  s3Configuration,
  settled,
  type Site,
} from "../support/site.ts";
import { qbusiness } from "../support/clients.ts";
import { testServer } from "../support/test-server.ts";
import { openWorld, type World } from "../support/world.ts";

/** Calls until it is refused, which has to happen soon. */
async function untilRefused(call: () => Promise<unknown>) {
  for (let tries = 0; tries < 300; tries += 1) {
    const result = await call().catch((error: unknown) => error);
    if (result instanceof Error) return result;
    await sleep(20);
  }
  return assert.fail("It was never refused.");
}

describe("resources", () => {
  let world: World;
  let site: Site;
  before(async () => {
    world = await openWorld(10);
    site = await world.site();
  });
  after(() => world.close());

  test("an application is made, read, listed, changed and deleted", async () => {
    const { client } = site;
    const made = await client.send(
      new q.CreateApplicationCommand({
        displayName: "Travel-desk",
        description: "answers",
        identityType: "ANONYMOUS",
        attachmentsConfiguration: { attachmentsControlMode: "DISABLED" },
        tags: [{ key: "team", value: "" }],
      }),
    );
    const { applicationId = "", applicationArn } = made;
    assert.match(applicationId, /^[0-9a-f-]{36}$/);
    assert.equal(
      applicationArn,
      `arn:aws:qbusiness:${region}:${accountId}:application/${applicationId}`,
    );
    const get = () => client.send(new q.GetApplicationCommand({ applicationId }));
    const first = await get();
    assert.equal(first.status, "ACTIVE");
    assert.equal(first.identityType, "ANONYMOUS");
    assert.equal(first.description, "answers");
    assert.ok(first.createdAt instanceof Date);
    await client.send(new q.UpdateApplicationCommand({ applicationId, displayName: "Desk" }));
    const changed = await get();
    assert.equal(changed.displayName, "Desk");
    assert.equal(changed.description, "answers", "absent members stay");
    const { applications = [] } = await client.send(new q.ListApplicationsCommand({}));
    assert.ok(applications.some((one) => one.applicationId === applicationId));
    await client.send(new q.DeleteApplicationCommand({ applicationId }));
    assert.equal((await untilRefused(get)).name, "ResourceNotFoundException");
    const again = await refusal(client.send(new q.DeleteApplicationCommand({ applicationId })));
    assert.equal(again.name, "ResourceNotFoundException");
    assert.equal(again.resourceType, "application");
    assert.equal(again.resourceId, applicationId);
    const tagged = client.send(new q.ListTagsForResourceCommand({ resourceARN: applicationArn }));
    assert.equal((await refusal(tagged)).name, "ResourceNotFoundException");
  });

  test("an index is made, read, listed, changed and deleted with what hangs below it", async () => {
    const { client, applicationId } = site;
    const { indexId = "", indexArn = "" } = await client.send(
      new q.CreateIndexCommand({ applicationId, displayName: "second", type: "STARTER" }),
    );
    const ids = { applicationId, indexId };
    const read = await client.send(new q.GetIndexCommand(ids));
    assert.equal(read.indexArn, indexArn);
    assert.equal(read.type, "STARTER");
    assert.deepEqual(read.capacityConfiguration, { units: 1 });
    assert.deepEqual(read.indexStatistics?.textDocumentStatistics, {
      indexedTextBytes: 0,
      indexedTextDocumentCount: 0,
    });
    assert.equal(read.documentAttributeConfigurations?.length, 11);
    const field = { name: "city", type: "STRING" as const };
    await client.send(
      new q.UpdateIndexCommand({
        ...ids,
        capacityConfiguration: { units: 5 },
        documentAttributeConfigurations: [field, { name: "_category", search: "DISABLED" }],
      }),
    );
    const changed = await client.send(new q.GetIndexCommand(ids));
    const fieldOf = (name: string) =>
      changed.documentAttributeConfigurations?.find((one) => one.name === name);
    assert.deepEqual(changed.capacityConfiguration, { units: 5 });
    assert.deepEqual(fieldOf("city"), { ...field, search: "ENABLED" });
    assert.equal(fieldOf("_category")?.search, "DISABLED");
    assert.equal(changed.displayName, "second");
    const wrong = [
      { name: "city", type: "NUMBER" as const },
      { name: "town" },
      { name: "_own", type: "STRING" as const },
    ];
    for (const one of wrong) {
      const refused = await refusal(
        client.send(new q.UpdateIndexCommand({ ...ids, documentAttributeConfigurations: [one] })),
      );
      assert.equal(refused.name, "ValidationException", one.name);
    }
    const many = client.send(
      new q.UpdateIndexCommand({ ...ids, capacityConfiguration: { units: 6 } }),
    );
    const quota = await refusal(many);
    assert.deepEqual([quota.name, quota.status], ["ServiceQuotaExceededException", 402]);
    await client.send(new q.DeleteIndexCommand(ids));
    const gone = await untilRefused(() => client.send(new q.GetIndexCommand(ids)));
    assert.equal(gone.name, "ResourceNotFoundException");
  });

  test("a retriever moves to another index, and goes with the index it has", async () => {
    const own = await world.site();
    const { client, applicationId, retrieverId } = own;
    const { indexId: other = "" } = await client.send(
      new q.CreateIndexCommand({ applicationId, displayName: "other" }),
    );
    const read = () => client.send(new q.GetRetrieverCommand({ applicationId, retrieverId }));
    assert.equal((await read()).configuration?.nativeIndexConfiguration?.version, 2);
    await client.send(
      new q.UpdateRetrieverCommand({
        applicationId,
        retrieverId,
        displayName: "renamed",
        configuration: { nativeIndexConfiguration: { indexId: other } },
      }),
    );
    const changed = await read();
    assert.equal(changed.displayName, "renamed");
    assert.equal(changed.configuration?.nativeIndexConfiguration?.indexId, other);
    const deleteIndex = async (indexId: string) => {
      await client.send(new q.DeleteIndexCommand({ applicationId, indexId }));
      await untilRefused(() => client.send(new q.GetIndexCommand({ applicationId, indexId })));
    };
    await deleteIndex(own.indexId);
    assert.equal((await read()).status, "ACTIVE", "its old index takes nothing along");
    await deleteIndex(other);
    assert.equal((await refusal(read())).name, "ResourceNotFoundException");
  });

  test("retrievers without an index, over Kendra or with boosts are refused", async () => {
    const { client, applicationId, indexId } = site;
    const create = (type: q.RetrieverType, configuration: q.RetrieverConfiguration) =>
      refusal(
        client.send(
          new q.CreateRetrieverCommand({ applicationId, displayName: "r", type, configuration }),
        ),
      );
    const unknown = { nativeIndexConfiguration: { indexId: randomUUID() } };
    assert.equal((await create("NATIVE_INDEX", unknown)).resourceType, "index");
    const kendra = { kendraIndexConfiguration: { indexId } };
    assert.equal((await create("KENDRA_INDEX", kendra)).name, "ValidationException");
    assert.equal((await create("NATIVE_INDEX", kendra)).name, "ValidationException");
    const boosts = { _category: { stringConfiguration: { boostingLevel: "HIGH" as const } } };
    const boosted = { nativeIndexConfiguration: { indexId, boostingOverride: boosts } };
    assert.equal((await create("NATIVE_INDEX", boosted)).name, "ValidationException");
  });

  test("a web experience is made, read, listed, changed and deleted", async () => {
    const { client, applicationId } = site;
    const { webExperienceId = "" } = await client.send(
      new q.CreateWebExperienceCommand({
        applicationId,
        title: "Ask us",
        origins: ["https://a.example.com", "https://b.example.com"],
      }),
    );
    const ids = { applicationId, webExperienceId };
    const read = () => client.send(new q.GetWebExperienceCommand(ids));
    const first = await read();
    assert.equal(
      first.defaultEndpoint,
      `${world.server.publicUrl}/web/${applicationId}/${webExperienceId}/`,
    );
    assert.equal(first.status, "ACTIVE");
    await client.send(
      new q.UpdateWebExperienceCommand({ ...ids, origins: ["https://c.example.com"] }),
    );
    const changed = await read();
    assert.deepEqual(changed.origins, ["https://c.example.com"], "W14: replaced as a whole");
    assert.equal(changed.title, "Ask us");
    const { anonymousUrl = "" } = await client.send(
      new q.CreateAnonymousWebExperienceUrlCommand(ids),
    );
    assert.ok(anonymousUrl.startsWith(first.defaultEndpoint ?? "-"));
    await client.send(new q.DeleteWebExperienceCommand(ids));
    assert.equal((await refusal(read())).resourceType, "web-experience");
    const late = await refusal(client.send(new q.CreateAnonymousWebExperienceUrlCommand(ids)));
    assert.equal(late.name, "ResourceNotFoundException");
  });

  test("a data source is checked, made, read, changed and deleted", async () => {
    const source = await makeSource(site, "bucket-0");
    const { client, applicationId, indexId, dataSourceId, roleArn } = source;
    const ids = { applicationId, indexId, dataSourceId };
    const read = await client.send(new q.GetDataSourceCommand(ids));
    assert.equal(read.type, "S3");
    assert.equal(read.status, "ACTIVE");
    assert.deepEqual(read.configuration, s3Configuration("bucket-0"));
    await client.send(new q.UpdateDataSourceCommand({ ...ids, syncSchedule: "cron(0 3 * * ? *)" }));
    assert.equal(
      (await client.send(new q.GetDataSourceCommand(ids))).syncSchedule,
      "cron(0 3 * * ? *)",
    );
    const create = (members: object) =>
      refusal(
        client.send(
          new q.CreateDataSourceCommand({
            applicationId,
            indexId,
            displayName: "d",
            roleArn,
            configuration: s3Configuration("bucket-0") as never,
            ...members,
          }),
        ),
      );
    const custom = { type: "CUSTOM", version: "1.0.0" };
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ roleArn: undefined }, /roleArn/],
      [{ configuration: { type: "CONFLUENCEV2" } }, /type/],
      [{ configuration: "text" }, /configuration/],
      [{ configuration: s3Configuration("Bad_Bucket") }, /BucketName/],
      [{ configuration: s3Configuration("b-1", { syncMode: "CHANGE_LOG" }) }, /syncMode/],
      [{ syncSchedule: "every day" }, /syncSchedule/],
      [{ configuration: custom, syncSchedule: "cron(0 3 * * ? *)" }, /syncSchedule/],
      [{ vpcConfiguration: { subnetIds: ["s"], securityGroupIds: ["g"] } }, /vpcConfiguration/],
    ];
    for (const [members, words] of cases) {
      const refused = await create(members);
      assert.equal(refused.name, "ValidationException", refused.message);
      assert.equal(refused.reason, "FIELD_VALIDATION_FAILED");
      assert.match(JSON.stringify(refused.fields), words);
    }
    const retyped = await refusal(
      client.send(new q.UpdateDataSourceCommand({ ...ids, configuration: custom })),
    );
    assert.equal(retyped.name, "ValidationException");
    await client.send(new q.DeleteDataSourceCommand(ids));
    const gone = await untilRefused(() => client.send(new q.GetDataSourceCommand(ids)));
    assert.equal(gone.name, "ResourceNotFoundException");
  });

  test("lists come in pages that add up, with tokens of that list only", async () => {
    const own = await world.site();
    const { client, applicationId, indexId } = own;
    for (let n = 0; n < 7; n += 1) {
      await client.send(new q.CreateIndexCommand({ applicationId, displayName: `i${n}` }));
      await client.send(new q.CreateWebExperienceCommand({ applicationId }));
      await client.send(
        new q.CreateDataSourceCommand({
          applicationId,
          indexId,
          displayName: `d${n}`,
          configuration: { type: "CUSTOM", version: "1.0.0" },
        }),
      );
      await client.send(
        new q.CreateRetrieverCommand({
          applicationId,
          displayName: `r${n}`,
          type: "NATIVE_INDEX",
          configuration: { nativeIndexConfiguration: { indexId } },
        }),
      );
    }
    const page = { client, pageSize: 3 };
    const ids: Record<string, (string | undefined)[]> = { i: [], w: [], d: [], r: [], a: [] };
    for await (const { indices = [] } of q.paginateListIndices(page, { applicationId })) {
      assert.ok(indices.length <= 3);
      ids["i"]?.push(...indices.map((one) => one.displayName));
    }
    for await (const one of q.paginateListWebExperiences(page, { applicationId })) {
      ids["w"]?.push(...(one.webExperiences ?? []).map((site) => site.webExperienceId));
    }
    for await (const one of q.paginateListDataSources(page, { applicationId, indexId })) {
      ids["d"]?.push(...(one.dataSources ?? []).map((source) => source.displayName));
    }
    for await (const one of q.paginateListRetrievers(page, { applicationId })) {
      ids["r"]?.push(...(one.retrievers ?? []).map((retriever) => retriever.displayName));
    }
    for await (const one of q.paginateListApplications({ client, pageSize: 1 }, {})) {
      ids["a"]?.push(...(one.applications ?? []).map((app) => app.applicationId));
    }
    const numbered = (letter: string) => Array.from({ length: 7 }, (_, n) => `${letter}${n}`);
    assert.deepEqual(ids["i"], ["index", ...numbered("i")]);
    assert.deepEqual(ids["d"], numbered("d"));
    assert.deepEqual(ids["r"], ["retriever", ...numbered("r")]);
    assert.equal(new Set(ids["w"]).size, 7);
    const { applications = [] } = await client.send(new q.ListApplicationsCommand({}));
    assert.deepEqual(
      ids["a"],
      applications.map((one) => one.applicationId),
    );

    const { nextToken = "" } = await client.send(
      new q.ListIndicesCommand({ applicationId, maxResults: 1 }),
    );
    const middle = Math.floor(nextToken.length / 2);
    const altered =
      nextToken.slice(0, middle) +
      (nextToken[middle] === "A" ? "B" : "A") +
      nextToken.slice(middle + 1);
    const elsewhere = (await world.site()).applicationId;
    const wrong = [
      new q.ListIndicesCommand({ applicationId, nextToken: altered }),
      new q.ListIndicesCommand({ applicationId, nextToken: "x" }),
      new q.ListIndicesCommand({ applicationId: elsewhere, nextToken }),
      new q.ListRetrieversCommand({ applicationId, nextToken }),
      new q.ListDocumentsCommand({ applicationId, indexId, nextToken }),
      new q.GetChatControlsConfigurationCommand({ applicationId, nextToken }),
    ];
    for (const command of wrong) {
      const refused = await refusal(client.send(command as q.ListIndicesCommand));
      assert.equal(refused.name, "ValidationException", command.constructor.name);
      assert.equal(refused.fields?.[0]?.name, "nextToken");
    }
  });

  test("tags are added, overwritten, listed and removed, up to 50", async () => {
    const { client, applicationArn: resourceARN } = await world.site();
    const list = async () =>
      (await client.send(new q.ListTagsForResourceCommand({ resourceARN }))).tags;
    const tag = (tags: q.Tag[]) => client.send(new q.TagResourceCommand({ resourceARN, tags }));
    await tag([
      { key: "Team", value: "a" },
      { key: "team", value: "b" },
    ]);
    await tag([{ key: "team", value: "" }]);
    assert.deepEqual(await list(), [
      { key: "Team", value: "a" },
      { key: "team", value: "" },
    ]);
    await client.send(new q.UntagResourceCommand({ resourceARN, tagKeys: ["Team", "none"] }));
    assert.deepEqual(await list(), [{ key: "team", value: "" }]);
    const many = Array.from({ length: 50 }, (_, n) => ({ key: `k${n}`, value: "v" }));
    assert.equal((await refusal(tag(many))).name, "ValidationException");
    assert.equal((await list())?.length, 1, "nothing of a refused call is kept");
    await tag(many.slice(1));
    assert.equal((await list())?.length, 50);
    assert.equal((await refusal(tag([{ key: "aws:x", value: "" }]))).name, "ValidationException");
    const unknown = `${resourceARN}/index/${randomUUID()}`;
    const missing = await refusal(
      client.send(new q.ListTagsForResourceCommand({ resourceARN: unknown })),
    );
    assert.equal(missing.name, "ResourceNotFoundException");
  });

  test("a client token makes one resource, in whatever order its members come", async () => {
    const { client, applicationId } = site;
    const clientToken = randomUUID();
    const send = (members: Partial<q.CreateIndexCommandInput>) =>
      client.send(
        new q.CreateIndexCommand({ applicationId, displayName: "once", clientToken, ...members }),
      );
    const tags = [{ key: "a", value: "b" }];
    const first = await send({ description: "d", tags });
    const second = await send({ tags, description: "d" });
    const parallel = await Promise.all([1, 2, 3].map(() => send({ description: "d", tags })));
    assert.equal(new Set([first, second, ...parallel].map((made) => made.indexId)).size, 1);
    const other = await refusal(send({ description: "e", tags }));
    assert.deepEqual([other.name, other.status], ["ConflictException", 409]);
  });

  test("a refused call with a client token can be made again", async () => {
    const { client, applicationId } = site;
    const token = { applicationId, displayName: "retry", clientToken: randomUUID() };
    const units = (count: number) =>
      client.send(new q.CreateIndexCommand({ ...token, capacityConfiguration: { units: count } }));
    assert.equal((await refusal(units(51))).name, "ServiceQuotaExceededException");
    assert.ok((await units(2)).indexId);
  });

  test("identity types ask for the members that belong to them", async () => {
    const idc = { identityCenterInstanceArn: "arn:aws:sso:::instance/ssoins-1234567890abcdef" };
    const idp = { iamIdentityProviderArn: `arn:aws:iam::${accountId}:saml-provider/corp` };
    const cases: readonly (readonly [q.IdentityType, object, string | undefined])[] = [
      ["ANONYMOUS", {}, undefined],
      ["ANONYMOUS", idc, "identityCenterInstanceArn"],
      ["ANONYMOUS", idp, "iamIdentityProviderArn"],
      ["AWS_IAM_IDC", idc, undefined],
      ["AWS_IAM_IDC", {}, "identityCenterInstanceArn"],
      ["AWS_IAM_IDP_SAML", idp, undefined],
      ["AWS_IAM_IDP_SAML", {}, "iamIdentityProviderArn"],
      ["AWS_IAM_IDP_OIDC", idp, "clientIdsForOIDC"],
      ["AWS_IAM_IDP_OIDC", { ...idp, clientIdsForOIDC: ["client"] }, undefined],
      ["AWS_QUICKSIGHT_IDP", {}, "quickSightConfiguration"],
      [
        "AWS_QUICKSIGHT_IDP",
        { quickSightConfiguration: { clientNamespace: "default" } },
        undefined,
      ],
    ];
    for (const [identityType, members, field] of cases) {
      const call = site.client.send(
        new q.CreateApplicationCommand({ displayName: "typed", identityType, ...members }),
      );
      if (field === undefined) {
        const { applicationId } = await call;
        const read = await site.client.send(new q.GetApplicationCommand({ applicationId }));
        assert.equal(read.identityType, identityType);
      } else {
        const refused = await refusal(call);
        assert.equal(refused.name, "ValidationException", `${identityType} ${field}`);
        assert.equal(refused.fields?.[0]?.name, field);
      }
    }
    const auto = await refusal(
      site.client.send(
        new q.UpdateApplicationCommand({
          applicationId: site.applicationId,
          autoSubscriptionConfiguration: { autoSubscribe: "ENABLED" },
        }),
      ),
    );
    assert.equal(auto.fields?.[0]?.name, "autoSubscriptionConfiguration");
  });

  test("what belongs to another account looks exactly like what does not exist", async () => {
    const other = "999988887777";
    const ids = { application: randomUUID(), index: randomUUID(), retriever: randomUUID() };
    const at = new Date();
    await using db = await openDatabase(join(world.server.dataDir, "quarry.db"));
    const arnOf = (tail: string) =>
      `arn:aws:qbusiness:${region}:${other}:application/${ids.application}${tail}`;
    const common = { accountId: other, applicationId: ids.application, status: "ACTIVE", at };
    await db.write(async (trx) => {
      const record = { displayName: "theirs", identityType: "ANONYMOUS", units: 1, attributes: [] };
      await resources.insert(trx, {
        ...common,
        id: ids.application,
        kind: "application",
        indexId: "",
        arn: arnOf(""),
        record,
      });
      await resources.insert(trx, {
        ...common,
        id: ids.index,
        kind: "index",
        indexId: "",
        arn: arnOf(`/index/${ids.index}`),
        record,
      });
    });
    const { client } = site;
    const applicationId = ids.application;
    const indexId = ids.index;
    const mine = { applicationId: site.applicationId, indexId: site.indexId };
    const calls = (app: string, index: string) => [
      () => client.send(new q.GetApplicationCommand({ applicationId: app })),
      () => client.send(new q.DeleteApplicationCommand({ applicationId: app })),
      () => client.send(new q.UpdateApplicationCommand({ applicationId: app, description: "" })),
      () => client.send(new q.GetIndexCommand({ applicationId: app, indexId: index })),
      () => client.send(new q.ListDocumentsCommand({ applicationId: app, indexId: index })),
      () => client.send(new q.CreateIndexCommand({ applicationId: app, displayName: "x" })),
      () => client.send(new q.ChatSyncCommand({ applicationId: app, userMessage: "hello" })),
      () => client.send(new q.GetIndexCommand({ ...mine, indexId: index })),
      () =>
        client.send(
          new q.ListTagsForResourceCommand({ resourceARN: arnOf("").replace(applicationId, app) }),
        ),
    ];
    const neutral = (text: string) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID");
    const theirs = calls(applicationId, indexId);
    const nobodys = calls(randomUUID(), randomUUID());
    for (const [n, call] of theirs.entries()) {
      const foreign = await refusal(call());
      const absent = await refusal((nobodys[n] ?? assert.fail())());
      assert.equal(foreign.name, "ResourceNotFoundException", String(n));
      assert.equal(neutral(foreign.message), neutral(absent.message));
    }
    const { applications = [] } = await client.send(new q.ListApplicationsCommand({}));
    assert.ok(applications.every((one) => one.displayName !== "theirs"));
    const lent = await refusal(
      client.send(
        new q.CreateRetrieverCommand({
          applicationId: site.applicationId,
          displayName: "r",
          type: "NATIVE_INDEX",
          configuration: { nativeIndexConfiguration: { indexId } },
        }),
      ),
    );
    assert.equal(lent.name, "ResourceNotFoundException");
    const own = await world.site();
    const mixed = { applicationId: own.applicationId, indexId: site.indexId };
    const wrongPath = await refusal(client.send(new q.GetIndexCommand(mixed)));
    assert.equal(wrongPath.name, "ResourceNotFoundException", "an index of another application");
  });

  test("deleting an application takes its documents, conversations and sources along", async () => {
    const source = await world.source({ "a.txt": "The otters of Inverness sleep at noon." });
    const { client, applicationId, indexId, dataSourceId } = source;
    const documents = Array.from({ length: 10 }, (_, n) => ({
      id: `d${n}`,
      content: { blob: Buffer.from(`Document ${n} of otters.`) },
    }));
    await client.send(new q.BatchPutDocumentCommand({ applicationId, indexId, documents }));
    await settled(source);
    const answer = await ask(source, "When do otters sleep?");
    await client.send(
      new q.PutFeedbackCommand({
        applicationId,
        conversationId: answer.conversationId,
        messageId: answer.systemMessageId,
        messageUsefulness: { usefulness: "USEFUL", submittedAt: new Date() },
      }),
    );
    await client.send(
      new q.StartDataSourceSyncJobCommand({ applicationId, indexId, dataSourceId }),
    );
    await client.send(new q.DeleteApplicationCommand({ applicationId }));
    const created = client.send(new q.CreateIndexCommand({ applicationId, displayName: "x" }));
    assert.match((await refusal(created)).name, /ConflictException|ResourceNotFoundException/);
    const asked = await refusal(ask(source, "When do otters sleep?"));
    assert.match(asked.name, /ConflictException|ResourceNotFoundException/);
    await untilRefused(() => client.send(new q.GetApplicationCommand({ applicationId })));
    await using db = await openDatabase(join(world.server.dataDir, "quarry.db"));
    for (let tries = 0; ; tries += 1) {
      const left = await leftOf(db, applicationId, indexId, dataSourceId);
      if (left.length === 0) break;
      assert.ok(tries < 50, `left: ${left.join(", ")}`);
      await sleep(50);
    }
  });

  test("an index that is being deleted answers nothing and takes nothing", async () => {
    const own = await world.site();
    const { client, applicationId, indexId } = own;
    const documents = [{ id: "d", content: { blob: Buffer.from("The otters sleep at noon.") } }];
    const put = () =>
      client.send(new q.BatchPutDocumentCommand({ applicationId, indexId, documents }));
    await put();
    await settled(own);
    await client.send(new q.DeleteIndexCommand({ applicationId, indexId }));
    assert.equal((await ask(own, "When do the otters sleep?")).systemMessage, noAnswer);
    assert.match((await refusal(put())).name, /ConflictException|ResourceNotFoundException/);
    const again = await refusal(client.send(new q.DeleteIndexCommand({ applicationId, indexId })));
    assert.match(again.name, /ConflictException|ResourceNotFoundException/);
  });

  test("PassRole: the permission, the role and its trust are each needed", async () => {
    const { client, iam, applicationId, indexId } = site;
    const trust = (Service: string) => ({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
    });
    const good = await makeRole(iam, `good-${randomUUID()}`, {
      trust: trust("qbusiness.amazonaws.com"),
    });
    const untrusting = await makeRole(iam, `bad-${randomUUID()}`, {
      trust: trust("ec2.amazonaws.com"),
    });
    const create = (roleArn: string, by = client) =>
      by.send(
        new q.CreateDataSourceCommand({
          applicationId,
          indexId,
          displayName: "passed",
          roleArn,
          configuration: s3Configuration("bucket-1") as never,
        }),
      );
    const missing = await refusal(create(`arn:aws:iam::${accountId}:role/none`));
    assert.equal(missing.name, "ValidationException");
    assert.equal(missing.fields?.[0]?.name, "roleArn");
    assert.equal((await refusal(create(untrusting))).name, "ValidationException");
    const foreign = await refusal(create("arn:aws:iam::999988887777:role/theirs"));
    assert.match(foreign.name, /ValidationException|AccessDeniedException/);
    assert.ok((await create(good)).dataSourceId);

    const policy = (Statement: object[]) => ({ Version: "2012-10-17", Statement });
    const business = { Effect: "Allow", Action: "qbusiness:*", Resource: "*" };
    const withoutPass = qbusiness(world.server, await makeUser(iam, policy([business])));
    const denied = await refusal(create(good, withoutPass));
    assert.equal(denied.name, "AccessDeniedException");
    assert.match(
      denied.message,
      /not authorized to perform: iam:PassRole on resource: arn:aws:iam/,
    );
    const unknown = await refusal(create(`arn:aws:iam::${accountId}:role/none`, withoutPass));
    assert.equal(unknown.name, "AccessDeniedException", "a stranger learns nothing of roles");
    const pass = (service: string) => ({
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: good,
      Condition: { StringEquals: { "iam:PassedToService": service } },
    });
    const wrongService = await makeUser(iam, policy([business, pass("ec2.amazonaws.com")]));
    assert.equal(
      (await refusal(create(good, qbusiness(world.server, wrongService)))).name,
      "AccessDeniedException",
    );
    const passing = await makeUser(iam, policy([business, pass("qbusiness.amazonaws.com")]));
    assert.ok((await create(good, qbusiness(world.server, passing))).dataSourceId);
  });

  test("the account takes 50 applications, and one more after one is gone", async () => {
    const own = await testServer();
    const client = qbusiness(own);
    const create = () =>
      client.send(new q.CreateApplicationCommand({ displayName: "n", identityType: "ANONYMOUS" }));
    const made = await Promise.all(Array.from({ length: 50 }, create));
    const full = await refusal(create());
    assert.deepEqual([full.name, full.status], ["ServiceQuotaExceededException", 402]);
    const { applicationId } = made[0] ?? {};
    await client.send(new q.DeleteApplicationCommand({ applicationId }));
    await untilRefused(() => client.send(new q.GetApplicationCommand({ applicationId })));
    assert.ok((await create()).applicationId);
    await own[Symbol.asyncDispose]();
  });
});

type Db = Awaited<ReturnType<typeof openDatabase>>;

/** Names of the tables in which something of an application is left. */
async function leftOf(
  { read }: Db,
  applicationId: string,
  indexId: string,
  dataSourceId: string,
): Promise<readonly string[]> {
  const byApplication = ["resource", "document", "conversation", "feedback", "sync_job"] as const;
  const left: string[] = [];
  for (const table of byApplication) {
    const rows = await read
      .selectFrom(table)
      .select("application_id")
      .where("application_id", "=", applicationId)
      .execute();
    if (rows.length > 0) left.push(table);
  }
  const objects = await read
    .selectFrom("connector_object")
    .select("object_key")
    .where("data_source_id", "=", dataSourceId)
    .execute();
  if (objects.length > 0) left.push("connector_object");
  const kept = await read
    .selectFrom("idempotency")
    .select("scope")
    .where("scope", "like", `chat/${applicationId}/%`)
    .execute();
  if (kept.length > 0) left.push("idempotency");
  const search = read as unknown as {
    selectFrom: (table: string) => {
      select: (column: string) => {
        where: (
          column: string,
          operator: string,
          value: string,
        ) => { execute: () => Promise<readonly unknown[]> };
      };
    };
  };
  for (const table of ["search_document", "search_chunk_page", "search_segment"]) {
    const query = search.selectFrom(table).select("index_id").where("index_id", "=", indexId);
    if ((await query.execute()).length > 0) left.push(table);
  }
  return left;
}
