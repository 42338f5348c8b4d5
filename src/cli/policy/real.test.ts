// Against the program itself, in a process of its own: what is logged, and what the commands make.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { systemClock } from "../../core/clock.ts";
import { type Client, createClient, ServiceError } from "../client/client.ts";
import { readObject } from "../client/credentials.ts";
import { type PolicyFolder, policyFolder, policyOf } from "../testing/policy-console.ts";

const account = "111122223333";
const shell = promisify(execFile);

type Key = { readonly AccessKeyId: string; readonly SecretAccessKey: string };
type Server = AsyncDisposable & {
  readonly url: string;
  readonly rootKey: Key;
  readonly log: () => string;
};

// Starting the program is what takes long here; its tests share one, with users of their own.
let folder: PolicyFolder;
let server: Server;

before(async () => {
  folder = await policyFolder();
  server = await serveInto(folder);
});

after(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The program with its data and its log in the folder. */
async function serveInto({ path }: PolicyFolder): Promise<Server> {
  const root = join(import.meta.dirname, "..", "..", "..");
  const logFile = openSync(join(path, "quarry.log"), "a");
  const data = join(path, "data");
  const argv = ["serve", "--port", "0", "--data-dir", data, "--account-id", account];
  const child = spawn(process.execPath, [join(root, "src", "main.ts"), ...argv], {
    stdio: ["ignore", "pipe", logFile],
    env: { PATH: process.env["PATH"] },
  });
  closeSync(logFile);
  const log = (): string => readFileSync(join(path, "quarry.log"), "utf8");
  const says = { out: "" };
  child.stdout?.on("data", (chunk: Buffer) => (says.out += chunk.toString()));
  const deadline = AbortSignal.timeout(30_000);
  while (!/ready at \S+\n/.test(says.out)) {
    if (deadline.aborted || child.exitCode !== null) throw new Error(`${says.out}${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const keys = readObject(readFileSync(join(data, "keys.json"), "utf8"));
  return {
    url: /ready at (\S+)/.exec(says.out)?.[1] ?? "",
    rootKey: {
      AccessKeyId: String(keys["rootAccessKeyId"]),
      SecretAccessKey: String(keys["rootSecretAccessKey"]),
    },
    log,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

function clientOf({ AccessKeyId, SecretAccessKey }: Key): Client {
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
  return createClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: () => credentials,
    now: systemClock,
  });
}

/** A user with one policy, as a client. */
async function userOf(
  UserName: string,
  ...statements: readonly object[]
): Promise<{ readonly client: Client; readonly key: Key }> {
  const root = clientOf(server.rootKey);
  await root.iam("CreateUser", { UserName });
  const PolicyDocument = JSON.stringify(policyOf(...statements), null, 2);
  await root.iam("PutUserPolicy", { UserName, PolicyName: "Own", PolicyDocument });
  const { AccessKey: key } = await root.iam("CreateAccessKey", { UserName });
  return { client: clientOf(key), key };
}

/** What `quarry policy explain` says of a call that is refused, by the id in the error. */
async function explained(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail("It was allowed."),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ServiceError, String(error));
  assert.ok(!error.message.includes("would allow it"), "the caller is told less");
  const { code, out, err } = await folder.run(["explain", error.requestId, "--log", "quarry.log"]);
  assert.equal(code, 0, err);
  return out;
}

test("what a server refuses can be explained from its log, by the id in the client's error", async () => {
  const Condition = { StringEquals: { "aws:PrincipalTag/team": "red" } };
  const list = { Action: "qbusiness:ListApplications", Resource: "*" };
  const alice = await userOf("alice", { Sid: "Red", ...list, Condition });
  const near = await explained(alice.client.call("ListApplications", {}));
  assert.match(near, /^denied {3}qbusiness:ListApplications on \*$/m);
  assert.match(near, /^ {2}caller arn:aws:iam::111122223333:user\/alice, 20/m);
  assert.match(
    near,
    /^ {2}-> statement "Red" \(line 4 of Own\) would allow it: StringEquals aws:PrincipalTag\/team wants "red", the request does not have it\.$/m,
  );
  const bob = await userOf("bob", {
    Sid: "Never",
    Effect: "Deny",
    Action: "*",
    Resource: "*",
  });
  const explicit = await explained(bob.client.call("ListApplications", {}));
  assert.match(explicit, /^ {2}by Own:4:4 Never in the caller's own policies$/m);
  assert.match(explicit, /^ {2}-> Remove or narrow statement "Never"/m);
  const query = await explained(alice.client.iam("CreateUser", { UserName: "carol" }));
  assert.match(query, /^denied {3}iam:CreateUser on arn:aws:iam::111122223333:user\/carol$/m);
  for (const { SecretAccessKey } of [alice.key, bob.key, server.rootKey]) {
    assert.ok(!server.log().includes(SecretAccessKey));
  }
  assert.equal(server.log().match(/"access\.denied".*user\/(?:alice|bob)"/g)?.length, 3);
});

test("a call that fails for the role it hands over is explained by that", async () => {
  const roleArn = `arn:aws:iam::${account}:role/Given`;
  const service = { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } };
  const dora = await userOf(
    "dora",
    { Action: "qbusiness:*", Resource: "*" },
    { Sid: "Pass", Action: "iam:PassRole", Resource: roleArn, Condition: service },
  );
  const input = { displayName: "a", identityType: "ANONYMOUS", roleArn } as const;
  const out = await explained(dora.client.call("CreateApplication", input));
  assert.match(out, /^denied {3}iam:PassRole on arn:aws:iam::111122223333:role\/Given$/m);
  assert.match(
    out,
    /would allow it: StringEquals iam:PassedToService wants "lambda\.amazonaws\.com", the request has "qbusiness\.amazonaws\.com"/,
  );
});

test("the printed commands make the roles with the AWS CLI, from the folder that was written", async (t) => {
  const there = await shell("aws", ["--version"]).catch(() => undefined);
  if (there === undefined) return t.skip("the AWS CLI is not on PATH");
  const place = [
    "--application",
    "a1b2c3d4-5678-4abc-8def-111111111111",
    "--account",
    account,
  ].concat(
    ["--index", "b2c3d4e5-6789-4bcd-8ef0-222222222222", "--bucket", "docs"],
    ["--subnet", "subnet-0a1b2c3d4e5f60718", "--security-group", "sg-0f1e2d3c4b5a69788"],
  );
  const env = {
    PATH: process.env["PATH"],
    HOME: folder.path,
    AWS_ACCESS_KEY_ID: server.rootKey.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: server.rootKey.SecretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  };
  const argv = ["write", "--for", "s3-connector", ...place, "--endpoint", server.url, "--json"];
  const { code, out, err } = await folder.run(argv);
  assert.equal(code, 0, err);
  const { commands } = JSON.parse(out) as { readonly commands: readonly string[] };
  await shell("sh", ["-c", commands.join(" && ")], { cwd: folder.path, env });
  const { PolicyNames } = await clientOf(server.rootKey).iam("ListRolePolicies", {
    RoleName: "QuarryS3Connector",
  });
  assert.deepEqual(PolicyNames, ["QuarryS3Connector"]);
});
