import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../core/clock.ts";
import { createClient, ServiceError } from "./client.ts";
import { readObject } from "./credentials.ts";
import { type PolicyFolder, policyFolder, policyOf } from "./testing/policy-console.ts";

const id = "3f0c1d2e-0000-4000-8000-000000000001";
const denied = {
  time: "2026-01-02T03:04:05.000Z",
  level: "info",
  event: "access.denied",
  requestId: id,
  caller: "arn:aws:iam::111122223333:user/alice",
  action: "qbusiness:ChatSync",
  resource: "arn:aws:qbusiness:us-east-1:111122223333:application/a",
  decision: "implicitDeny",
  policyType: "identity",
  reason: "User: alice is not authorized",
  statements: "",
  changes: "Name the resource.\nAllow it.",
};
const request = { event: "request", requestId: id, status: 403, error: "AccessDeniedException" };

function logOf(...lines: readonly (object | string)[]): string {
  return lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
}

test("a denial in the log is told with its reason and what would have to change", async () => {
  await using folder = await policyFolder();
  const other = { ...denied, requestId: "other" };
  await folder.put("quarry.log", logOf("Quarry is ready", other, denied, request, "{broken"));
  const { code, out, err } = await folder.run(["explain", id, "--log", "quarry.log"]);
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(
    out,
    [
      "denied   qbusiness:ChatSync on arn:aws:qbusiness:us-east-1:111122223333:application/a",
      "  caller arn:aws:iam::111122223333:user/alice, 2026-01-02T03:04:05.000Z",
      "  because nothing in the caller's own policies allows it",
      "  User: alice is not authorized",
      "  -> Name the resource.",
      "  -> Allow it.",
      "",
    ].join("\n"),
  );
});

