import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { readExclusions } from "../../src/operations/iam/policy-exclusions.ts";
import {
  iamClient,
  makeRole,
  makeUser,
  policyOf,
  refused,
  roleArn,
  trustOf,
  userArn,
} from "./query-clients.ts";
import { accountId, type QueryServer, startQueryServer } from "./query-server.ts";
import { other, bucket, readAll } from "./query-simulate.ts";

async function household(server: QueryServer): Promise<void> {
  const root = iamClient(server);
  await makeUser(server, "alice", policyOf({ Action: "s3:Inline" }));
  await root.send(new iam.CreateGroupCommand({ GroupName: "G" }));
  await root.send(
    new iam.PutGroupPolicyCommand({
      GroupName: "G",
      PolicyName: "ofgroup",
      PolicyDocument: policyOf({ Action: "s3:Group" }),
    }),
  );
  await root.send(new iam.AddUserToGroupCommand({ GroupName: "G", UserName: "alice" }));
  for (const [PolicyName, action] of [
    ["Own", "s3:Managed"],
    ["Other", "s3:Other"],
    ["Bound", "s3:*"],
  ] as const) {
    const PolicyDocument = policyOf({ Action: action });
    await root.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument }));
  }
  const arn = (name: string): string => `arn:aws:iam::${accountId}:policy/${name}`;
  await root.send(new iam.AttachUserPolicyCommand({ UserName: "alice", PolicyArn: arn("Own") }));
  await root.send(new iam.AttachGroupPolicyCommand({ GroupName: "G", PolicyArn: arn("Other") }));
  await root.send(
    new iam.PutUserPermissionsBoundaryCommand({
      UserName: "alice",
      PermissionsBoundary: arn("Bound"),
    }),
  );
}
const actions = ["s3:Inline", "s3:Group", "s3:Managed", "s3:Other", "iam:GetUser"];
async function principal(
  server: QueryServer,
  input: Partial<iam.SimulatePrincipalPolicyCommandInput> = {},
): Promise<readonly iam.EvaluationResult[]> {
  const command = new iam.SimulatePrincipalPolicyCommand({
    PolicySourceArn: userArn("alice"),
    ActionNames: actions,
    ...input,
  });
  return (await iamClient(server).send(command)).EvaluationResults ?? [];
}

test("a user is simulated with its own policies, its groups' and its boundary", async () => {
  await using server = await startQueryServer();
  await household(server);
  const rows = (await principal(server)).map((result) => [
    result.EvalActionName,
    result.EvalDecision,
    result.MatchedStatements?.map((at) => `${at.SourcePolicyType} ${at.SourcePolicyId}`).join(),
    result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
  ]);
  assert.deepEqual(rows, [
    ["s3:Inline", "allowed", "user user_alice_own", true],
    ["s3:Group", "allowed", "group group_G_ofgroup", true],
    ["s3:Managed", "allowed", "user-managed Own", true],
    ["s3:Other", "allowed", "user-managed Other", true],
    ["iam:GetUser", "implicitDeny", "", false],
  ]);
  const AdministratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";
  await makeRole(server, "R", trustOf({ AWS: accountId }), policyOf({ Action: "s3:Inline" }));
  await iamClient(server).send(
    new iam.AttachRolePolicyCommand({ RoleName: "R", PolicyArn: AdministratorAccess }),
  );
  const [asRole] = await principal(server, { PolicySourceArn: roleArn("R") });
  assert.deepEqual(
    asRole?.MatchedStatements?.map((at) => `${at.SourcePolicyType} ${at.SourcePolicyId}`),
    ["role role_R_own", "aws-managed AdministratorAccess"],
  );
  const groupArn = `arn:aws:iam::${accountId}:group/G`;
  const asGroup = await principal(server, { PolicySourceArn: groupArn });
  assert.deepEqual(
    asGroup.map(({ EvalDecision }) => EvalDecision === "allowed"),
    [false, true, false, true, false],
  );
});

