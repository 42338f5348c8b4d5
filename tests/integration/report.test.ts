import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { access } from "../../src/cli/access/access.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import type { Command } from "../../src/cli/command.ts";
import { CliError } from "../../src/cli/context.ts";
import { sync as syncCommand } from "../../src/cli/sync/sync.ts";
import { testConsole } from "../../src/cli/testing/console.ts";
import type { Keys } from "../support/clients.ts";
import { counts, makeUser, type Source, startSync, endOf, sync } from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

const group = (...names: readonly string[]) =>
  names.map((Name) => ({ Name, Type: "GROUP", Access: "ALLOW" }));

type Line = Readonly<Record<string, unknown>> & { readonly DocumentId: string };

describe("the report of a sync", () => {
  let world: World;
  before(async () => {
    world = await openWorld(12);
  });
  after(() => world.close());

  /** Runs a command against the server; without keys as the root user. */
  async function run(
    command: Command,
    source: Pick<Source, "applicationId">,
    flags: readonly string[],
    keys: Keys = world.server.rootKey,
  ): Promise<{ readonly code: number; readonly out: string }> {
    const env = {
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    };
    const console = testConsole([], { env, now: () => new Date() });
    const { applicationId } = source;
    const argv = ["--endpoint", world.server.url, "--application", applicationId, ...flags];
    const parsed = parseArguments(argv, { ...command, command: command.name });
    const code = await command.run(parsed, console);
    return { code, out: console.out() };
  }

  async function lines(source: Source, ...flags: readonly string[]): Promise<readonly Line[]> {
    const { out } = await run(syncCommand, source, ["--report", "--json", ...flags]);
    return out
      .trimEnd()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
  }

  const keyOf = (source: Source, { DocumentId }: Line): string =>
    DocumentId.replace(`s3://${source.bucket}/`, "");
  const brief = (source: Source, all: readonly Line[]): readonly string[] =>
    all.map((line) => {
      const { Status } = line["ConnectorDocumentStatus"] as { readonly Status: string };
      return `${keyOf(source, line)} ${String(line["CrawlAction"])} ${Status}`;
    });

  test("has a line for each document: what was done, how each stage ended, who may read it", async () => {
    const source = await world.source({ "a.md": "# A", "b.md": "# B", "empty.txt": "" });
    await source.files.putJson("a.md.metadata.json", {
      Title: "The letter A",
      AccessControlList: group("hr"),
    });
    await source.files.put("bad.md", "# Bad");
    await source.files.put("bad.md.metadata.json", "{");
    assert.equal(counts(await sync(source)), "3 2 0 0 1");
    const all = await lines(source);
    assert.deepEqual(brief(source, all), [
      "a.md ADD SUCCESS",
      "b.md ADD SUCCESS",
      "bad.md ADD FAILED",
      "empty.txt ADD SKIPPED",
    ]);
    const [first, open, bad, empty] = all;
    assert.ok(first && open && bad && empty);
    assert.deepEqual(
      [first["DocumentTitle"], first["IndexId"], first["DataSourceId"], first["ErrorCode"]],
      ["The letter A", source.indexId, source.dataSourceId, ""],
    );
    assert.match(String(first["HashedDocumentId"]), /^[0-9a-f]{64}$/);
    assert.ok(Date.parse(String(first["Timestamp"])) > Date.now() - 60_000);
    const acl = JSON.parse(String(first["Acl"])) as readonly Record<string, unknown>[];
    assert.deepEqual(
      acl.map(({ name, type, access: verdict }) => [name, type, verdict]),
      [
        ["hr", "GROUP", "ALLOW"],
        ["hr", "GROUP", "ALLOW"],
      ],
    );
    assert.deepEqual([first["OpenToEveryone"], open["OpenToEveryone"]], [false, true]);
    const metadata = JSON.parse(String(first["Metadata"])) as readonly Record<string, unknown>[];
    assert.ok(
      metadata.some(({ key, value }) => {
        const { stringValue } = value as { readonly stringValue?: string };
        return key === "_document_title" && stringValue === "The letter A";
      }),
    );
    assert.match(String(bad["ErrorMsg"]), /^S3-5104: /);
    assert.deepEqual(bad["CrawlStatus"], { Status: "FAILED" });
    assert.equal(empty["ErrorMsg"], "The object is empty.");
  });

  test("tells documents that were left alone from those that changed or went", async () => {
    const source = await world.source({ "a.md": "# A", "b.md": "# B", "c.md": "# C" });
    await source.files.put("bad.md", "# Bad");
    await source.files.put("bad.md.metadata.json", "{");
    const first = await sync(source);
    await source.files.put("b.md", "# B, changed");
    await source.files.remove("c.md");
    assert.equal(counts(await sync(source)), "3 0 1 1 0");
    assert.deepEqual(brief(source, await lines(source)), [
      "b.md MODIFY SUCCESS",
      "c.md DELETE SUCCESS",
      "a.md UNMODIFIED SUCCESS",
      "bad.md UNMODIFIED FAILED",
    ]);
    const [, , , bad] = await lines(source);
    assert.match(String(bad?.["ErrorMsg"]), /^S3-5104: .* was not tried again\.$/);
    const old = await lines(source, "--job", first.executionId ?? "");
    assert.deepEqual(brief(source, old).length, 4, "the report of an older job stays");
    const table = await run(syncCommand, source, ["--report"]);
    assert.match(table.out, /^modified {2}s3:.*b\.md$/m);
    assert.match(table.out, /^1 modified, 1 deleted, 1 unmodified, 1 failed\.$/m);
  });

  test("quarry access --changes says whose access became wider or narrower, and what opened", async () => {
    const source = await world.source(
      { "hr/a.txt": "Salaries", "hr/b.txt": "Bonuses", "x/c.txt": "News", "x/d.txt": "Menu" },
      { aclConfigurationFilePath: "acl.json" },
    );
    const acl = (hr: readonly object[], x?: readonly object[]) =>
      source.files.putJson("acl.json", [
        { keyPrefix: `s3://${source.bucket}/hr/`, aclEntries: hr },
        ...(x === undefined ? [] : [{ keyPrefix: `s3://${source.bucket}/x/`, aclEntries: x }]),
      ]);
    const changes = async () =>
      (await run(access, source, ["--changes"])).out.replaceAll(/ {2,}/g, " | ");
    await acl(group("hr"), group("all"));
    await sync(source);
    assert.match(await changes(), /added \| {0,1}\S*.*hr\/a\.txt \| - -> hr$/m);
    await sync(source);
    assert.equal(await changes(), "Nothing changed.\n");

    await acl(group("hr", "finance"), group("all"));
    assert.equal(counts(await sync(source)), "4 0 2 0 0");
    assert.match(
      await changes(),
      /^modified \| access widened \| s3:.*a\.txt \| hr -> finance, hr$/m,
    );
    assert.match(
      await changes(),
      /^0 added, 2 modified, 0 deleted, 0 failed; 2 access widened\.$/m,
    );

    await acl(group("finance"));
    await source.files.remove("hr/b.txt");
    await sync(source);
    const told = await changes();
    assert.match(told, /^modified \| now open to everyone \| s3:.*x\/c\.txt \| all -> everyone$/m);
    assert.match(
      told,
      /^modified \| access narrowed \| s3:.*hr\/a\.txt \| finance, hr -> finance$/m,
    );
    assert.match(told, /^deleted \| .*hr\/b\.txt \| .* -> -$/m);
    assert.ok(told.indexOf("now open") < told.indexOf("access narrowed"), "the gravest first");
    const { out } = await run(access, source, ["--changes", "--json"]);
    const json = JSON.parse(out) as readonly Readonly<Record<string, string>>[];
    assert.deepEqual(
      json.find(({ documentId = "" }) => documentId.endsWith("x/d.txt")),
      {
        documentId: `s3://${source.bucket}/x/d.txt`,
        change: "modified",
        access: "now open to everyone",
        from: "all",
        to: "everyone",
      },
    );

    const open = await run(access, source, ["--open"]);
    assert.match(
      open.out,
      /x\/c\.txt {2}The ACL file does not list it, and its metadata has no list/,
    );
    assert.match(open.out, /^2 open to everyone\.$/m);
    const openJson = JSON.parse((await run(access, source, ["--open", "--json"])).out) as unknown[];
    assert.equal(openJson.length, 2);
  });

  test("needs leave for everything that it tells", async () => {
    const source = await world.source({ "a.md": "# A" });
    const executionId = await startSync(source);
    await endOf(source, executionId);
    const allow = (...Action: readonly string[]) =>
      makeUser(source.iam, {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action, Resource: "*" }],
      });
    const report = (keys: Keys) =>
      run(syncCommand, source, ["--report", "--json", "--data-source", source.dataSourceId], keys);
    const listing = ["ListIndices", "ListDataSources", "ListDataSourceSyncJobs"].map(
      (name) => `qbusiness:${name}`,
    );
    const some = await allow(...listing, "qbusiness:ListDocuments");
    await assert.rejects(report(some), /AccessDeniedException.*CheckDocumentAccess/);
    const all = await allow(...listing, "qbusiness:ListDocuments", "qbusiness:CheckDocumentAccess");
    assert.match((await report(all)).out, /"CrawlAction":"ADD"/);
    const none = "00000000-0000-4000-8000-000000000000";
    await assert.rejects(
      run(syncCommand, source, ["--report", "--job", none]),
      /ResourceNotFoundException: No sync-job with id/,
    );
    await assert.rejects(
      run(access, source, ["--changes", "--open"]),
      (error) => error instanceof CliError && error.exitCode === 2,
    );
  });
});
