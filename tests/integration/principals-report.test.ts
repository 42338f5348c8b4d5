import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateUserCommand } from "@aws-sdk/client-qbusiness";
import { access } from "../../src/cli/access/access.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import { CliError } from "../../src/cli/context.ts";
import { testConsole } from "../../src/cli/testing/console.ts";
import { testServer } from "../support/test-server.ts";
import { listReaders } from "../../src/search/search.ts";
import { makeUser } from "../support/site.ts";
import {
  makeCustomSource,
  makeSignedInSite,
  openFinder,
  putDocuments,
  putGroup,
} from "./principals-site.ts";

test("quarry access: what somebody may read and why, and what is open to everyone", async () => {
  await using server = await testServer();
  const site = await makeSignedInSite(server);
  const { client, applicationId } = site;
  const team = (name: string) => ({
    accessControls: [{ principals: [{ group: { name, access: "ALLOW" as const } }] }],
  });
  await client.send(new CreateUserCommand({ applicationId, userId: "ada@x.com" }));
  await putGroup(site, "eng", { memberUsers: [{ userId: "ada@x.com" }] });
  await putDocuments(site, [{ id: "plan", access: team("eng") }, { id: "menu" }]);
  const source = await makeCustomSource(site);
  await putDocuments(site, [{ id: "pay", access: team("hr") }], source);
  const run = async (...flags: readonly string[]) => {
    const { accessKeyId, secretAccessKey } = server.rootKey;
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const console = testConsole([], { env, now: () => new Date() });
    const argv = ["--endpoint", server.url, ...flags];
    const code = await access.run(parseArguments(argv, { ...access, command: "access" }), console);
    return { code, out: console.out() };
  };
  const user = ["--user", "Ada+1@x.com"];

  const all = await run(...user);
  assert.equal(all.code, 0);
  assert.deepEqual(
    all.out
      .trimEnd()
      .split("\n")
      .map((line) => line.replaceAll(/ +/g, " ")),
    [
      'yes plan Allowed: group "eng".',
      "open menu It has no access list: everyone sees it.",
      'no pay None of them: group "hr" of the data source.',
    ],
  );
  const json = JSON.parse((await run(...user, "--document", "pay", "--json")).out) as unknown;
  assert.deepEqual(json, [
    {
      hasAccess: false,
      isOpen: false,
      reasons: ['None of them: group "hr" of the data source.'],
      documentId: "pay",
      indexId: site.indexId,
      dataSourceId: source,
    },
  ]);
  const open = await run(...user, "--open");
  assert.equal(open.out, "menu may be read.\nIt has no access list: everyone sees it.\n");
  const none = await run(...user, "--document", "none");
  assert.equal(none.code, 1);
  assert.match(none.out, /^No such document\. .+\n$/);
  await assert.rejects(run("--user", "nobody@x.com"), /ResourceNotFoundException: No user with id/);
  await assert.rejects(run(), (error) => error instanceof CliError && error.exitCode === 2);
});

