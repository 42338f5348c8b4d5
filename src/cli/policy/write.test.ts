import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type PolicyFolder, policyFolder } from "../testing/policy-console.ts";

const account = "111122223333";
const applicationId = "a1b2c3d4-5678-4abc-8def-111111111111";
const indexId = "b2c3d4e5-6789-4bcd-8ef0-222222222222";
const application = `arn:aws:qbusiness:us-east-1:${account}:application/${applicationId}`;
const index = `${application}/index/${indexId}`;
const place = ["--application", applicationId, "--account", account, "--region", "us-east-1"];
const connector = ["--for", "s3-connector", ...place, "--index", indexId, "--bucket", "docs"];
const key = `arn:aws:kms:us-east-1:${account}:key/k-1`;
const subnets = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"];
const group = "sg-0f1e2d3c4b5a69788";
const network = [...subnets.flatMap((id) => ["--subnet", id]), "--security-group", group];

const recipes: readonly (readonly string[])[] = [
  connector,
  [...connector, "--kms-key", "k-1"],
  [...connector, ...network, "--kms-key", key],
  ["--for", "anonymous-api", ...place],
  ["--for", "anonymous-api", ...place, "--caller", `arn:aws:iam::${account}:role/Site`],
  ["--for", "anonymous-web", ...place],
];

test("what is written validates without a single finding", async () => {
  for (const recipe of recipes) {
    await using folder = await policyFolder();
    const written = await folder.run(["write", ...recipe]);
    assert.deepEqual([written.code, written.err], [0, ""]);
    const files = readdirSync(join(folder.path, "policies")).map((name) => `policies/${name}`);
    assert.equal(files.length, 2);
    const { code, out } = await folder.run([
      "validate",
      ...files,
      "--account",
      account,
      "--encrypted-objects",
      "--json",
    ]);
    assert.equal(code, 0, out);
    const found = JSON.parse(out) as { files: { findings: object[]; isRefused: boolean }[] };
    for (const { findings, isRefused } of found.files) {
      assert.deepEqual([findings, isRefused], [[], false], recipe.join(" "));
    }
  }
});

async function codeOf(folder: PolicyFolder, ...argv: readonly string[]): Promise<number> {
  const { code, err } = await folder.run(["simulate", ...argv]);
  assert.equal(err, "");
  return code;
}

const role = `arn:aws:iam::${account}:role/R`;

test("the connector's role may do what a sync of an encrypted bucket in a VPC needs, and no more", async () => {
  await using folder = await policyFolder();
  await folder.run(["write", ...connector, ...network, "--kms-key", key]);
  const own = ["policies/permspolicyfors3connector.json", "--account", account];
  const ec2 = `arn:aws:ec2:us-east-1:${account}`;
  const tag = `qbusiness_${account}_${applicationId}_ds1`;
  const tags = ["--context", `aws:RequestTag/AMAZON_Q=${tag}`, "--context", "aws:TagKeys=AMAZON_Q"];
  const owned = ["--context", `aws:ResourceTag/AMAZON_Q=${tag}`];
  const creating = ["--context", "ec2:CreateAction=CreateNetworkInterface"];
  const viaS3 = ["--context", "kms:ViaService=s3.us-east-1.amazonaws.com"];
  const eni = `${ec2}:network-interface/eni-1`;
  const allowed: readonly (readonly string[])[] = [
    ["s3:GetObject", "arn:aws:s3:::docs/a/b.pdf"],
    ["s3:ListBucket", "arn:aws:s3:::docs"],
    ["qbusiness:BatchPutDocument", index],
    ["qbusiness:BatchDeleteDocument", index],
    ["qbusiness:PutGroup", index],
    ["qbusiness:CreateUser", application],
    ...subnets.map((id) => ["ec2:CreateNetworkInterface", `${ec2}:subnet/${id}`]),
    ["ec2:CreateNetworkInterface", `${ec2}:security-group/${group}`],
    ["ec2:CreateNetworkInterface", eni, ...tags],
    ["ec2:CreateTags", eni, ...tags, ...creating],
    ["ec2:CreateNetworkInterfacePermission", eni, ...owned],
    ["ec2:DeleteNetworkInterface", eni, ...owned],
    ["ec2:DescribeSecurityGroups", "*"],
  ];
  for (const [action = "", resource = "", ...context] of allowed) {
    const argv = [...own, "--action", action, "--resource", resource, ...context];
    assert.equal(await codeOf(folder, ...argv), 0, `${action} on ${resource}`);
  }
  const denied: readonly (readonly string[])[] = [
    ["s3:PutObject", "arn:aws:s3:::docs/a"],
    ["s3:GetObject", "arn:aws:s3:::docs2/a"],
    ["s3:GetObject", "arn:aws:s3:::docs/a", "--resource-account", "444455556666"],
    ["qbusiness:BatchPutDocument", `${index}2`],
    ["qbusiness:Chat", application],
    ["ec2:CreateNetworkInterface", `${ec2}:subnet/subnet-0a1b2c3d4e5f60710`],
    ["ec2:CreateNetworkInterface", eni],
    ["ec2:CreateNetworkInterface", eni, ...tags, "--context", "aws:TagKeys=more"],
    ["ec2:CreateTags", eni, ...creating],
    ["ec2:DeleteNetworkInterface", eni],
    ["kms:Decrypt", key],
  ];
  for (const [action = "", resource = "", ...context] of denied) {
    const argv = [...own, "--action", action, "--resource", resource, ...context];
    assert.equal(await codeOf(folder, ...argv), 1, `${action} on ${resource}`);
  }
  const keyPolicy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: account }, Action: "kms:*", Resource: "*" }],
  };
  await folder.put("key.json", keyPolicy);
  const decrypt = [
    ...own,
    "--key-policy",
    "key.json",
    "--action",
    "kms:Decrypt",
    "--resource",
    key,
  ];
  assert.equal(await codeOf(folder, ...decrypt, ...viaS3), 0);
  const viaSecrets = ["--context", "kms:ViaService=secretsmanager.us-east-1.amazonaws.com"];
  assert.equal(await codeOf(folder, ...decrypt, ...viaSecrets), 1);
});

