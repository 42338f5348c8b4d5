import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateUserCommand } from "@aws-sdk/client-qbusiness";
import { access } from "../../src/cli/access/access.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import { CliError } from "../../src/cli/context.ts";
import { testConsole } from "../../src/cli/testing/console.ts";
import { testServer } from "../support/test-server.ts";
import { makeCustomSource, makeSignedInSite, putDocuments, putGroup } from "./principals-site.ts";

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
  assert.deepEqual(await run(...user, "--document", "none"), { code: 1, out: "No document.\n" });
  await assert.rejects(run("--user", "nobody@x.com"), /ResourceNotFoundException: No user with id/);
  await assert.rejects(run(), (error) => error instanceof CliError && error.exitCode === 2);
});
