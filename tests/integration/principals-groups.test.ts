import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteDataSourceCommand,
  DeleteGroupCommand,
  type GroupMembers,
  type GroupStatusDetail,
  ListGroupsCommand,
  paginateListGroups,
  PutGroupCommand,
  type PutGroupCommandInput,
} from "@aws-sdk/client-qbusiness";
import { refusal } from "../support/clients.ts";
import type { FolderBucket } from "../support/folder-bucket.ts";
import { accountId, makeRole, putRolePolicy, region, type Site } from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";
import {
  checkAccess,
  type Finder,
  getGroup,
  makeCustomSource,
  makeSignedInSite,
  openFinder,
  putDocuments,
  putGroup,
} from "./principals-site.ts";

const ada = "ada@acme.com";
const users = (...ids: readonly string[]): GroupMembers => ({
  memberUsers: ids.map((userId) => ({ userId })),
});
const statuses = (history: readonly GroupStatusDetail[] | undefined): readonly unknown[] =>
  (history ?? []).map(({ status }) => status);

describe("groups and their members", () => {
  let world: World;
  let finder: Finder;
  let site: Site;
  before(async () => {
    world = await openWorld(10);
    finder = await openFinder(world.server);
    site = await makeSignedInSite(world.server);
  });
  after(async () => {
    await finder[Symbol.asyncDispose]();
    await world.close();
  });

  const pathOf = ({ applicationId, indexId }: Site) => ({ applicationId, indexId });
  const remove = (groupName: string, dataSourceId?: string, at: Site = site) =>
    site.client.send(new DeleteGroupCommand({ ...pathOf(at), groupName, dataSourceId }));
  const put = (more: Partial<PutGroupCommandInput>) =>
    site.client.send(
      new PutGroupCommand({
        ...pathOf(site),
        groupName: "refused",
        type: "INDEX",
        groupMembers: {},
        ...more,
      }),
    );
  /** A site with one document for a group, to see who is in it. */
  const guarded = async (groupName: string): Promise<Site> => {
    const own = await makeSignedInSite(world.server);
    const group = { name: groupName, access: "ALLOW", membershipType: "INDEX" } as const;
    const access = { accessControls: [{ principals: [{ group }] }] };
    await putDocuments(own, [{ id: "guarded", access }]);
    return own;
  };
  const isMember = async (at: Site, userId: string): Promise<boolean> =>
    (await finder.find(at, userId)).length > 0;

  test("a put and a deletion show in the status and its history", async () => {
    await putGroup(site, "made/and deleted", users(ada));
    const made = await getGroup(site, "made/and deleted");
    assert.equal(made.status?.status, "SUCCEEDED");
    assert.ok(made.status?.lastUpdatedAt instanceof Date);
    assert.deepEqual(statuses(made.statusHistory), ["PROCESSING", "SUCCEEDED"]);
    await remove("made/and deleted");
    const gone = await getGroup(site, "made/and deleted");
    assert.equal(gone.status?.status, "DELETED");
    assert.deepEqual(statuses(gone.statusHistory).slice(2), ["DELETING", "DELETED"]);
    const calls = [remove("made/and deleted"), remove("never"), getGroup(site, "never")];
    for (const { name, resourceType } of await Promise.all(calls.map(refusal))) {
      assert.deepEqual([name, resourceType], ["ResourceNotFoundException", "group"]);
    }
  });

  test("the list sent is the whole membership", async () => {
    const own = await guarded("team");
    await putGroup(own, "team", users(ada, "bob@acme.com"));
    assert.deepEqual([await isMember(own, ada), await isMember(own, "bob@acme.com")], [true, true]);
    await putGroup(own, "team", users("BOB+x@acme.com"));
    assert.deepEqual(
      [await isMember(own, ada), await isMember(own, "bob@acme.com")],
      [false, true],
    );
    await putGroup(own, "team", {});
    assert.equal(await isMember(own, "bob@acme.com"), false);
  });

  test("S12: groups of the index and of data sources are strangers, whatever their names", async () => {
    const own = await guarded("team");
    const one = await makeCustomSource(own);
    await putGroup(own, "team", users(ada), { dataSourceId: one });
    assert.equal(await isMember(own, ada), false);
    assert.equal((await refusal(getGroup(own, "team"))).status, 404);
    await putGroup(own, "team", users(ada));
    await remove("team", one, own);
    assert.equal(await isMember(own, ada), true);
    assert.equal((await getGroup(own, "team", one)).status?.status, "DELETED");
    // Nor do groups cross from one index to another.
    const other = await guarded("team");
    assert.equal(await isMember(other, ada), false);
    const { name } = await refusal(getGroup({ ...own, indexId: other.indexId }, "team"));
    assert.equal(name, "ResourceNotFoundException");
  });

  test("what a put must not say", async () => {
    const dataSourceId = await makeCustomSource(site);
    const s3PathForGroupMembers = { bucket: "bucket-0", key: "members.json" };
    const many = Array.from({ length: 1001 }, (_, i) => `u${i}@acme.com`);
    const scoped = { userId: "x", type: "DATASOURCE" as const };
    const rows: readonly (readonly [Partial<PutGroupCommandInput>, string])[] = [
      [{ type: "DATASOURCE" }, "dataSourceId"],
      [{ dataSourceId }, "dataSourceId"],
      [{ groupMembers: users(...many) }, "groupMembers"],
      [{ groupMembers: { memberUsers: [scoped] } }, "groupMembers.memberUsers.0.type"],
      [
        { groupMembers: { memberGroups: [{ groupName: "g", type: "DATASOURCE" }] } },
        "groupMembers.memberGroups.0.type",
      ],
      [{ groupMembers: { s3PathForGroupMembers } }, "roleArn"],
      [{ groupMembers: { s3PathForGroupMembers, memberUsers: [] } }, "groupMembers"],
      [
        {
          groupMembers: { s3PathForGroupMembers },
          roleArn: `arn:aws:iam::${accountId}:role/no-such-role`,
        },
        "roleArn",
      ],
    ];
    for (const [more, field] of rows) {
      const { name, fields } = await refusal(put(more));
      assert.deepEqual([name, fields?.[0]?.name], ["ValidationException", field]);
    }
    const { name } = await refusal(put({ type: "DATASOURCE", dataSourceId: randomUUID() }));
    assert.equal(name, "ResourceNotFoundException");
    assert.equal((await refusal(getGroup(site, "refused"))).status, 404);
    // A thousand are not too many.
    await putGroup(site, "large", users(...many.slice(1)));
  });

  test("S14: ListGroups needs a time, shows what is older and not deleted, ten at a time", async () => {
    const own = await makeSignedInSite(world.server);
    const dataSourceId = await makeCustomSource(own);
    const { client } = own;
    const names = Array.from({ length: 23 }, (_, i) => `g${i}`);
    for (const name of names) await putGroup(own, name, users(ada));
    await putGroup(own, "local", users(ada), { dataSourceId });
    await sleep(5);
    const between = new Date();
    await sleep(5);
    await putGroup(own, "g3", users(ada));
    await putGroup(own, "young", users(ada));
    await remove("g4", undefined, own);
    const list = async (more: { updatedEarlierThan: Date; dataSourceId?: string }) => {
      const found: (string | undefined)[] = [];
      const pages = paginateListGroups({ client, pageSize: 10 }, { ...pathOf(own), ...more });
      for await (const { items = [] } of pages) {
        assert.ok(items.length <= 10);
        found.push(...items.map(({ groupName }) => groupName));
      }
      return found;
    };
    const older = names.filter((name) => name !== "g3" && name !== "g4");
    assert.deepEqual(await list({ updatedEarlierThan: between }), older);
    assert.deepEqual(await list({ updatedEarlierThan: between, dataSourceId }), ["local"]);
    const later = new Date(Date.now() + 60_000);
    const all = [...names.filter((name) => name !== "g4"), "young"];
    assert.deepEqual((await list({ updatedEarlierThan: later })).toSorted(), all.toSorted());
    const page = new ListGroupsCommand({ ...pathOf(own), updatedEarlierThan: later });
    const { items, nextToken } = await client.send(page);
    assert.equal(items?.length, 10);
    const elsewhere = { ...pathOf(own), updatedEarlierThan: between, nextToken };
    const refused = [
      client.send(new ListGroupsCommand(elsewhere)),
      client.send(new ListGroupsCommand({ ...pathOf(own), updatedEarlierThan: undefined })),
      client.send(
        new ListGroupsCommand({ ...pathOf(own), updatedEarlierThan: later, maxResults: 11 }),
      ),
    ];
    for (const { name } of await Promise.all(refused.map(refusal))) {
      assert.equal(name, "ValidationException");
    }
  });

  test("a deleted data source takes its groups along", async () => {
    const own = await makeSignedInSite(world.server);
    const dataSourceId = await makeCustomSource(own);
    await putGroup(own, "local", users(ada), { dataSourceId });
    await own.client.send(new DeleteDataSourceCommand({ ...pathOf(own), dataSourceId }));
    for (let tries = 0; ; tries += 1) {
      assert.ok(tries < 500, "the data source is still there");
      const { message } = await refusal(
        getGroup(own, "local", dataSourceId).then(() => assert.fail()),
      );
      if (/No data-source/.test(message)) break;
      await sleep(20);
    }
  });

  describe("from a file", () => {
    let files: FolderBucket;
    let roleName: string;
    let roleArn: string;
    const allow = { Effect: "Allow", Action: "s3:GetObject" };
    before(async () => {
      files = world.bucket();
      roleName = `groups-${randomUUID()}`;
      const Resource = [`arn:aws:s3:::${files.name}/groups/*`];
      roleArn = await makeRole(site.iam, roleName, {
        trust: trustPolicy(),
        policy: { Version: "2012-10-17", Statement: [{ ...allow, Resource }] },
      });
    });
    const trustPolicy = (): object => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "qbusiness.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": accountId },
            ArnLike: {
              "aws:SourceArn": `arn:aws:qbusiness:${region}:${accountId}:application/*`,
            },
          },
        },
      ],
    });
    const fromFile = (at: Site, groupName: string, key: string): Promise<void> => {
      const s3PathForGroupMembers = { bucket: files.name, key };
      return putGroup(at, groupName, { s3PathForGroupMembers }, { roleArn });
    };
    const ended = async (at: Site, groupName: string) => {
      for (let tries = 0; tries < 500; tries += 1) {
        const { status } = await getGroup(at, groupName);
        if (status?.status !== "PROCESSING") return status;
        await sleep(10);
      }
      return assert.fail("The group is still being processed.");
    };

    test("members come from one document or from lines, as many as inline never could", async () => {
      const own = await guarded("team");
      const memberUsers = Array.from({ length: 3000 }, (_, i) => ({ userId: `u${i}@acme.com` }));
      await files.putJson("groups/document.json", {
        groupMembers: { memberUsers, memberGroups: [{ groupName: "sub", type: "INDEX" }] },
      });
      await fromFile(own, "team", "groups/document.json");
      assert.equal((await ended(own, "team"))?.status, "SUCCEEDED");
      assert.equal(await isMember(own, "u2999@acme.com"), true);
      await putGroup(own, "sub", users(ada));
      assert.equal(await isMember(own, ada), true);
      const lines = [
        { type: "USER", userId: "Carl+x@acme.com" },
        { type: "GROUP", id: "sub" },
      ];
      await files.put("groups/lines.json", lines.map((line) => JSON.stringify(line)).join("\r\n"));
      await fromFile(own, "team", "groups/lines.json");
      assert.equal((await ended(own, "team"))?.status, "SUCCEEDED");
      const seen = ["carl@acme.com", ada, "u2999@acme.com"].map((one) => isMember(own, one));
      assert.deepEqual(await Promise.all(seen), [true, true, false]);
    });

    test("a file that cannot be had or taken leaves the members as they were, and says why", async () => {
      const own = await guarded("team");
      await putGroup(own, "team", users(ada));
      await files.put("groups/broken.json", '{"type":"USER","userId":"x"}\n{oops');
      await files.put("groups/empty.json", "");
      await files.put("elsewhere/members.json", '{"memberUsers":[]}');
      await files.put("groups/utf16.json", Buffer.from('{"memberUsers":[]}', "utf16le"));
      const tooMany = Array.from({ length: 100_001 }, () => ({ userId: "x" }));
      await files.putJson("groups/many.json", { memberUsers: tooMany });
      const rows: readonly (readonly [string, string, RegExp])[] = [
        ["groups/broken.json", "InvalidRequest", /Line 2 of the members file is not JSON/],
        ["groups/empty.json", "InvalidRequest", /empty/],
        ["groups/utf16.json", "InvalidRequest", /./],
        ["groups/many.json", "InvalidRequest", /more than 100000 members/],
        ["groups/missing.json", "ResourceNotFound", /missing\.json/],
        // The role may read one prefix only.
        ["elsewhere/members.json", "InvalidRequest", /not authorized|s3:GetObject/],
      ];
      for (const [key, errorCode, message] of rows) {
        await fromFile(own, "team", key);
        const status = await ended(own, "team");
        assert.deepEqual(
          [status?.status, status?.errorDetail?.errorCode],
          ["FAILED", errorCode],
          key,
        );
        assert.match(status?.errorDetail?.errorMessage ?? "", message);
        assert.equal(await isMember(own, ada), true, key);
      }
    });

    test("a role that lost its permission reads nothing more", async () => {
      const own = await guarded("team");
      await files.putJson("groups/late.json", { memberUsers: [{ userId: ada }] });
      await putRolePolicy(site.iam, roleName, {
        Version: "2012-10-17",
        Statement: [{ ...allow, Effect: "Deny", Resource: "*" }],
      });
      await fromFile(own, "team", "groups/late.json");
      assert.equal((await ended(own, "team"))?.status, "FAILED");
      assert.equal(await isMember(own, ada), false);
      const Resource = [`arn:aws:s3:::${files.name}/groups/*`];
      await putRolePolicy(site.iam, roleName, {
        Version: "2012-10-17",
        Statement: [{ ...allow, Resource }],
      });
    });

    test("S14: a slow put from a file does not overwrite what came after it", async () => {
      const own = await guarded("team");
      const memberUsers = Array.from({ length: 50_000 }, (_, i) => ({ userId: `u${i}@acme.com` }));
      await files.putJson("groups/slow.json", { memberUsers: [...memberUsers, { userId: ada }] });
      await fromFile(own, "team", "groups/slow.json");
      await putGroup(own, "team", {});
      await fromFile(own, "other", "groups/slow.json");
      await remove("other", undefined, own);
      // The queue does them in order: when this one is through, so are those before it.
      await fromFile(own, "last", "groups/slow.json");
      assert.equal((await ended(own, "last"))?.status, "SUCCEEDED");
      assert.equal(await isMember(own, ada), false);
      const { statusHistory } = await getGroup(own, "team");
      assert.deepEqual(statuses(statusHistory), ["PROCESSING", "PROCESSING", "SUCCEEDED"]);
      assert.equal((await getGroup(own, "other")).status?.status, "DELETED");
      await own.client.send(new DeleteGroupCommand({ ...pathOf(own), groupName: "last" }));
    });
  });

  test("CheckDocumentAccess knows a user only who was created", async () => {
    const own = await guarded("team");
    await putGroup(own, "team", users(ada));
    assert.equal(
      (await refusal(checkAccess(own, ada, "guarded"))).name,
      "ResourceNotFoundException",
    );
  });
});
