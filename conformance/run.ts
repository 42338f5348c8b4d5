// The black-box suite: every operation of the contract through unmodified clients, over the wire.
//   npm run conformance -- --endpoint http://127.0.0.1:8090 [--profile smoke|full] [--client NAME]
//     [--bucket NAME] [--json FILE] [--write docs/compatibility.md]
// Credentials (of the root user) come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. It makes
// and deletes an application, users, roles, groups, policies, an identity provider and (after its
// waiting time) a key; nothing else is touched.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openAwsCli } from "./aws-cli.ts";
import { openBoto3 } from "./boto3.ts";
import type { Client, Keys, Members, Outcome, Target } from "./client.ts";
import { iamSteps } from "./iam-steps.ts";
import { kmsSteps } from "./kms-steps.ts";
import { judge, type Verdicts } from "./judge.ts";
import { qbusinessSteps } from "./qbusiness-steps.ts";
import { openSdkV2 } from "./sdk-v2.ts";
import { openSdkV3, operationsOfSdkV3 } from "./sdk-v3.ts";
import { createKnown, type Known, type Step } from "./step.ts";
import { type ClientReport, compatibilityPage } from "./table.ts";

const { values: flags } = parseArgs({
  options: {
    endpoint: { type: "string" },
    profile: { type: "string", default: "smoke" },
    client: { type: "string", multiple: true },
    bucket: { type: "string", default: "sample-bucket" },
    json: { type: "string" },
    write: { type: "string" },
  },
});

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function rootKeys(): Keys {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    fail("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the server's root key.");
  }
  return { accessKeyId, secretAccessKey };
}

async function openClients(target: Target, isFull: boolean): Promise<readonly Client[]> {
  const clients = [openSdkV3(target)];
  if (isFull) {
    clients.push(openSdkV2(target));
    const boto3 = await openBoto3(target);
    if (boto3 === undefined) console.error("boto3: skipped, no Python with boto3 here.");
    else clients.push(boto3);
    const cli = await openAwsCli(target);
    if (cli === undefined) console.error("AWS CLI: skipped, no aws command here.");
    else clients.push(cli);
  }
  const wanted = flags.client;
  return wanted === undefined ? clients : clients.filter(({ name }) => wanted.includes(name));
}

/** What the steps need to know before the first of them. Names are new in every run. */
function startKnown(account: string): Known {
  const known = createKnown();
  const suffix = randomBytes(4).toString("hex");
  for (const name of ["user", "role", "role2", "group", "policyName", "renamed"]) {
    known.set(name, `conformance-${name}-${suffix}`);
  }
  known.set("issuer", `conformance-${suffix}.example.com`);
  known.set("alias", `alias/conformance-${suffix}`);
  known.set("account", account);
  known.set("bucket", flags.bucket);
  return known;
}

const assumePolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:*", Resource: "*" }],
});

/** Two users besides the root: one who may assume roles, and one who may do nothing. */
async function makeCallers(client: Client, root: Keys) {
  const call = async (operation: string, input: Members): Promise<Members> => {
    const outcome: Outcome = await client.call({ service: "iam", operation, input, keys: root });
    if (outcome.kind === "answered") return outcome.output;
    return fail(`${operation}: ${outcome.kind === "refused" ? outcome.message : "unknown"}`);
  };
  const made: string[] = [];
  const make = async (PolicyDocument?: string): Promise<Keys> => {
    const UserName = `conformance-caller-${randomBytes(4).toString("hex")}`;
    await call("CreateUser", { UserName });
    made.push(UserName);
    if (PolicyDocument !== undefined) {
      await call("PutUserPolicy", { UserName, PolicyName: "sts", PolicyDocument });
    }
    const { AccessKey } = await call("CreateAccessKey", { UserName });
    const { AccessKeyId, SecretAccessKey } = AccessKey as Readonly<Record<string, string>>;
    return { accessKeyId: AccessKeyId ?? "", secretAccessKey: SecretAccessKey ?? "" };
  };
  const helper = await make(assumePolicy);
  const powerless = await make();
  const remove = async (): Promise<void> => {
    for (const [UserName, { accessKeyId }] of [
      [made[0], helper],
      [made[1], powerless],
    ] as const) {
      await call("DeleteAccessKey", { UserName, AccessKeyId: accessKeyId });
      if (accessKeyId === helper.accessKeyId) {
        await call("DeleteUserPolicy", { UserName, PolicyName: "sts" });
      }
      await call("DeleteUser", { UserName });
    }
  };
  return { keys: { root, helper, powerless }, remove };
}

