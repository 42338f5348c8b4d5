import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runCli } from "../cli.ts";
import { type Finding, fail, ok, renderFindings, warn, worst } from "./findings.ts";
import { checkAclDefault, checkBuckets, checkDataDir, checkNode, checkPort } from "./machine.ts";
import { checkClock } from "./server.ts";
import type { Written } from "../settings/gather-settings.ts";
import type { SettingKey } from "../settings/server-settings.ts";
import { testConsole } from "../testing/console.ts";
import { tinyKey, tinyServer } from "../testing/tiny-server.ts";

const folder = mkdtempSync(join(tmpdir(), "quarry-doctor-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function written(values: Partial<Record<SettingKey, string>>): Map<SettingKey, Written> {
  const entries = Object.entries(values) as (readonly [SettingKey, string])[];
  return new Map(
    entries.map(([key, text]) => [key, { values: [text], from: `--${key}`, base: folder }]),
  );
}

test("the server is looked for where its configuration file puts it", async () => {
  await using server = await tinyServer(() => ({ body: '{"status":"ok"}' }));
  const file = join(folder, "placed.yaml");
  writeFileSync(
    file,
    `port: ${new URL(server.url).port}\nregion: eu-central-1\ndata-dir: placed\n`,
  );
  const console = testConsole(["doctor", "--json", "--config", file], { cwd: tmpdir() });
  await runCli(console);
  assert.match(console.out(), new RegExp(`"${server.url} is healthy"`));
  assert.match(console.out(), new RegExp(join(folder, "placed")));
});

test("findings are a table, each with what to do next, and a sum below", () => {
  const findings = [
    ok("node", "v24.0.0"),
    warn("clock", "61 s apart", "set it"),
    fail("port", "taken", "free it"),
  ];
  assert.equal(
    renderFindings(findings),
    [
      "ok    node   v24.0.0",
      "warn  clock  61 s apart",
      "      -> set it",
      "fail  port   taken",
      "      -> free it",
      "",
      "1 ok, 1 to look at, 1 failed.",
      "",
    ].join("\n"),
  );
  assert.equal(worst(findings), "fail");
  assert.equal(worst(findings.slice(0, 2)), "warn");
  assert.equal(worst([]), "ok");
});

test("an old Node fails, a new one is well", () => {
  assert.equal(checkNode("v22.9.0").status, "fail");
  assert.equal(checkNode("v24.0.0").status, "ok");
  assert.equal(checkNode("v100.1.1").status, "ok");
});

test("a data directory must be a folder, and keep its keys from others", (t) => {
  const status = (name: string): Finding["status"] =>
    checkDataDir(join(folder, name), { isServerUp: false }).status;
  assert.equal(status("none"), "warn");
  writeFileSync(join(folder, "file"), "");
  assert.equal(status("file"), "fail");
  mkdirSync(join(folder, "data"));
  assert.equal(status("data"), "warn", "no keys yet");
  writeFileSync(join(folder, "data", "keys.json"), "{}", { mode: 0o600 });
  assert.equal(status("data"), "ok");
  if (process.platform === "win32") return t.skip("Windows has no such modes");
  chmodSync(join(folder, "data", "keys.json"), 0o644);
  const finding = checkDataDir(join(folder, "data"), { isServerUp: true });
  assert.equal(finding.status, "fail");
  assert.match(finding.next, /^chmod 600 /);
});

test("bucket folders are looked at", () => {
  assert.equal(checkBuckets(written({}))[0]?.status, "ok");
  assert.equal(checkBuckets(written({ buckets: "docs=data" }))[0]?.check, "bucket docs");
  const [missing] = checkBuckets(written({ buckets: "docs=nowhere" }));
  assert.equal(missing?.status, "fail");
  assert.match(missing?.found ?? "", /does not exist/);
});

test("what becomes of unlisted documents is said as it is set", () => {
  assert.match(checkAclDefault(written({})).found, /^everyone sees/);
  assert.match(checkAclDefault(written({ "s3-acl-default": "deny" })).found, /^nobody sees/);
  const refused = checkAclDefault(written({ "s3-acl-default": "closed" }));
  assert.deepEqual([refused.status, /allow, deny/.test(refused.found)], ["fail", true]);
});

test("a port that something else has fails, a free one is well", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const port = String((other.address() as AddressInfo).port);
  const taken = await checkPort(written({ port }));
  assert.equal(taken.status, "fail");
  assert.match(taken.found, /EADDRINUSE/);
  await new Promise((resolve) => other.close(resolve));
  assert.equal((await checkPort(written({ port }))).status, "ok");
  assert.equal((await checkPort(written({ port: "many" }))).status, "fail");
});

test("clocks may be a minute apart, and signatures bear fifteen", () => {
  const date = "Wed, 04 Mar 2026 05:06:07 GMT";
  const at = (seconds: number): Date => new Date(Date.parse(date) + seconds * 1000);
  assert.equal(checkClock(date, at(59)).status, "ok");
  assert.equal(checkClock(date, at(-60)).status, "warn");
  assert.equal(checkClock(date, at(899)).status, "warn");
  assert.equal(checkClock(date, at(-900)).status, "fail");
  assert.equal(checkClock(undefined, at(0)).status, "warn");
});

const env = {
  AWS_ACCESS_KEY_ID: tinyKey.accessKeyId,
  AWS_SECRET_ACCESS_KEY: tinyKey.secretAccessKey,
};

async function examine(url: string) {
  const argv = ["doctor", "--json", "--endpoint", url, "--data-dir", join(folder, "none")];
  const console = testConsole([...argv, "--port", "0"], { env, cwd: folder });
  const code = await runCli(console);
  const { findings } = JSON.parse(console.out()) as { readonly findings: readonly Finding[] };
  return { code, find: (check: string) => findings.find((finding) => finding.check === check) };
}

test("a server that is not there, or is none of ours, fails", async () => {
  const nothing = await examine("http://127.0.0.1:1");
  assert.equal(nothing.code, 1);
  assert.match(nothing.find("server")?.found ?? "", /^Nothing answers at/);
  assert.equal(nothing.find("port")?.status, "ok");
  assert.equal(nothing.find("credentials"), undefined);
  await using other = await tinyServer(() => ({ body: "<html>" }));
  const stranger = await examine(other.url);
  assert.match(stranger.find("server")?.found ?? "", /not as a healthy Quarry \(HTTP 200\)/);
});

test("a key that the server does not take fails, with what was said about it", async () => {
  await using server = await tinyServer(({ rawTarget }) =>
    rawTarget === "/health"
      ? { body: '{"status":"ok"}', headers: { date: new Date(0).toUTCString() } }
      : {
          status: 403,
          headers: { "x-amzn-errortype": "UnrecognizedClientException" },
          body: '{"message":"The security token included in the request is invalid."}',
        },
  );
  const { code, find } = await examine(server.url);
  assert.equal(code, 1);
  assert.equal(find("server")?.status, "ok");
  assert.equal(find("clock")?.status, "ok");
  assert.equal(find("credentials")?.status, "fail");
  assert.match(find("credentials")?.found ?? "", /UnrecognizedClientException.*AWS_ACCESS_KEY_ID/);
});