test("an explicit denial names its statements", async () => {
  await using folder = await policyFolder();
  const explicit = {
    ...denied,
    decision: "explicitDeny",
    policyType: "boundary",
    statements: "Bound:12:4 NoChat",
  };
  const stdin = logOf(explicit);
  const { out } = await folder.run(["explain", id, "--log", "-"], { stdin });
  assert.match(out, /^ {2}by Bound:12:4 NoChat in the caller's permissions boundary$/m);
  const json = await folder.run(["explain", id, "--log", "-", "--json"], { stdin });
  const [first] = JSON.parse(json.out) as readonly Record<string, unknown>[];
  assert.deepEqual(first?.["statements"], ["Bound:12:4 NoChat"]);
  assert.deepEqual(first?.["changes"], ["Name the resource.", "Allow it."]);
});

test("a page's denied visit is told with its reason", async () => {
  await using folder = await policyFolder();
  const page = { event: "page.denied", requestId: id, reason: "The web experience has no role." };
  const { code, out } = await folder.run(["explain", id, "--log", "-"], { stdin: logOf(page) });
  assert.deepEqual([code, out], [0, "  The web experience has no role.\n"]);
});

test("a request that is not there, or that no policy denied, is one line and exit code 1", async () => {
  await using folder = await policyFolder();
  const expired = { ...request, error: "ExpiredTokenException" };
  const rows: readonly (readonly [string, string])[] = [
    ["", `"-" has no request "${id}"; was it another server, or has the log been cut?`],
    [logOf({ ...denied, requestId: `${id}2`, note: id }), `"-" has no request "${id}"; was`],
    [logOf(expired), `No policy denied the request "${id}". It ended with 403 ExpiredToken`],
    [logOf({ event: "request", requestId: id }), `No policy denied the request "${id}".`],
  ];
  for (const [stdin, line] of rows) {
    const { code, out, err } = await folder.run(["explain", id, "--log", "-"], { stdin });
    assert.deepEqual([code, out], [1, ""]);
    assert.ok(err.startsWith(`quarry: ${line}`), err);
  }
  for (const argv of [[id], ["--log", "-"], [id, "--log", "nowhere.log"], [id, "--log", "."]]) {
    const { code, err } = await folder.run(["explain", ...argv]);
    assert.equal(code, 2, err);
    assert.equal(err.split("\n").length, 2);
  }
});

test("hostile and endless lines are passed over, and reach no terminal", async () => {
  await using folder = await policyFolder();
  const endless = `{"requestId":"${id}","event":"access.denied","x":"${"a".repeat(1_100_000)}"}`;
  const hostile = { ...denied, reason: "\u001b[2J", changes: "a\u0007b", __proto__: 1 };
  const { code, out } = await folder.run(["explain", id, "--log", "-"], {
    stdin: logOf(endless, "[]", "null", JSON.stringify(hostile)),
  });
  assert.equal(code, 0);
  assert.ok(!out.includes("\u001b") && !out.includes("\u0007"));
  assert.equal(out.match(/^denied/gm)?.length, 1);
});

/** The program as a process that writes its log into the folder. */
async function serveInto(
  folder: PolicyFolder,
): Promise<AsyncDisposable & { readonly url: string }> {
  const root = join(import.meta.dirname, "..", "..");
  const log = openSync(join(folder.path, "quarry.log"), "a");
  const data = join(folder.path, "data");
  const argv = ["serve", "--port", "0", "--data-dir", data, "--account-id", "111122223333"];
  const child = spawn(process.execPath, [join(root, "src", "main.ts"), ...argv], {
    stdio: ["ignore", "pipe", log],
    env: { PATH: process.env["PATH"] },
  });
  closeSync(log);
  let out = "";
  for await (const chunk of child.stdout ?? []) {
    out += String(chunk);
    if (out.includes("\n") && out.includes("ready at")) break;
  }
  const url = /ready at (\S+)/.exec(out)?.[1];
  assert.ok(url, `${out}${readFileSync(join(folder.path, "quarry.log"), "utf8")}`);
  return {
    url,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test("what a real server refuses can be explained from its log, by the id in the client's error", async () => {
  await using folder = await policyFolder();
  await using server = await serveInto(folder);
  const keys = readObject(readFileSync(join(folder.path, "data", "keys.json"), "utf8"));
  const client = (accessKeyId: unknown, secretAccessKey: unknown) =>
    createClient({
      endpoint: server.url,
      region: "us-east-1",
      credentials: () => ({
        accessKeyId: String(accessKeyId),
        secretAccessKey: String(secretAccessKey),
      }),
      now: systemClock,
    });
  const root = client(keys["rootAccessKeyId"], keys["rootSecretAccessKey"]);
  const userOf = async (UserName: string, statement: object) => {
    await root.iam("CreateUser", { UserName });
    const PolicyDocument = JSON.stringify(policyOf(statement), null, 2);
    await root.iam("PutUserPolicy", { UserName, PolicyName: "Own", PolicyDocument });
    const { AccessKey } = await root.iam("CreateAccessKey", { UserName });
    return { own: client(AccessKey.AccessKeyId, AccessKey.SecretAccessKey), key: AccessKey };
  };
  const explainRefusal = async (call: Promise<unknown>): Promise<string> => {
    const error = await call.then(
      () => assert.fail("It was allowed."),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ServiceError, String(error));
    const { code, out, err } = await folder.run([
      "explain",
      error.requestId,
      "--log",
      "quarry.log",
    ]);
    assert.equal(code, 0, err);
    return out;
  };
  const Condition = { StringEquals: { "aws:PrincipalTag/team": "red" } };
  const alice = await userOf("alice", {
    Sid: "Red",
    Action: "qbusiness:ListApplications",
    Resource: "*",
    Condition,
  });
  const near = await explainRefusal(alice.own.call("ListApplications", {}));
  assert.match(near, /^denied {3}qbusiness:ListApplications on \*$/m);
  assert.match(near, /^ {2}caller arn:aws:iam::111122223333:user\/alice, 20/m);
  assert.match(
    near,
    /^ {2}-> statement "Red" \(line 4 of Own\) would allow it: StringEquals aws:PrincipalTag\/team wants "red", the request does not have it\.$/m,
  );
  const bob = await userOf("bob", { Sid: "Never", Effect: "Deny", Action: "*", Resource: "*" });
  const explicit = await explainRefusal(bob.own.call("ListApplications", {}));
  assert.match(explicit, /^ {2}by Own:4:4 Never in the caller's own policies$/m);
  assert.match(explicit, /^ {2}-> Remove or narrow statement "Never"/m);
  const query = await explainRefusal(alice.own.iam("CreateUser", { UserName: "carol" }));
  assert.match(query, /^denied {3}iam:CreateUser on arn:aws:iam::111122223333:user\/carol$/m);
  const log = readFileSync(join(folder.path, "quarry.log"), "utf8");
  for (const { key } of [alice, bob]) assert.ok(!log.includes(key.SecretAccessKey));
  assert.equal(log.match(/"access\.denied"/g)?.length, 3);
});
