import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type PolicyFolder, policyFolder, policyOf } from "../testing/policy-console.ts";

const account = "111122223333";
const application = `arn:aws:qbusiness:us-east-1:${account}:application/a1`;
const index = `${application}/index/i1`;
const chat = ["--action", "qbusiness:ChatSync", "--resource", application];

type Result = {
  readonly decision: string;
  readonly statements: readonly { policyType: string; file: string; line: number; sid?: string }[];
  readonly message?: string;
  readonly changes: readonly string[];
};

async function simulate(
  folder: PolicyFolder,
  ...argv: readonly string[]
): Promise<{ code: number; results: readonly Result[]; missing: readonly string[] }> {
  const { code, out, err } = await folder.run(["simulate", ...argv, "--json"]);
  assert.equal(err, "");
  const { results, missingContextKeys } = JSON.parse(out) as {
    results: readonly Result[];
    missingContextKeys: readonly string[];
  };
  return { code, results, missing: missingContextKeys };
}

async function withPolicies(): Promise<PolicyFolder> {
  const folder = await policyFolder();
  const Condition = { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } };
  await folder.put(
    "chat.json",
    policyOf({ Sid: "Ask", Action: "qbusiness:ChatSync", Resource: application }),
  );
  await folder.put(
    "inside.json",
    policyOf({ Sid: "Inside", Action: "qbusiness:ChatSync", Resource: application, Condition }),
  );
  await folder.put(
    "deny.json",
    policyOf({ Sid: "No", Effect: "Deny", Action: "qbusiness:*", Resource: "*" }),
  );
  await folder.put("all.json", policyOf({ Action: "*", Resource: "*" }));
  return folder;
}

test("an allowed call names the statement that allows it, with file and line", async () => {
  await using folder = await withPolicies();
  const { code, out } = await folder.run(["simulate", "--policy", "chat.json", ...chat]);
  assert.equal(code, 0);
  assert.equal(
    out,
    `allowed  qbusiness:ChatSync  ${application}\n  by identity policy chat.json:4:4 "Ask"\n`,
  );
});

test("a denied call has AWS's words, and says what would have to change", async () => {
  await using folder = await withPolicies();
  const { code, out } = await folder.run([
    "simulate",
    "--policy",
    "inside.json",
    ...chat,
    "--principal",
    `arn:aws:iam::${account}:user/alice`,
  ]);
  assert.equal(code, 1);
  const lines = out.split("\n");
  assert.equal(lines[0], `denied  qbusiness:ChatSync  ${application}`);
  assert.equal(
    lines[1],
    `  User: arn:aws:iam::${account}:user/alice is not authorized to perform: qbusiness:ChatSync on resource: ${application} because no identity-based policy allows the qbusiness:ChatSync action`,
  );
  assert.equal(
    lines[2],
    '  -> statement "Inside" (line 4 of inside.json) would allow it: IpAddress aws:SourceIp wants "203.0.113.0/24", the request does not have it.',
  );
  assert.match(out, /The policies also look at aws:SourceIp; see --context\.\n$/);
  const given = [...chat, "--context", "aws:SourceIp=203.0.113.9"];
  const allowed = await simulate(folder, "--policy", "inside.json", ...given);
  assert.deepEqual([allowed.code, allowed.missing], [0, []]);
});

test("an explicit denial names the statement that denies, whatever else allows", async () => {
  await using folder = await withPolicies();
  const { code, results } = await simulate(
    folder,
    "--policy",
    "chat.json",
    "--policy",
    "deny.json",
    ...chat,
  );
  assert.equal(code, 1);
  const [result] = results;
  assert.equal(result?.decision, "explicitDeny");
  assert.deepEqual(
    result.statements.map(({ file, line, sid }) => [file, line, sid]),
    [["deny.json", 4, "No"]],
  );
  assert.match(
    result.changes[0] ?? "",
    /^Remove or narrow statement "No" \(line 4 of deny\.json\)/,
  );
});

