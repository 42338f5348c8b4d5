import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as q from "@aws-sdk/client-qbusiness";
import { openDatabase } from "../../src/store/store.ts";
import { refusal } from "../support/clients.ts";
import { accountId, ask, region, settled, type Site } from "../support/site.ts";
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

describe("applications", () => {
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