test("each trust policy admits whom it is for, and nobody else", async () => {
  await using folder = await policyFolder();
  for (const recipe of recipes.slice(2)) await folder.run(["write", ...recipe, "--force"]);
  const assume = async (file: string, principal: string, source?: string): Promise<number> =>
    codeOf(
      folder,
      "--trust",
      `policies/${file}`,
      "--principal",
      principal,
      "--action",
      "sts:AssumeRole",
      "--resource",
      role,
      ...(source === undefined
        ? []
        : ["--context", `aws:SourceAccount=${account}`, "--context", `aws:SourceArn=${source}`]),
    );
  const service = "qbusiness.amazonaws.com";
  const tier = "application.qbusiness.amazonaws.com";
  assert.equal(await assume("trustpolicyfors3connector.json", service, application), 0);
  assert.equal(await assume("trustpolicyfors3connector.json", service, index), 1);
  assert.equal(await assume("trustpolicyfors3connector.json", tier, application), 1);
  assert.equal(await assume("trustpolicyforanonymous.json", tier, application), 0);
  assert.equal(await assume("trustpolicyforanonymous.json", tier), 1);
  assert.equal(await assume("trustpolicyforanonymous.json", service, application), 1);
  const site = `arn:aws:sts::${account}:assumed-role/Site/s`;
  assert.equal(await assume("trustpolicyforAPIanonymous.json", site), 0);
  assert.equal(await assume("trustpolicyforAPIanonymous.json", site.replace("Site", "Other")), 1);
  assert.equal(await assume("trustpolicyforAPIanonymous.json", tier, application), 1);
});

test("the anonymous roles may ask in their application, the page's role may look at it too", async () => {
  await using folder = await policyFolder();
  for (const name of ["anonymous-api", "anonymous-web"]) {
    await folder.run(["write", "--for", name, ...place]);
  }
  const may = (file: string, action: string, resource = application): Promise<number> =>
    codeOf(folder, `policies/${file}`, "--action", `qbusiness:${action}`, "--resource", resource);
  const [api, web] = ["permspolicyforAPIanonymous", "permspolicyforwebexperienceanonymous"].map(
    (name) => `${name}.json`,
  ) as [string, string];
  for (const action of ["Chat", "ChatSync", "PutFeedback"]) {
    assert.deepEqual([await may(api, action), await may(web, action)], [0, 0]);
    assert.equal(await may(api, action, `${application.slice(0, -1)}2`), 1);
  }
  for (const action of ["GetApplication", "GetChatControlsConfiguration"]) {
    assert.deepEqual([await may(api, action), await may(web, action)], [1, 0]);
  }
  for (const action of ["DeleteApplication", "ListMessages", "SearchRelevantContent"]) {
    assert.deepEqual([await may(api, action), await may(web, action)], [1, 1]);
  }
});

