import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import {
  assume,
  iamClient,
  type Keys,
  makeRole,
  makeUser,
  policyOf,
  refused,
  roleArn,
  stsClient,
  trustOf,
  userArn,
} from "./query-clients.ts";
import { accountId, type QueryServer, rootKey, startQueryServer } from "./query-server.ts";

const RoleSessionName = "session";

function tryAssume(
  server: QueryServer,
  keys: Keys,
  input: Partial<sts.AssumeRoleCommandInput>,
): Promise<sts.AssumeRoleCommandOutput> {
  const command = new sts.AssumeRoleCommand({ RoleArn: roleArn("R"), RoleSessionName, ...input });
  return stsClient(server, keys).send(command);
}

function denial(user: string, role = "R"): readonly [string, number, string] {
  const text = `User: ${userArn(user)} is not authorized to perform: sts:AssumeRole on resource: ${roleArn(role)}`;
  return ["AccessDenied", 403, text];
}

test("everybody learns who he is, whatever policies say", async () => {
  await using server = await startQueryServer();
  const deny = policyOf({ Effect: "Deny", Action: "*" });
  const keys = await makeUser(server, "alice", deny);
  const who = (by: Keys): Promise<sts.GetCallerIdentityCommandOutput> =>
    stsClient(server, by).send(new sts.GetCallerIdentityCommand({}));
  const alice = await who(keys);
  assert.deepEqual([alice.Arn, alice.Account], [userArn("alice"), accountId]);
  assert.match(alice.UserId ?? "", /^AIDA/);
  const root = await who(rootKey);
  assert.deepEqual(
    [root.Arn, root.UserId, root.Account],
    [`arn:aws:iam::${accountId}:root`, accountId, accountId],
  );
  const { Arn, UserId } = await (async () => {
    await makeUser(server, "bob");
    await makeRole(server, "R", trustOf({ AWS: accountId }));
    const bob = await makeUser(server, "carol", policyOf({ Action: "sts:AssumeRole" }));
    return who(await assume(server, bob, { RoleArn: roleArn("R"), RoleSessionName: "s-1" }));
  })();
  assert.equal(Arn, `arn:aws:sts::${accountId}:assumed-role/R/s-1`);
  assert.match(UserId ?? "", /^AROA[A-Z2-7]{16}:s-1$/);
});

test("a role is assumed by whom its trust policy names, as the table of IAM has it", async () => {
  await using server = await startQueryServer();
  const allowed = await makeUser(server, "allowed", policyOf({ Action: "sts:AssumeRole" }));
  const plain = await makeUser(server, "plain");
  const denied = await makeUser(server, "denied", policyOf({ Effect: "Deny", Action: "sts:*" }));
  await makeRole(server, "R", trustOf({ AWS: [userArn("plain"), userArn("denied")] }));
  await makeRole(server, "Account", trustOf({ AWS: accountId }));
  await makeRole(server, "Service", trustOf({ Service: "qbusiness.amazonaws.com" }));
  const RoleArn = roleArn("Account");
  // Named: enough. The account: an identity policy besides. Anything else: never.
  await tryAssume(server, plain, {});
  assert.deepEqual(await refused(tryAssume(server, allowed, {})), denial("allowed"));
  assert.deepEqual(await refused(tryAssume(server, denied, {})), denial("denied"));
  await tryAssume(server, allowed, { RoleArn });
  assert.deepEqual(
    await refused(tryAssume(server, plain, { RoleArn })),
    denial("plain", "Account"),
  );
  const service = { RoleArn: roleArn("Service") };
  assert.deepEqual(
    await refused(tryAssume(server, allowed, service)),
    denial("allowed", "Service"),
  );
});