test("quarry access: who may read a document, through which groups, and who is denied", async () => {
  await using server = await testServer();
  const site = await makeSignedInSite(server);
  const { client, applicationId, indexId } = site;
  for (const userId of ["ada@x.com", "bob@x.com"]) {
    await client.send(new CreateUserCommand({ applicationId, userId }));
  }
  const alias = { indexId, userId: "eve" };
  await client.send(
    new CreateUserCommand({ applicationId, userId: "Eve@x.com", userAliases: [alias] }),
  );
  await putGroup(site, "eng", {
    memberUsers: [{ userId: "ada@x.com" }, { userId: "bob@x.com" }],
    memberGroups: [{ groupName: "all" }],
  });
  await putGroup(site, "all", {
    memberGroups: [{ groupName: "eng" }, { groupName: "not there" }],
    memberUsers: [{ userId: "eve" }],
  });
  const allow = { group: { name: "all", access: "ALLOW" as const } };
  const guest = { user: { id: "new@x.com", access: "ALLOW" as const } };
  const deny = { user: { id: "BOB@x.com", access: "DENY" as const } };
  const id = "plan (ä/1)!";
  await putDocuments(site, [
    { id, access: { accessControls: [{ principals: [allow, guest, deny] }] } },
    { id: "menu" },
    { id: "void", access: { accessControls: [] } },
  ]);
  const run = async (
    keys: { accessKeyId: string; secretAccessKey: string },
    ...flags: string[]
  ) => {
    const env = {
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    };
    const console = testConsole([], { env, now: () => new Date() });
    const argv = ["--endpoint", server.url, "--application", applicationId, ...flags];
    const code = await access.run(parseArguments(argv, { ...access, command: "access" }), console);
    return { code, out: console.out().replaceAll(/ {2,}/g, " | ") };
  };
  const shown = await run(server.rootKey, "--document", id);
  assert.deepEqual(shown.out.trimEnd().split("\n"), [
    `${id} may be read by whom its list lets in:`,
    'Allowed: group "all", 3 in it',
    'Allowed: user "new@x.com", whom the user store does not know',
    'Denied: user "bob@x.com"',
    'yes | Eve@x.com | group "all"',
    'yes | ada@x.com | group "all" > "eng"',
    'denied | bob@x.com | user "bob@x.com"',
    'yes | new@x.com | user "new@x.com"',
    "3 may read it, 1 denied. Whom an identity provider alone puts into a group is not known here.",
  ]);
  const json = JSON.parse((await run(server.rootKey, "--document", id, "--json")).out) as object[];
  assert.equal(json.length, 9);
  assert.deepEqual(json.at(-1), { Kind: "END", Readers: 3, Denied: 1, IsComplete: true });
  const menu = await run(server.rootKey, "--document", "menu");
  assert.equal(menu.out, "menu has no access list: everyone sees it.\n");
  const nobody = await run(server.rootKey, "--document", "void");
  assert.match(nobody.out, /^0 may read it, 0 denied/m);
  const none = await run(server.rootKey, "--document", "none");
  assert.equal(none.code, 1);
  assert.match(none.out, /^No such document\. .+\n$/);

  // Each operation that tells a part of it has to be allowed.
  const statement = (...Action: readonly string[]) => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: Action.map((a) => `qbusiness:${a}`), Resource: "*" }],
  });
  const lists = ["ListIndices", "ListDataSources"];
  const some = await makeUser(site.iam, statement(...lists, "CheckDocumentAccess", "ListGroups"));
  await assert.rejects(run(some, "--document", id), /not authorized to perform: qbusiness:GetUser/);
  const all = await makeUser(
    site.iam,
    statement(...lists, "CheckDocumentAccess", "ListGroups", "GetUser"),
  );
  assert.equal((await run(all, "--document", id)).code, 0);
});

test("a document's readers are counted, not named, where its groups hold too many", async () => {
  await using server = await testServer();
  await using finder = await openFinder(server);
  const site = await makeSignedInSite(server);
  const { applicationId, indexId } = site;
  const memberUsers = Array.from({ length: 900 }, (_, i) => ({ userId: `u${i}@x.com` }));
  await putGroup(site, "all", { memberUsers, memberGroups: [{ groupName: "all" }] });
  const all = { kind: "group", name: "all", type: "INDEX" } as const;
  const content = {
    dataSourceId: "",
    allow: { relation: "OR", conditions: [{ relation: "OR", principals: [all] }] },
    deny: [],
  } as const;
  const listed = (limits: { readonly groupsMax: number; readonly membersMax: number }) =>
    listReaders(finder.db.read, { applicationId, indexId, contents: [content], limits });
  const enough = await listed({ groupsMax: 1, membersMax: 901 });
  assert.deepEqual([enough.people.length, enough.isComplete], [900, true]);
  for (const limits of [
    { groupsMax: 0, membersMax: 901 },
    { groupsMax: 1, membersMax: 900 },
  ]) {
    const cut = await listed(limits);
    assert.deepEqual([cut.people.length, cut.isComplete], [0, false]);
  }
});
