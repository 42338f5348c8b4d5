import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect } from "./connection.ts";
import { findCredentials } from "./credentials.ts";
import { reachableHost } from "../settings/reachable-host.ts";
import { testConsole } from "../testing/console.ts";

const cwd = mkdtempSync(join(tmpdir(), "quarry-connection-"));
after(() => rmSync(cwd, { recursive: true, force: true }));

type Env = Readonly<Record<string, string>>;

function connected(env: Env, flags: Readonly<Record<string, string>> = {}) {
  const entries = Object.entries(flags).map(([name, value]) => [name, [value]] as const);
  return connect({ flags: new Map(entries) }, testConsole([], { env, cwd }));
}

test("the endpoint is the flag's, else the clients' variable, else the server's own settings", () => {
  const cases: readonly (readonly [Env, Readonly<Record<string, string>>, string])[] = [
    [{}, {}, "http://127.0.0.1:8090"],
    [{ QUARRY_PORT: "9000" }, {}, "http://127.0.0.1:9000"],
    [{ QUARRY_HOST: "0.0.0.0" }, {}, "http://127.0.0.1:8090"],
    [{ QUARRY_HOST: "::1" }, {}, "http://[::1]:8090"],
    [{ AWS_ENDPOINT_URL: "https://q.example/" }, {}, "https://q.example"],
    [{ AWS_ENDPOINT_URL: "https://all", AWS_ENDPOINT_URL_QBUSINESS: "https://q" }, {}, "https://q"],
    [{ AWS_ENDPOINT_URL: "https://env" }, { "--endpoint": "http://flag:1" }, "http://flag:1"],
    [{ AWS_ENDPOINT_URL: "" }, {}, "http://127.0.0.1:8090"],
  ];
  for (const [env, flags, endpoint] of cases) {
    assert.equal(connected(env, flags).client.endpoint, endpoint);
  }
});

test("what is no endpoint is refused by the name of where it was written", () => {
  const cases: readonly (readonly [Env, RegExp])[] = [
    [{ AWS_ENDPOINT_URL: "ftp://x" }, /^AWS_ENDPOINT_URL must be an http or https URL/],
    [{ AWS_ENDPOINT_URL_QBUSINESS: "x" }, /^AWS_ENDPOINT_URL_QBUSINESS must be an http/],
    [{ AWS_ENDPOINT_URL: "http://u:p@x" }, /^AWS_ENDPOINT_URL must be a host and a port alone/],
    [{ QUARRY_PORT: "many" }, /^QUARRY_HOST or QUARRY_PORT must be/],
  ];
  for (const [env, message] of cases) {
    assert.throws(() => connected(env), { message, exitCode: 2 });
  }
});

test("the Region and the data directory come from flags, else from the server's variables", () => {
  assert.equal(connected({}).client.region, "us-east-1");
  assert.equal(connected({ QUARRY_REGION: "eu-west-1" }).client.region, "eu-west-1");
  assert.equal(connected({ QUARRY_REGION: "a" }, { "--region": "b" }).client.region, "b");
  assert.equal(connected({}).dataDir, join(cwd, ".quarry"));
  assert.equal(connected({ QUARRY_DATA_DIR: "data" }).dataDir, join(cwd, "data"));
  assert.equal(connected({ QUARRY_DATA_DIR: "a" }, { "--data-dir": "b" }).dataDir, join(cwd, "b"));
});

test("credentials come from the clients' variables, the server's, and then the key file", () => {
  const file = { rootAccessKeyId: "FILE", rootSecretAccessKey: "f", sealingKey: "not for us" };
  writeFileSync(join(cwd, "keys.json"), JSON.stringify(file));
  const root = { QUARRY_ROOT_ACCESS_KEY_ID: "ROOT", QUARRY_ROOT_SECRET_ACCESS_KEY: "r" };
  const aws = { AWS_ACCESS_KEY_ID: "AWS", AWS_SECRET_ACCESS_KEY: "a" };
  const token = { ...root, ...aws, AWS_SESSION_TOKEN: "t" };
  assert.deepEqual(findCredentials(token, cwd), {
    credentials: { accessKeyId: "AWS", secretAccessKey: "a", sessionToken: "t" },
    from: "AWS_ACCESS_KEY_ID",
  });
  assert.deepEqual(findCredentials({ ...aws, AWS_SESSION_TOKEN: "" }, cwd).credentials, {
    accessKeyId: "AWS",
    secretAccessKey: "a",
  });
  // A session token belongs to its own key, never to another.
  assert.deepEqual(findCredentials({ ...root, AWS_SESSION_TOKEN: "t" }, cwd).credentials, {
    accessKeyId: "ROOT",
    secretAccessKey: "r",
  });
  assert.deepEqual(findCredentials({}, cwd), {
    credentials: { accessKeyId: "FILE", secretAccessKey: "f" },
    from: join(cwd, "keys.json"),
  });
});

test("a damaged key file is said to be damaged", () => {
  for (const text of ["", "{", "[]", "null", '{"rootAccessKeyId":1,"rootSecretAccessKey":"x"}']) {
    writeFileSync(join(cwd, "keys.json"), text);
    assert.throws(() => findCredentials({}, cwd), /keys\.json is damaged; restore it/);
  }
});

test("a server on all addresses is reached at the loopback", () => {
  assert.equal(reachableHost("0.0.0.0"), "127.0.0.1");
  assert.equal(reachableHost("::"), "[::1]");
  assert.equal(reachableHost("[::]"), "[::1]");
  assert.equal(reachableHost("fe80::1"), "[fe80::1]");
  assert.equal(reachableHost("docs.example"), "docs.example");
});