test("a role that is missing and one that does not admit look the same", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice", policyOf({ Action: "*" }));
  await makeRole(server, "R", trustOf({ Service: "qbusiness.amazonaws.com" }));
  assert.deepEqual(await refused(tryAssume(server, keys, {})), denial("alice"));
  const missing = tryAssume(server, keys, { RoleArn: roleArn("Missing") });
  assert.deepEqual(await refused(missing), denial("alice", "Missing"));
  const foreign = await refused(
    tryAssume(server, keys, { RoleArn: "arn:aws:iam::999999999999:role/R" }),
  );
  assert.deepEqual([foreign[0], foreign[1]], ["AccessDenied", 403]);
  for (const RoleArn of [userArn("alice-and-more"), "arn:aws:s3:::a-bucket-of-mine"]) {
    const sent = tryAssume(server, keys, { RoleArn });
    assert.deepEqual(await refused(sent), ["ValidationError", 400, `${RoleArn} is invalid`]);
  }
});

test("the root user assumes no role", async () => {
  await using server = await startQueryServer();
  await makeRole(server, "R", trustOf("*"));
  assert.deepEqual(await refused(tryAssume(server, rootKey, {})), [
    "AccessDenied",
    403,
    "Roles may not be assumed by root accounts.",
  ]);
});

test("a session lasts as long as asked, and no longer than the role or a chain allows", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice", policyOf({ Action: "sts:AssumeRole" }));
  await makeRole(server, "R", trustOf({ AWS: accountId }), policyOf({ Action: "sts:*" }));
  const at = new Date();
  server.now = () => at;
  const lasts = async (input: Partial<sts.AssumeRoleCommandInput>): Promise<number> => {
    const { Credentials } = await tryAssume(server, keys, input);
    const end = Credentials?.Expiration?.getTime() ?? 0;
    return (end - Math.floor(at.getTime() / 1000) * 1000) / 1000;
  };
  assert.equal(await lasts({}), 3600);
  assert.equal(await lasts({ DurationSeconds: 900 }), 900);
  assert.deepEqual(await refused(tryAssume(server, keys, { DurationSeconds: 3601 })), [
    "ValidationError",
    400,
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  ]);
  const longer = { RoleName: "R", MaxSessionDuration: 43_200 };
  await iamClient(server).send(new iam.UpdateRoleCommand(longer));
  assert.equal(await lasts({ DurationSeconds: 43_200 }), 43_200);
  for (const DurationSeconds of [899, 43_201]) {
    const [code] = await refused(tryAssume(server, keys, { DurationSeconds }));
    assert.equal(code, "ValidationError");
  }
  const session = await assume(server, keys, { RoleArn: roleArn("R") });
  await tryAssume(server, session, { DurationSeconds: 3600 });
  assert.deepEqual(await refused(tryAssume(server, session, { DurationSeconds: 3601 })), [
    "ValidationError",
    400,
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
  ]);
});

test("a session ends at its time, and with its role", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice");
  await makeRole(server, "R", trustOf({ AWS: userArn("alice") }));
  const session = await assume(server, keys, { RoleArn: roleArn("R"), DurationSeconds: 900 });
  const who = (by: Keys): Promise<unknown> =>
    stsClient(server, by).send(new sts.GetCallerIdentityCommand({}));
  await who(session);
  const unknown = "InvalidClientTokenId";
  const { sessionToken = "", ...bare } = session;
  assert.equal((await refused(who(bare)))[0], unknown);
  assert.equal((await refused(who({ ...session, sessionToken: `${sessionToken}x` })))[0], unknown);
  const stranger = { ...session, accessKeyId: "ASIAAAAAAAAAAAAAAAAA" };
  assert.equal((await refused(who(stranger)))[0], unknown);
  const laterMs = 901_000;
  server.now = () => new Date(Date.now() + laterMs);
  const late = new sts.STSClient({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: session,
    systemClockOffset: laterMs,
  });
  assert.deepEqual(await refused(late.send(new sts.GetCallerIdentityCommand({}))), [
    "ExpiredToken",
    403,
    "The security token included in the request is expired",
  ]);
  server.now = () => new Date();
  const other = await assume(server, keys, { RoleArn: roleArn("R") });
  await iamClient(server).send(new iam.DeleteRoleCommand({ RoleName: "R" }));
  assert.equal((await refused(who(session)))[0], unknown);
  await makeRole(server, "R", trustOf({ AWS: userArn("alice") }));
  assert.equal((await refused(who(other)))[0], unknown);
});