test("every action is decided on every resource, and one denial is enough to fail", async () => {
  await using folder = await withPolicies();
  const { code, results } = await simulate(
    folder,
    "chat.json",
    ...chat,
    "--action",
    "qbusiness:Chat",
    "--resource",
    `${application}2`,
  );
  assert.equal(code, 1);
  assert.deepEqual(
    results.map(({ decision }) => decision),
    ["allow", "implicitDeny", "implicitDeny", "implicitDeny"],
  );
});

test("boundaries, session policies and service control policies only take away", async () => {
  await using folder = await withPolicies();
  for (const flag of ["--boundary", "--session-policy", "--scp"]) {
    const decide = async (file: string): Promise<string | undefined> =>
      (await simulate(folder, "--policy", "chat.json", flag, file, ...chat)).results[0]?.decision;
    assert.equal(await decide("all.json"), "allow", flag);
    assert.equal(await decide("inside.json"), "implicitDeny", flag);
    assert.equal(await decide("deny.json"), "explicitDeny", flag);
    const alone = await simulate(folder, flag, "all.json", ...chat);
    assert.equal(alone.results[0]?.decision, "implicitDeny", flag);
  }
});

test("a trust policy decides who takes up a role, and for what", async () => {
  await using folder = await policyFolder();
  const trust = policyOf({
    Principal: { Service: "qbusiness.amazonaws.com" },
    Action: "sts:AssumeRole",
    Condition: {
      StringEquals: { "aws:SourceAccount": account },
      ArnLike: { "aws:SourceArn": application },
    },
  });
  await folder.put("trust.json", trust);
  const call = (service: string, source: string): readonly string[] => [
    "--trust",
    "trust.json",
    "--principal",
    service,
    "--action",
    "sts:AssumeRole",
    "--resource",
    `arn:aws:iam::${account}:role/Connector`,
    "--context",
    `aws:SourceAccount=${account}`,
    "--context",
    `aws:SourceArn=${source}`,
  ];
  const decide = async (service: string, source: string): Promise<number> =>
    (await simulate(folder, ...call(service, source))).code;
  assert.equal(await decide("qbusiness.amazonaws.com", application), 0);
  assert.equal(await decide("qbusiness.amazonaws.com", `${application}x`), 1);
  assert.equal(await decide("application.qbusiness.amazonaws.com", application), 1);
});

test("a Deny on the application stops calls on what is below it; an Allow there does not help", async () => {
  await using folder = await policyFolder();
  const put = { Action: "qbusiness:BatchPutDocument" };
  const decide = async (...statements: readonly object[]): Promise<string | undefined> => {
    await folder.put("p.json", policyOf(...statements));
    const argv = ["p.json", "--action", "qbusiness:BatchPutDocument", "--resource", index];
    return (await simulate(folder, ...argv)).results[0]?.decision;
  };
  assert.equal(await decide({ ...put, Resource: index }), "allow");
  assert.equal(await decide({ ...put, Resource: application }), "implicitDeny");
  const deny = { ...put, Effect: "Deny", Resource: application };
  assert.equal(await decide({ ...put, Resource: index }, deny), "explicitDeny");
});

test("a read that published policies grant on the application alone is allowed as by the server", async () => {
  await using folder = await policyFolder();
  await folder.put("p.json", policyOf({ Action: "qbusiness:Get*", Resource: application }));
  const web = `${application}/web-experience/w1`;
  const run = (action: string): Promise<{ code: number }> =>
    simulate(folder, "p.json", "--action", action, "--resource", web);
  assert.equal((await run("qbusiness:GetWebExperience")).code, 0);
  assert.equal((await run("QBusiness:getwebexperience")).code, 0);
});