test("policies can be added to a principal, replaced and left out", async () => {
  await using server = await startQueryServer();
  await household(server);
  const arn = (name: string): string => `arn:aws:iam::${accountId}:policy/${name}`;
  const inline = (
    PolicyName: string,
    AttachmentType: iam.AttachmentType,
    AttachmentName: string,
  ) => ({
    InlinePolicyIdentifier: { PolicyName, AttachmentType, AttachmentName },
  });
  type Row = readonly [Partial<iam.SimulatePrincipalPolicyCommandInput>, string];
  const without = (...PolicyExclusionList: object[]) => ({
    PolicyExclusionList: PolicyExclusionList as iam.PolicyIdentifier[],
  });
  const more = policyOf({ Action: "iam:GetUser" });
  const open = { PermissionsBoundaryPolicyInputList: [policyOf({ Action: "*" })] };
  // Allowed or not: Inline, Group, Managed, Other, iam:GetUser.
  const rows: readonly Row[] = [
    [{}, "yyyyn"],
    [{ PolicyInputList: [more] }, "yyyyn"],
    [{ PolicyInputList: [more], ...open }, "yyyyy"],
    [{ PolicyInputList: [more], ...without({ PolicyType: "permission-boundary" }) }, "yyyyy"],
    [without({ PolicyType: "inline" }), "nnyyn"],
    [without({ PolicyType: "user-managed" }), "yynnn"],
    [without({ PolicyType: "aws-managed" }, { PolicyType: "scp" }, { PolicyType: "rcp" }), "yyyyn"],
    [without({ PolicyArn: arn("Own") }), "yynyn"],
    [without({ PolicyArn: arn("O*") }), "yynnn"],
    [without({ PolicyArn: arn("O??er") }), "yyynn"],
    [without({ PolicyArn: arn("*") }), "yynnn"],
    [without({ PolicyArn: arn("None") }), "yyyyn"],
    [without(inline("own", "user", "alice")), "nyyyn"],
    [without(inline("ofgroup", "group", "*")), "ynyyn"],
    [without(inline("ofgroup", "user", "*")), "yyyyn"],
    [without(inline("own", "user", "bob")), "yyyyn"],
  ];
  for (const [input, expected] of rows) {
    const results = await principal(server, input);
    const got = results.map(({ EvalDecision }) => (EvalDecision === "allowed" ? "y" : "n"));
    assert.equal(got.join(""), expected, JSON.stringify(input));
  }
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ PolicyArn: "arn:aws:s3:::bucket-of-mine" }, /no policy's ARN/],
    [{ PolicyArn: `arn:aws:iam::${accountId}:policy/*/x` }, /no policy's ARN/],
    [{ PolicyArn: arn("*a*") }, /more than one asterisk/],
    [inline("own", "user", "*a*"), /more than one asterisk/],
  ];
  for (const [identifier, message] of wrong) {
    const [code, , text] = await refused(principal(server, without(identifier)));
    assert.match(text, message);
    assert.equal(code, "InvalidInput", text);
  }
});

test("an entry that leaves policies out says in one way only which", () => {
  const PolicyArn = `arn:aws:iam::${accountId}:policy/P`;
  for (const entryOf of [{}, { PolicyType: "inline", PolicyArn }]) {
    assert.throws(() => readExclusions([entryOf]), /exactly one of PolicyType/);
  }
});

test("one principal can be simulated with the policies of another", async () => {
  await using server = await startQueryServer();
  await makeUser(
    server,
    "alice",
    policyOf({ Action: "s3:*", Resource: `${bucket}/\${aws:username}/*` }),
  );
  const ResourceArns = [`${bucket}/bob/a`];
  const input = { ActionNames: ["s3:GetObject"], ResourceArns };
  const [asAlice] = await principal(server, input);
  assert.equal(asAlice?.EvalDecision, "implicitDeny");
  const [asBob] = await principal(server, { ...input, CallerArn: userArn("bob") });
  assert.equal(asBob?.EvalDecision, "allowed");
});

test("nobody is simulated who is not there, and nobody simulates who may not", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice", policyOf({ Action: "iam:SimulateCustomPolicy" }));
  const missing = principal(server, { PolicySourceArn: userArn("nobody") });
  assert.deepEqual(await refused(missing), [
    "NoSuchEntity",
    404,
    `The entity ${userArn("nobody")} cannot be found.`,
  ]);
  const abroad = { PolicySourceArn: `arn:aws:iam::${other}:user/alice` };
  assert.equal((await refused(principal(server, abroad)))[0], "NoSuchEntity");
  const alice = iamClient(server, keys);
  const PolicySourceArn = userArn("alice");
  const own = new iam.SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: actions });
  const [code, , message] = await refused(alice.send(own));
  assert.equal(code, "AccessDenied");
  assert.match(message, /iam:SimulatePrincipalPolicy on resource: .*user\/alice/);
  const custom = { PolicyInputList: [readAll], ActionNames: ["s3:GetObject"] };
  await alice.send(new iam.SimulateCustomPolicyCommand(custom));
});
