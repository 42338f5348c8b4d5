import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  CreateUserCommand,
  DeleteDataSourceCommand,
  DeleteUserCommand,
  GetUserCommand,
  UpdateUserCommand,
  type UserAlias,
} from "@aws-sdk/client-qbusiness";
import { qbusinessHttp1, refusal } from "../support/clients.ts";
import { makeUser, type Site } from "../support/site.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import { makeCustomSource, makeSignedInSite } from "./principals-site.ts";

describe("users and their aliases", () => {
  let server: TestServer;
  let site: Site;
  before(async () => {
    server = await testServer();
    site = await makeSignedInSite(server);
  });
  after(() => server[Symbol.asyncDispose]());

  const create = (
    userId: string,
    more: { readonly userAliases?: UserAlias[]; readonly clientToken?: string } = {},
    at: Site = site,
  ) =>
    site.client.send(new CreateUserCommand({ applicationId: at.applicationId, userId, ...more }));
  const get = async (userId: string, at: Site = site): Promise<readonly UserAlias[]> => {
    const { applicationId } = at;
    const answer = await site.client.send(new GetUserCommand({ applicationId, userId }));
    return answer.userAliases ?? assert.fail("no userAliases");
  };
  const update = (userId: string, change: { update?: UserAlias[]; remove?: UserAlias[] }) =>
    site.client.send(
      new UpdateUserCommand({
        applicationId: site.applicationId,
        userId,
        userAliasesToUpdate: change.update,
        userAliasesToDelete: change.remove,
      }),
    );
  const remove = (userId: string) =>
    site.client.send(new DeleteUserCommand({ applicationId: site.applicationId, userId }));

  test("S1, S11: a user is found under every spelling of the address, a plus is not a blank", async () => {
    await create("Jo.Doe+work@X.com", { userAliases: [{ userId: "JoDoe" }] });
    for (const userId of ["jo.doe@x.com", "JO.DOE+a+b@x.com", "jo.doe+work@x.COM"]) {
      assert.deepEqual(await get(userId), [{ userId: "JoDoe" }]);
    }
    for (const userId of ["jodoe@x.com", "jo.doe work@x.com", "jo.doe"]) {
      assert.equal((await refusal(get(userId))).name, "ResourceNotFoundException", userId);
    }
    const { name, resourceId, resourceType } = await refusal(create("jo.DOE@x.com"));
    const expected = ["ConflictException", "jo.DOE@x.com", "user"];
    assert.deepEqual([name, resourceId, resourceType], expected);
  });

  test("the same request with its token succeeds again, another one is a conflict", async () => {
    const token = { clientToken: "token-of-kim" };
    await create("kim@x.com", token);
    await create("kim@x.com", token);
    assert.equal((await refusal(create("kim+2@y.com", token))).name, "ConflictException");
    assert.equal((await refusal(create("kim@x.com"))).name, "ConflictException");
  });

  test("an update says what was added, what was there, and what was removed", async () => {
    const { indexId } = site;
    const dataSourceId = await makeCustomSource(site);
    await create("liv@x.com", { userAliases: [{ userId: "a" }, { userId: "b", indexId }] });
    const answer = await update("LIV@x.com", {
      update: [{ userId: "a" }, { userId: "c", indexId, dataSourceId }],
      remove: [{ userId: "b", indexId }, { userId: "b" }, { userId: "never" }],
    });
    assert.deepEqual(answer.userAliasesAdded, [{ userId: "c", indexId, dataSourceId }]);
    assert.deepEqual(answer.userAliasesUpdated, [{ userId: "a" }]);
    assert.deepEqual(answer.userAliasesDeleted, [{ userId: "b", indexId }]);
    assert.deepEqual(await get("liv@x.com"), [
      { userId: "a" },
      { userId: "c", indexId, dataSourceId },
    ]);
    // Deletions come first, so a name in both lists goes and comes again, as it is written now.
    const renamed = await update("liv@x.com", {
      update: [{ userId: "a" }],
      remove: [{ userId: "a" }],
    });
    assert.deepEqual(renamed.userAliasesAdded, [{ userId: "a" }]);
    assert.deepEqual(renamed.userAliasesUpdated, []);
    assert.deepEqual(renamed.userAliasesDeleted, [{ userId: "a" }]);
    // One person may have several names in one place.
    await update("liv@x.com", { update: [{ userId: "d", indexId, dataSourceId }] });
    assert.equal((await get("liv@x.com")).length, 3);
  });

  test("an alias belongs to one user in its scope, and an update is all or nothing", async () => {
    await create("mia@x.com", { userAliases: [{ userId: "Mia@Mail.com" }] });
    await create("nora@x.com");
    const taken = [
      update("nora@x.com", { update: [{ userId: "new" }, { userId: "mia+x@mail.COM" }] }),
      // Nobody is known everywhere as somebody else.
      update("nora@x.com", { update: [{ userId: "mia@x.com" }] }),
      create("mia@mail.com"),
      create("olga@x.com", { userAliases: [{ userId: "mia@mail.com" }] }),
    ];
    for (const { name } of await Promise.all(taken.map(refusal))) {
      assert.equal(name, "ConflictException");
    }
    assert.deepEqual(await get("nora@x.com"), []);
    assert.equal((await refusal(get("olga@x.com"))).name, "ResourceNotFoundException");
    // The same name in another scope is another name.
    const { indexId } = site;
    await update("nora@x.com", { update: [{ userId: "mia@mail.com", indexId }] });
    // Her own address may be an alias as well, and nobody else's name.
    await update("nora@x.com", { update: [{ userId: "NORA@x.com" }] });
  });

  test("scopes are checked: a source needs its index, and both must be there", async () => {
    const { indexId } = site;
    const nowhere = "00000000-0000-0000-0000-000000000000";
    const alias = (scope: Partial<UserAlias>): UserAlias[] => [{ userId: "x", ...scope }];
    const refused: readonly (readonly [Partial<UserAlias>, string])[] = [
      [{ dataSourceId: nowhere }, "ValidationException"],
      [{ indexId: nowhere }, "ResourceNotFoundException"],
      [{ indexId, dataSourceId: nowhere }, "ResourceNotFoundException"],
      [{ indexId: (await makeSignedInSite(server)).indexId }, "ResourceNotFoundException"],
    ];
    for (const [scope, name] of refused) {
      const { name: got } = await refusal(create("pia@x.com", { userAliases: alias(scope) }));
      assert.equal(got, name, JSON.stringify(scope));
    }
    await create("pete@x.com", { userAliases: alias({}) });
    const formless = { update: alias({ indexId }), remove: alias({ dataSourceId: nowhere }) };
    const { name: shape, fields: faults } = await refusal(update("pete@x.com", formless));
    assert.deepEqual(
      [shape, faults?.[0]?.name],
      ["ValidationException", "userAliasesToDelete.0.indexId"],
    );
    assert.deepEqual(await get("pete@x.com"), alias({}), "nothing of the call has happened");
    // What is gone can be deleted as what never was.
    await update("pete@x.com", { remove: alias({ indexId: nowhere, dataSourceId: nowhere }) });
    const many = Array.from({ length: 101 }, (_, i) => ({ userId: `p${i}` }));
    const { name, fields } = await refusal(create("pia@x.com", { userAliases: many }));
    assert.deepEqual([name, fields?.[0]?.name], ["ValidationException", "userAliases"]);
    assert.equal((await refusal(get("pia@x.com"))).status, 404);
  });

  test("a deleted user is gone with the aliases, which others may have then", async () => {
    await create("quinn@x.com", { userAliases: [{ userId: "q" }] });
    await remove("Quinn@x.com");
    const calls = [get("quinn@x.com"), remove("quinn@x.com"), update("quinn@x.com", {})];
    for (const { name, resourceType } of await Promise.all(calls.map(refusal))) {
      assert.deepEqual([name, resourceType], ["ResourceNotFoundException", "user"]);
    }
    await create("rosa@x.com", { userAliases: [{ userId: "q" }] });
    await create("quinn@x.com");
    assert.deepEqual(await get("quinn@x.com"), []);
  });

  test("users of one application are strangers to another", async () => {
    const other = await makeSignedInSite(server);
    await create("sam@x.com", { userAliases: [{ userId: "sam" }] });
    assert.equal((await refusal(get("sam@x.com", other))).status, 404);
    await create("sam@x.com", { userAliases: [{ userId: "sam" }] }, other);
    await remove("sam@x.com");
    assert.deepEqual(await get("sam@x.com", other), [{ userId: "sam" }]);
  });

  test("a data source that is deleted takes its aliases along", async () => {
    const { client, applicationId, indexId } = site;
    const dataSourceId = await makeCustomSource(site);
    await create("tom@x.com", { userAliases: [{ userId: "t", indexId, dataSourceId }] });
    await client.send(new DeleteDataSourceCommand({ applicationId, indexId, dataSourceId }));
    for (let tries = 0; (await get("tom@x.com")).length > 0; tries += 1) {
      assert.ok(tries < 500, "the alias is still there");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  test("a user has as many aliases as the quota says", async () => {
    const some = (from: number, count: number): UserAlias[] =>
      Array.from({ length: count }, (_, i) => ({ userId: `uma${from + i}` }));
    await create("uma@x.com");
    await update("uma@x.com", { update: some(0, 1000) });
    const { name } = await refusal(update("uma@x.com", { update: some(1000, 1) }));
    assert.equal(name, "ServiceQuotaExceededException");
    assert.equal((await get("uma@x.com")).length, 1000);
  });

  test("who may not, may not: each call is an action of its own", async () => {
    const Resource = site.applicationArn;
    const statement = { Effect: "Allow", Action: "qbusiness:GetUser", Resource };
    const keys = await makeUser(site.iam, { Version: "2012-10-17", Statement: [statement] });
    const reader = qbusinessHttp1(server, keys);
    const path = { applicationId: site.applicationId, userId: "kim@x.com" };
    await reader.send(new GetUserCommand(path));
    for (const command of [new CreateUserCommand(path), new DeleteUserCommand(path)]) {
      const { name } = await refusal(reader.send(command as CreateUserCommand));
      assert.equal(name, "AccessDeniedException");
    }
  });
});