test("a session policy only takes away", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice");
  const trust = trustOf({ AWS: userArn("alice") });
  await makeRole(server, "R", trust, policyOf({ Action: ["iam:ListRoles", "iam:ListUsers"] }));
  const Policy = policyOf({ Action: ["iam:ListRoles", "iam:DeleteRole"] });
  const made = await tryAssume(server, keys, { Policy });
  assert.ok((made.PackedPolicySize ?? 0) > 0 && (made.PackedPolicySize ?? 101) <= 100);
  const role = iamClient(server, await assume(server, keys, { RoleArn: roleArn("R"), Policy }));
  await role.send(new iam.ListRolesCommand({}));
  assert.match(
    (await refused(role.send(new iam.ListUsersCommand({}))))[2],
    /because no session policy allows the iam:ListUsers action$/,
  );
  assert.match(
    (await refused(role.send(new iam.DeleteRoleCommand({ RoleName: "R" }))))[2],
    /because no identity-based policy allows the iam:DeleteRole action$/,
  );
});

test("what a session cannot carry is refused, not dropped", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice");
  const actions = ["sts:AssumeRole", "sts:TagSession"];
  await makeRole(server, "R", trustOf({ AWS: userArn("alice") }, { Action: actions }));
  const tag = (Key: string, Value = ""): sts.Tag => ({ Key, Value });
  const large = policyOf({ Action: "s3:*", Sid: "x".repeat(2048) });
  const tags = Array.from({ length: 20 }, (_, at) => tag(`k${at}`, "v".repeat(256)));
  const rows: readonly (readonly [Partial<sts.AssumeRoleCommandInput>, string, RegExp])[] = [
    [{ Policy: "{" }, "MalformedPolicyDocument", /^Syntax errors in policy\.$/],
    [{ Policy: trustOf("*") }, "MalformedPolicyDocument", /principal/],
    [{ Policy: large }, "PackedPolicyTooLarge", /^Packed policy consumes 1\d\d% of allotted space/],
    [{ Tags: tags }, "PackedPolicyTooLarge", /^Packed policy consumes \d+% of allotted space/],
    [{ Tags: [tag("a"), tag("A")] }, "ValidationError", /Duplicate tag keys/],
    [{ Tags: [tag("aws:x")] }, "ValidationError", /reserved/],
    [{ Tags: [tag("a")], TransitiveTagKeys: ["b"] }, "ValidationError", /names no tag/],
    [{ SerialNumber: "123456789", TokenCode: "123456" }, "AccessDenied", /MultiFactor/],
    [
      { PolicyArns: [{ arn: "arn:aws:iam::aws:policy/NoSuchPolicy" }] },
      "ValidationError",
      /NoSuchPolicy does not exist or is not attachable/,
    ],
    [
      {
        ProvidedContexts: [
          { ProviderArn: "arn:aws:iam::aws:contextProvider/x", ContextAssertion: "abcd" },
        ],
      },
      "ValidationError",
      /takes one context, of the provider/,
    ],
    [{ RoleSessionName: "a" }, "ValidationError", /'roleSessionName'/],
    [{ RoleSessionName: "a b" }, "ValidationError", /'roleSessionName'/],
    [{ ExternalId: "x" }, "ValidationError", /'externalId'/],
  ];
  for (const [input, code, message] of rows) {
    const [name, , text] = await refused(tryAssume(server, keys, input));
    assert.equal(name, code, text);
    assert.match(text, message);
  }
  assert.deepEqual(server.failures, []);
});