/** What a shell makes of a command: the words that `aws` would get. */
function wordsOf(command: string): readonly string[] {
  const script = `aws() { for word in "$@"; do printf '%s\\n' "$word"; done; }; ${command}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).trimEnd().split("\n");
}

test("the commands are the repaired ones, and a shell reads them as they are meant", async () => {
  await using folder = await policyFolder();
  const argv = ["write", "--for", "anonymous-web", ...place];
  const { out } = await folder.run(argv, { env: { AWS_ENDPOINT_URL: "http://quarry:9000" } });
  assert.deepEqual(out.split("\n").slice(-3), [
    "aws iam create-role --role-name QuarryAnonymousWeb --assume-role-policy-document file://policies/trustpolicyforanonymous.json --endpoint-url http://quarry:9000",
    "aws iam put-role-policy --role-name QuarryAnonymousWeb --policy-name QuarryAnonymousWeb --policy-document file://policies/permspolicyforwebexperienceanonymous.json --endpoint-url http://quarry:9000",
    "",
  ]);
  const odd = ["--out", "my $(policies)'s", "--role", "Web", "--json"];
  const json = JSON.parse((await folder.run([...argv, ...odd])).out) as {
    readonly commands: readonly string[];
    readonly files: readonly { readonly file: string; readonly status: string }[];
  };
  const [create = "", put = ""] = json.commands.map(wordsOf);
  assert.deepEqual(create, [
    "iam",
    "create-role",
    "--role-name",
    "Web",
    "--assume-role-policy-document",
    "file://my $(policies)'s/trustpolicyforanonymous.json",
    "--endpoint-url",
    "http://127.0.0.1:8090",
  ]);
  assert.ok(put.includes("file://my $(policies)'s/permspolicyforwebexperienceanonymous.json"));
  for (const { file, status } of json.files) {
    assert.equal(status, "written");
    assert.ok(existsSync(join(folder.path, file)));
  }
});

test("a file with another text is left alone, unless it is forced; the same text is no matter", async () => {
  await using folder = await policyFolder();
  const argv = ["write", "--for", "anonymous-web", ...place];
  await mkdir(join(folder.path, "policies"));
  const file = "policies/permspolicyforwebexperienceanonymous.json";
  const read = (): string => readFileSync(join(folder.path, file), "utf8");
  await folder.put(file, "mine");
  const refused = await folder.run(argv);
  assert.equal(refused.code, 1);
  assert.equal(
    refused.err,
    `quarry: "${file}" is there with another text; move it, or replace it with --force.\n`,
  );
  assert.equal(read(), "mine");
  const all = (): readonly string[] => readdirSync(join(folder.path, "policies"));
  assert.deepEqual(all(), ["permspolicyforwebexperienceanonymous.json"], "not even the other one");
  const forced = await folder.run([...argv, "--force"]);
  assert.match(forced.out, /^written {3}policies\/trust/m);
  assert.match(forced.out, /^replaced {2}policies\/perms/m);
  assert.notEqual(read(), "mine");
  const again = await folder.run(argv);
  assert.equal(again.code, 0);
  assert.equal(again.out.match(/^unchanged/gm)?.length, 2);
  assert.equal(all().length, 2, "nothing is left beside them");
});

test("a folder that cannot be written is one line and exit code 1", async () => {
  await using folder = await policyFolder();
  await folder.put("taken", "a file");
  const { code, err } = await folder.run(["write", ...connector, "--out", "taken"]);
  assert.equal(code, 1);
  assert.match(
    err,
    /^quarry: The policies cannot be written to "taken" \(E\w+\); name another folder with --out\.\n$/,
  );
});

test("values that would grant more than they say are refused, each by its flag", async () => {
  await using folder = await policyFolder();
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /--for must be one of s3-connector, anonymous-api, anonymous-web\./],
    [["--for", "toString"], /--for must be one of/],
    [["--for", "s3-connector"], /--application is missing; write --application a1b2c3d4/],
    [["--for", "s3-connector", ...place], /--index is missing;/],
    [["--for", "s3-connector", ...place, "--index", indexId], /--bucket is missing;/],
    [["--for", "anonymous-web", "--application", "*"], /--application must have a form like/],
    [[...connector.slice(0, -1), "*"], /--bucket must have a form like/],
    [[...connector.slice(0, -1), "docs/a"], /--bucket must have a form like/],
    [["--for", "anonymous-web", ...place.slice(0, -1), "*"], /--region must have a form like/],
    [[...connector, "--kms-key", "*"], /--kms-key must have a form like/],
    [[...connector, "--subnet", "subnet-*", "--security-group", group], /--subnet must have/],
    [[...connector, "--subnet", subnets[0] ?? ""], /--subnet and --security-group belong together/],
    [[...connector, "--security-group", group], /--subnet and --security-group belong together/],
    [["--for", "anonymous-api", ...place, "--caller", "*"], /--caller must have a form like/],
    [
      ["--for", "anonymous-web", "--application", applicationId, "--account", "*"],
      /--account must/,
    ],
    [[...connector, "--role", "a b"], /--role must be 1 to 64/],
    [[...connector, "--endpoint", "nowhere"], /--endpoint must be an http or https URL/],
  ];
  for (const [argv, line] of rows) {
    const { code, out, err } = await folder.run(["write", ...argv]);
    assert.deepEqual([code, out], [2, ""], argv.join(" "));
    assert.match(err, line);
    assert.equal(err.split("\n").length, 2, err);
  }
  assert.deepEqual(readdirSync(folder.path), [], "nothing was written");
});