test("a bucket belongs to the caller's account unless somebody says otherwise", async () => {
  await using folder = await policyFolder();
  const Condition = { StringEquals: { "aws:ResourceAccount": account } };
  await folder.put(
    "p.json",
    policyOf({ Action: "s3:GetObject", Resource: "arn:aws:s3:::docs/*", Condition }),
  );
  const read = ["p.json", "--action", "s3:GetObject", "--resource", "arn:aws:s3:::docs/a"];
  const code = async (...argv: readonly string[]): Promise<number> =>
    (await simulate(folder, ...read, ...argv)).code;
  assert.equal(await code("--account", account), 0);
  assert.equal(await code("--account", "444455556666"), 1);
  assert.equal(await code("--account", account, "--resource-account", "444455556666"), 1);
  const key = `AWS:ResourceAccount=${account}`;
  assert.equal(await code("--account", "444455556666", "--context", key), 0);
  const env = { QUARRY_ACCOUNT_ID: account };
  assert.equal((await folder.run(["simulate", ...read], { env })).code, 0);
});

test("a key that is given twice has a list of values, in any spelling", async () => {
  await using folder = await policyFolder();
  const Condition = { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } };
  await folder.put("p.json", policyOf({ Action: "s3:GetObject", Resource: "*", Condition }));
  const code = async (...keys: readonly string[]): Promise<number> => {
    const pairs = keys.flatMap((key) => ["--context", key]);
    return (await simulate(folder, "p.json", "--action", "s3:GetObject", ...pairs)).code;
  };
  assert.equal(await code("aws:TagKeys=a", "aws:tagkeys=b"), 0);
  assert.equal(await code("aws:TagKeys=a", "aws:TagKeys=c"), 1);
  assert.equal(await code("aws:TagKeys=a=b"), 1);
});

test("what cannot be decided is one line and exit code 2", async () => {
  await using folder = await withPolicies();
  await folder.put("broken.json", '{\n "Version": "2012-10-17",,\n "Statement": [] }');
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [["--policy", "chat.json"], /Which action\? Write --action/],
    [chat, /Which policies\? Write --policy FILE/],
    [
      ["broken.json", ...chat],
      /^quarry: broken\.json:2:25: unexpected comma; see "quarry policy validate"\.$/m,
    ],
    [["nowhere.json", ...chat], /"nowhere\.json" does not exist/],
    [["chat.json", "--action", "ChatSync"], /--action takes one action with its service/],
    [["chat.json", "--action", "qbusiness:*"], /--action takes one action/],
    [["chat.json", ...chat, "--principal", "alice"], /--principal "alice" is no user, role/],
    [["chat.json", ...chat, "--context", "=x"], /--context "=x" is no pair/],
    [["chat.json", ...chat, "--account", "1"], /--account must be the twelve digits/],
    [["--trust", "chat.json", ...chat], /chat\.json:\d+:\d+: /],
    [
      ["chat.json", "--trust", "a", "--resource-policy", "b", ...chat],
      /--trust and --resource-policy exclude each other/,
    ],
  ];
  for (const [argv, line] of rows) {
    const { code, out, err } = await folder.run(["simulate", ...argv]);
    assert.deepEqual([code, out], [2, ""], argv.join(" "));
    assert.match(err, line);
    assert.equal(err.split("\n").length, 2, err);
  }
});

test("adding a Deny never allows more, through the command line too", async () => {
  await using folder = await withPolicies();
  const files = fc.shuffledSubarray(["chat.json", "inside.json", "all.json"], { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(files, fc.boolean(), async (names, isInside) => {
      const context = isInside ? ["--context", "aws:SourceIp=203.0.113.1"] : [];
      const before = await simulate(folder, ...names, ...chat, ...context);
      const after = await simulate(folder, ...names, "deny.json", ...chat, ...context);
      assert.equal(after.results[0]?.decision, "explicitDeny");
      const isAllowed = isInside || names.some((name) => name !== "inside.json");
      assert.equal(before.code, isAllowed ? 0 : 1);
    }),
    { numRuns: 20 },
  );
});