/** An operation without a step would be forgotten, so the suite refuses to run. */
function checkSteps(): void {
  const tried = new Set(
    qbusinessSteps.filter((s) => s.service === "qbusiness").map((s) => s.operation),
  );
  const forgotten = operationsOfSdkV3("qbusiness").filter((operation) => !tried.has(operation));
  if (forgotten.length > 0) fail(`No step calls ${forgotten.join(", ")}.`);
}

/** What KMS has and the suite does not try: that it says so itself is all there is to see. */
function untriedKmsSteps(): readonly Step[] {
  const tried = new Set(kmsSteps.map(({ operation }) => operation));
  return operationsOfSdkV3("kms")
    .filter((operation) => !tried.has(operation))
    .map((operation) => ({ service: "kms", operation, input: () => ({}) }));
}

async function accountOf(client: Client, root: Keys): Promise<string> {
  const call = { service: "sts", operation: "GetCallerIdentity", input: {}, keys: root } as const;
  const outcome = await client.call(call);
  if (outcome.kind === "answered") return String(outcome.output["Account"]);
  return fail(`The endpoint refuses the key: ${outcome.kind === "refused" ? outcome.message : ""}`);
}

async function report(client: Client, first: Client, root: Keys): Promise<ClientReport> {
  const account = await accountOf(first, root);
  const { keys, remove } = await makeCallers(first, root);
  const options = { known: startKnown(account), keys, withRefusals: client.name !== "AWS CLI" };
  try {
    const verdicts = new Map([
      ...(await judge(client, qbusinessSteps, options)),
      ...(await judge(client, iamSteps, options)),
      ...(await judge(client, kmsSteps, options)),
      // Only this client sends what is not complete; the others refuse it themselves.
      ...(client.name === first.name ? await judge(client, untriedKmsSteps(), options) : []),
    ]);
    return { name: client.name, verdicts };
  } finally {
    await remove();
  }
}

function summary({ name, verdicts }: ClientReport): string {
  const counts = new Map<string, number>();
  for (const { status } of verdicts.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
  const faults = [...verdicts].flatMap(([key, { faults: all }]) => all.map((f) => `  ${key} ${f}`));
  const line = [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
  return [`${name}: ${line}`, ...faults].join("\n");
}

function asJson(verdicts: Verdicts): Members {
  return Object.fromEntries(verdicts);
}

checkSteps();
const target: Target = {
  endpoint: flags.endpoint ?? fail("Name the server: --endpoint http://127.0.0.1:8090"),
  region: process.env["AWS_REGION"] ?? "us-east-1",
};
const root = rootKeys();
const first = openSdkV3(target);
const clients = await openClients(target, flags.profile === "full");
const reports: ClientReport[] = [];
for (const client of clients) {
  const found = await report(client, first, root);
  console.error(summary(found));
  reports.push(found);
  client.close();
}
first.close();
const results = reports.map(({ name, verdicts }) => ({
  client: name,
  operations: asJson(verdicts),
}));
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(results, null, 2)}\n`);
else if (flags.write === undefined) console.log(JSON.stringify(results, null, 2));
if (flags.write !== undefined) writeFileSync(flags.write, compatibilityPage(reports));
const isClean = reports.every(({ verdicts }) =>
  [...verdicts.values()].every((v) => v.status !== "fails"),
);
process.exitCode = isClean ? 0 : 1;