test("conditions of a trust policy see external id, session name, source identity and tags", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice");
  const AWS = userArn("alice");
  const rows: readonly (readonly [object, Partial<sts.AssumeRoleCommandInput>, object])[] = [
    [{ "sts:ExternalId": "12345" }, { ExternalId: "12345" }, { ExternalId: "54321" }],
    [{ "sts:RoleSessionName": "${aws:username}" }, { RoleSessionName: "alice" }, {}],
    [{ "sts:SourceIdentity": "alice" }, { SourceIdentity: "alice" }, { SourceIdentity: "bob" }],
    [
      { "aws:RequestTag/team": "docs" },
      { Tags: [{ Key: "team", Value: "docs" }] },
      { Tags: [{ Key: "team", Value: "other" }] },
    ],
  ];
  const Action = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
  for (const [index, [test, good, bad]] of rows.entries()) {
    const trust = trustOf({ AWS }, { Action, Condition: { StringEquals: test } });
    await makeRole(server, `R${index}`, trust);
    const RoleArn = roleArn(`R${index}`);
    await tryAssume(server, keys, { RoleArn, ...good });
    assert.deepEqual(
      await refused(tryAssume(server, keys, { RoleArn, ...bad })),
      denial("alice", `R${index}`),
    );
    assert.deepEqual(
      await refused(tryAssume(server, keys, { RoleArn })),
      denial("alice", `R${index}`),
    );
  }
});

test("tags and a source identity each need an action of their own", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice");
  await makeRole(server, "R", trustOf({ AWS: userArn("alice") }));
  const Tags = [{ Key: "team", Value: "docs" }];
  assert.deepEqual(await refused(tryAssume(server, keys, { Tags })), denial("alice"));
  const SourceIdentity = "alice";
  assert.deepEqual(await refused(tryAssume(server, keys, { SourceIdentity })), denial("alice"));
  await tryAssume(server, keys, {});
});

test("a session's tags are its own, win over the role's, and go on only where transitive", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const keys = await makeUser(server, "alice");
  const Action = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
  const byTag = (value: string, key = "team"): string =>
    policyOf({
      Action: ["iam:ListRoles"],
      Condition: { StringEquals: { [`aws:PrincipalTag/${key}`]: value } },
    });
  await makeRole(server, "First", trustOf({ AWS: userArn("alice") }, { Action }), byTag("docs"));
  const first = { AWS: roleArn("First") };
  await makeRole(server, "Second", trustOf(first, { Action }), byTag("yes", "kept"));
  await root.send(
    new iam.TagRoleCommand({ RoleName: "First", Tags: [{ Key: "Team", Value: "docs" }] }),
  );
  const list = (by: Keys): Promise<unknown> =>
    iamClient(server, by).send(new iam.ListRolesCommand({}));
  const RoleArn = roleArn("First");
  await list(await assume(server, keys, { RoleArn }));
  const other = { RoleArn, Tags: [{ Key: "team", Value: "other" }] };
  assert.equal((await refused(list(await assume(server, keys, other))))[0], "AccessDenied");

  const Tags = [
    { Key: "kept", Value: "yes" },
    { Key: "dropped", Value: "x" },
  ];
  const session = await assume(server, keys, {
    RoleArn,
    Tags,
    TransitiveTagKeys: ["KEPT"],
    SourceIdentity: "alice",
  });
  const Second = { RoleArn: roleArn("Second") };
  const chained = await tryAssume(server, session, Second);
  assert.equal(chained.SourceIdentity, "alice");
  await list(await assume(server, session, Second));
  const anew = { ...Second, Tags: [{ Key: "kept", Value: "no" }] };
  assert.match((await refused(tryAssume(server, session, anew)))[2], /hands on is set anew/);
  const [code] = await refused(tryAssume(server, session, { ...Second, SourceIdentity: "bob" }));
  assert.equal(code, "ValidationError");
  const plain = await assume(server, keys, { RoleArn });
  assert.equal((await refused(list(await assume(server, plain, Second))))[0], "AccessDenied");
});

test("keys tell their account to whoever may ask", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice");
  const ask = (
    AccessKeyId: string,
    by: Keys = rootKey,
  ): Promise<{ readonly Account?: string | undefined }> =>
    stsClient(server, by).send(new sts.GetAccessKeyInfoCommand({ AccessKeyId }));
  assert.equal((await ask(keys.accessKeyId)).Account, accountId);
  assert.equal((await ask(rootKey.accessKeyId)).Account, accountId);
  const [code] = await refused(ask("AKIAAAAAAAAAAAAAAAAA"));
  assert.equal(code, "ValidationError");
  assert.equal((await refused(ask(keys.accessKeyId, keys)))[0], "AccessDenied");
});
