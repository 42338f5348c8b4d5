import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import * as q from "@aws-sdk/client-qbusiness";
import { openDatabase, resources } from "../../src/store/store.ts";
import { refusal } from "../support/clients.ts";
import {
  accountId,
  makeRole,
  makeUser,
  region,
  s3Configuration,
  type Site,
} from "../support/site.ts";
import { qbusiness } from "../support/clients.ts";
import { openWorld, type World } from "../support/world.ts";

describe("who a resource belongs to, and whose role it takes", () => {
  let world: World;
  let site: Site;
  before(async () => {
    world = await openWorld(10);
    site = await world.site();
  });
  after(() => world.close());

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
});
