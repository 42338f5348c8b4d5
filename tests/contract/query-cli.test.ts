import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { accountId, type QueryServer, rootKey, startQueryServer } from "./query-server.ts";

type Run = { readonly code: number; readonly out: string; readonly err: string };

/** The AWS CLI in a folder of its own, with a server for an endpoint. */
async function aws(server: QueryServer, cwd: string, command: string): Promise<Run> {
  const args = command.split(" ");
  const child = spawn("aws", ["--endpoint-url", server.endpoint, "--output", "json", ...args], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_PAGER: "",
    },
  });
  const exit = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, out, err };
}

const trust = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: "sts:AssumeRole",
    },
  ],
};
const permissions = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "Conversation",
      Effect: "Allow",
      Action: ["qbusiness:ChatSync", "qbusiness:PutFeedback"],
      Resource: `arn:aws:qbusiness:us-east-1:${accountId}:application/a1`,
    },
  ],
};

test("the documents' repaired commands run from their policies folder", async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), "quarry-cli-"));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  await using server = await startQueryServer();
  const first = await aws(server, cwd, "sts get-caller-identity").catch(() => undefined);
  if (first === undefined) return t.skip("the AWS CLI is not on PATH");
  assert.equal(first.code, 0, first.err);
  assert.equal((JSON.parse(first.out) as { Account: string }).Account, accountId);

  await mkdir(join(cwd, "policies"));
  const save = (name: string, content: string): Promise<void> =>
    writeFile(join(cwd, "policies", name), content);
  await save("trustpolicyforanonymous.json", JSON.stringify(trust, null, 2));
  await save("permspolicyforwebexperienceanonymous.json", JSON.stringify(permissions, null, 2));
  await save("broken.json", JSON.stringify(permissions).replace('",', '",,'));

  const role = "QuarryAnonymousWeb";
  const file = "file://policies";
  const create = `iam create-role --role-name ${role} --assume-role-policy-document ${file}/trustpolicyforanonymous.json`;
  const put = `iam put-role-policy --role-name ${role} --policy-name ${role} --policy-document ${file}`;
  const made = await aws(server, cwd, create);
  assert.equal(made.code, 0, made.err);
  // The CLI decodes and parses policy documents.
  const { Role } = JSON.parse(made.out) as { Role: { AssumeRolePolicyDocument: unknown } };
  assert.deepEqual(Role.AssumeRolePolicyDocument, trust);
  const done = await aws(server, cwd, `${put}/permspolicyforwebexperienceanonymous.json`);
  assert.deepEqual([done.code, done.out], [0, ""], done.err);
  const got = await aws(
    server,
    cwd,
    `iam get-role-policy --role-name ${role} --policy-name ${role}`,
  );
  const { PolicyDocument } = JSON.parse(got.out) as { PolicyDocument: unknown };
  assert.deepEqual(PolicyDocument, permissions);
  const broken = await aws(server, cwd, `${put}/broken.json`);
  assert.match(broken.err, /\(MalformedPolicyDocument\).*Syntax errors in policy\./);
  assert.deepEqual(server.failures, []);
});

