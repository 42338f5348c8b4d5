import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runCli } from "../cli.ts";
import { type Client, createClient } from "../client/client.ts";
import { findCredentials } from "../client/credentials.ts";
import { ensureDemo } from "./demo.ts";
import { sampleBucket, sampleQuestions } from "./content.ts";
import {
  listApplications,
  listDataSources,
  listIndices,
  listRetrievers,
  listWebExperiences,
} from "../listings.ts";
import { collect } from "../client/pages.ts";
import { testConsole } from "../testing/console.ts";
import { realServer } from "../testing/real-server.ts";

const folder = mkdtempSync(join(tmpdir(), "quarry-demo-"));
const projectRoot = join(import.meta.dirname, "..", "..", "..");
const bucket = ["--bucket", `${sampleBucket}=${join(projectRoot, sampleBucket)}`];
const now = (): Date => new Date(performance.timeOrigin + performance.now());

// One server for the tests that need no start of their own: a process takes a second to be there.
const dataDir = join(folder, "shared");
const server = await realServer(["serve", "--data-dir", dataDir, ...bucket]);
after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
const keyFile = join(dataDir, "demo.json");
const options = { bucket: sampleBucket, keyFile, report: () => undefined };

function rootClient(endpoint: string, dataDir: string): Client {
  const { credentials } = findCredentials({}, dataDir);
  return createClient({ endpoint, region: "us-east-1", credentials: () => credentials, now });
}

/** A client whose process dies right after its `mutationsMax`-th change. */
function mortal(client: Client, mutationsMax: number): Client {
  let left = mutationsMax;
  const dying = <Call extends (name: never, input: never) => Promise<unknown>>(call: Call): Call =>
    (async (name: string, input: never) => {
      const output = await call(name as never, input);
      if (!/^(?:Get|List)/.test(name) && (left -= 1) < 0) throw new Error("killed");
      return output;
    }) as unknown as Call;
  return { ...client, call: dying(client.call), iam: dying(client.iam) };
}

async function inventory(client: Client): Promise<Readonly<Record<string, number>>> {
  const applications = await collect(listApplications(client));
  const { applicationId = "" } = applications[0] ?? {};
  const indices = await collect(listIndices(client, { applicationId }));
  const { indexId = "" } = indices[0] ?? {};
  const { Roles: roles } = await client.iam("ListRoles", {});
  const { Users: users } = await client.iam("ListUsers", {});
  return {
    applications: applications.length,
    indices: indices.length,
    retrievers: (await collect(listRetrievers(client, { applicationId }))).length,
    dataSources: (await collect(listDataSources(client, { applicationId, indexId }))).length,
    webExperiences: (await collect(listWebExperiences(client, { applicationId }))).length,
    roles: roles.length,
    users: users.length,
  };
}

const oneOfEach = {
  applications: 1,
  indices: 1,
  retrievers: 1,
  dataSources: 1,
  webExperiences: 1,
  roles: 2,
  users: 1,
};

test("a demo that dies after every step is completed, and nothing is made twice", async () => {
  const client = rootClient(server.url, dataDir);
  let deaths = 0;
  for (let steps = 0; steps < 30; steps += 1) {
    try {
      await ensureDemo(mortal(client, steps), options);
      break;
    } catch (error) {
      assert.equal((error as Error).message, "killed");
      deaths += 1;
    }
  }
  assert.ok(deaths >= 5, `only ${deaths} crashes`);
  assert.deepEqual(await inventory(client), oneOfEach);
  const demo = await ensureDemo(client, options);
  assert.equal(demo.isNew, false);
  if (process.platform !== "win32") assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  // A lost secret is replaced, again and again, within the two keys that a user may have.
  for (let lost = 0; lost < 3; lost += 1) {
    unlinkSync(keyFile);
    const { key } = await ensureDemo(client, options);
    assert.notEqual(key.accessKeyId, demo.key.accessKeyId);
    assert.deepEqual((await ensureDemo(client, options)).key, key);
  }
  assert.deepEqual(await inventory(client), oneOfEach);
});

test("a finished demo belongs to its user: what was changed or deleted is not put back", async () => {
  const client = rootClient(server.url, dataDir);
  const { source } = await ensureDemo(client, options);
  await client.call("UpdateApplication", {
    applicationId: source.applicationId,
    displayName: "renamed",
  });
  const RoleName = `QBusiness-Demo-Connector-${source.applicationId.slice(0, 8)}`;
  await client.iam("DeleteRolePolicy", { RoleName, PolicyName: "s3-connector" });
  const again = await ensureDemo(client, options);
  assert.deepEqual(again.source, source, "found by its tag, not by its name");
  assert.deepEqual((await client.iam("ListRolePolicies", { RoleName })).PolicyNames, []);
  const flags = ["--endpoint", server.url, "--data-dir", dataDir];
  const sync = testConsole(["sync", ...flags], { now });
  assert.equal(await runCli(sync), 1);
  assert.match(sync.out(), /Sync failed: .* is not authorized to perform: /);
  const doctor = testConsole(["doctor", ...flags, ...bucket], { now });
  assert.equal(await runCli(doctor), 1);
  assert.match(doctor.out(), /^fail +data source .*role +s3:ListBucket on .* is not allowed/m);
  await client.call("DeleteDataSource", source);
  await assert.rejects(ensureDemo(client, options), /The demo has lost its data source\./);
});

