import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as q from "@aws-sdk/client-qbusiness";
import { refusal } from "../support/clients.ts";
import { ask, makeSource, noAnswer, s3Configuration, settled, type Site } from "../support/site.ts";
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

describe("resources of an application", () => {
  let world: World;
  let site: Site;
  before(async () => {
    world = await openWorld(10);
    site = await world.site();
  });
  after(() => world.close());

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
});