test("the CLI simulates, federates and asks for the last use of a key", async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), "quarry-cli-"));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  await using server = await startQueryServer();
  const first = await aws(server, cwd, "sts get-session-token").catch(() => undefined);
  if (first === undefined) return t.skip("the AWS CLI is not on PATH");
  const { Credentials } = JSON.parse(first.out) as { Credentials: { AccessKeyId: string } };
  assert.match(Credentials.AccessKeyId, /^ASIA/);
  await mkdir(join(cwd, "policies"));
  await writeFile(join(cwd, "policies", "p.json"), JSON.stringify(permissions, null, 2));
  const run = async (command: string): Promise<unknown> => {
    const { code, out, err } = await aws(server, cwd, command);
    assert.equal(code, 0, err);
    return out === "" ? undefined : JSON.parse(out);
  };
  const arn = `arn:aws:qbusiness:us-east-1:${accountId}:application/a1`;
  const asked = `--action-names qbusiness:ChatSync qbusiness:Chat --resource-arns ${arn}`;
  const simulated = await run(
    // A list of documents is given in place; a file would have to be a list itself.
    `iam simulate-custom-policy --policy-input-list ${JSON.stringify(permissions)} ${asked}`,
  );
  type Simulated = { EvaluationResults: readonly { EvalDecision: string }[] };
  const decisions = (simulated as Simulated).EvaluationResults.map((one) => one.EvalDecision);
  assert.deepEqual(decisions, ["allowed", "implicitDeny"]);
  await run("iam create-user --user-name alice");
  await run(
    "iam put-user-policy --user-name alice --policy-name p --policy-document file://policies/p.json",
  );
  const source = `--policy-source-arn arn:aws:iam::${accountId}:user/alice`;
  // The CLI reads all pages by itself.
  const paged = await run(`iam simulate-principal-policy ${source} ${asked} --page-size 1`);
  assert.deepEqual(
    (paged as Simulated).EvaluationResults.map((one) => one.EvalDecision),
    ["allowed", "implicitDeny"],
  );
  const federated = await run(
    "sts get-federation-token --name guest --policy file://policies/p.json --tags Key=team,Value=docs",
  );
  const { FederatedUser } = federated as { FederatedUser: { Arn: string } };
  assert.equal(FederatedUser.Arn, `arn:aws:sts::${accountId}:federated-user/guest`);
  const made = (await run("iam create-access-key --user-name alice")) as {
    AccessKey: { AccessKeyId: string };
  };
  const id = made.AccessKey.AccessKeyId;
  const used = await run(`iam get-access-key-last-used --access-key-id ${id}`);
  const never = { ServiceName: "N/A", Region: "N/A" };
  assert.deepEqual(used, { UserName: "alice", AccessKeyLastUsed: never });
  const decoded = await aws(
    server,
    cwd,
    "sts decode-authorization-message --encoded-message something",
  );
  assert.match(decoded.err, /\(InvalidAuthorizationMessageException\)/);
  assert.deepEqual(server.failures, []);
});

test("the command line makes, changes and deletes an OpenID Connect provider", async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), "quarry-cli-"));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  await using server = await startQueryServer();
  const arn = `arn:aws:iam::${accountId}:oidc-provider/id.example.com/people`;
  const named = `--open-id-connect-provider-arn ${arn}`;
  const create = "iam create-open-id-connect-provider --url https://id.example.com/people";
  const first = await aws(server, cwd, `${create} --client-id-list web`).catch(() => undefined);
  if (first === undefined) return t.skip("the AWS CLI is not on PATH");
  assert.equal(first.code, 0, first.err);
  assert.deepEqual(JSON.parse(first.out), { OpenIDConnectProviderArn: arn });
  for (const command of [
    `add-client-id-to-open-id-connect-provider ${named} --client-id phone`,
    `remove-client-id-from-open-id-connect-provider ${named} --client-id web`,
    `update-open-id-connect-provider-thumbprint ${named} --thumbprint-list ${"0a".repeat(20)}`,
    `tag-open-id-connect-provider ${named} --tags Key=team,Value=docs`,
  ]) {
    const run = await aws(server, cwd, `iam ${command}`);
    assert.equal(run.code, 0, run.err);
  }
  const got = await aws(server, cwd, `iam get-open-id-connect-provider ${named}`);
  const { CreateDate: _date, ...rest } = JSON.parse(got.out) as Record<string, unknown>;
  assert.deepEqual(rest, {
    Url: "id.example.com/people",
    ClientIDList: ["phone"],
    ThumbprintList: ["0a".repeat(20)],
    Tags: [{ Key: "team", Value: "docs" }],
  });
  const ended = await aws(server, cwd, `iam delete-open-id-connect-provider ${named}`);
  assert.equal(ended.code, 0, ended.err);
  const gone = await aws(server, cwd, `iam get-open-id-connect-provider ${named}`);
  assert.match(gone.err, /NoSuchEntity.*OpenIDConnect Provider not found/);
});