test("quarry start is ready first, then makes the demo, and the second start finds it", async () => {
  const dataDir = join(folder, "start");
  const first = await realServer(["start", "--data-dir", dataDir]);
  await using _ = first;
  assert.doesNotMatch(first.out(), /Open the page/, "the ready line does not wait for the demo");
  await first.says(/--user-message .*\n/);
  assert.match(first.out(), /AWS_SECRET_ACCESS_KEY=\S+\n\n {2}It may do everything/);
  assert.match(first.out(), /^Sync succeeded: (\d+) scanned, \1 added, .* 0 failed\.$/m);
  const page = /^Open the page: {2}(\S+)$/m.exec(first.out())?.[1] ?? "";
  assert.equal((await fetch(page)).status, 200);
  await asksAndExamines(first.url, dataDir);
  await limitedUserMayOnlyAsk(first.url, dataDir);
  first.process.kill("SIGTERM");
  assert.deepEqual(await once(first.process, "exit"), [0, null]);

  await using second = await realServer(["start", "--data-dir", dataDir]);
  await second.says(/--user-message .*\n/);
  assert.doesNotMatch(second.out(), /It may do everything|Sync succeeded/);
  const ids = page.split("/").slice(4).join("/");
  assert.ok(second.out().includes(`${second.url}/web/${ids}`));
  assert.deepEqual(await inventory(rootClient(second.url, dataDir)), oneOfEach);
});

async function asksAndExamines(url: string, dataDir: string): Promise<void> {
  const flags = ["--endpoint", url, "--data-dir", dataDir];
  const run = async (...argv: readonly string[]): Promise<string> => {
    const console = testConsole([...argv, ...flags], { now });
    assert.equal(await runCli(console), 0, console.out() + console.err());
    return console.out();
  };
  const answer = await run("ask", sampleQuestions[0]);
  assert.match(answer, /27 days .*\[1\]/);
  assert.match(answer, /^\[1\] {2}Leave and time off/m);
  const parsed = JSON.parse(await run("ask", sampleQuestions[2], "--json")) as {
    readonly sourceAttributions: readonly unknown[];
  };
  assert.ok(parsed.sourceAttributions.length > 0);
  assert.match(await run("sync"), /^Sync succeeded: (\d+) scanned, 0 added, 0 modified/m);
  const synced = JSON.parse(await run("sync", "--json")) as { readonly status: string };
  assert.equal(synced.status, "SUCCEEDED");
  const examined = await run("doctor", ...bucket);
  assert.match(examined, /^ok +data source sample-bucket, role /m);
  assert.match(examined, / 0 failed\.\n$/);
}

async function limitedUserMayOnlyAsk(url: string, dataDir: string): Promise<void> {
  const demo = testConsole(["demo", "--json", "--endpoint", url, "--data-dir", dataDir], { now });
  assert.equal(await runCli(demo), 0);
  const { key, source } = JSON.parse(demo.out()) as Awaited<ReturnType<typeof ensureDemo>>;
  const env = { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
  const ask = (...argv: readonly string[]) =>
    testConsole(["ask", sampleQuestions[0], "--endpoint", url, ...argv], { now, env });
  const named = ask("--application", source.applicationId);
  assert.equal(await runCli(named), 0);
  assert.match(named.out(), /27 days/);
  const unnamed = ask();
  assert.equal(await runCli(unnamed), 2);
  assert.match(
    unnamed.err(),
    /AccessDeniedException.*Name the application with --application\.\n$/,
  );
  const stranger = testConsole(["ask", "what?", "--endpoint", url], {
    now,
    env: { AWS_ACCESS_KEY_ID: "AKIDSTRANGER", AWS_SECRET_ACCESS_KEY: "x" },
  });
  assert.equal(await runCli(stranger), 1);
  assert.match(stranger.err(), /The key was taken from AWS_ACCESS_KEY_ID; unset it to use/);
}

test("the example goes from nothing to a streamed, cited answer with the unmodified SDK", async () => {
  const example = join(projectRoot, "examples", "anonymous-application.mjs");
  const { credentials } = findCredentials({}, dataDir);
  const { status, stdout, stderr } = spawnSync(process.execPath, [example], {
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      AWS_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      BUCKET: sampleBucket,
    },
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /27 days[^]*\n\[1\] Leave and time off\n/);
});
