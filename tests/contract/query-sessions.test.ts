import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { ownerOf } from "../../src/identity/identity.ts";
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
} from "./query-clients.ts";
import { accountId, type QueryServer, rootKey, startQueryServer } from "./query-server.ts";

type FederationInput = Partial<sts.GetFederationTokenCommandInput>;
type Federated = { readonly keys: Keys; readonly answer: sts.GetFederationTokenCommandOutput };

function keysOf(made: sts.Credentials | undefined): Keys {
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = made ?? {};
  assert.match(AccessKeyId, /^ASIA/);
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
}

async function session(
  server: QueryServer,
  by: Keys,
  input: sts.GetSessionTokenCommandInput = {},
): Promise<{ readonly keys: Keys; readonly seconds: number }> {
  const at = new Date();
  server.now = () => at;
  const { Credentials } = await stsClient(server, by).send(new sts.GetSessionTokenCommand(input));
  const end = Credentials?.Expiration?.getTime() ?? 0;
  const seconds = (end - Math.floor(at.getTime() / 1000) * 1000) / 1000;
  return { keys: keysOf(Credentials), seconds };
}

async function federate(
  server: QueryServer,
  by: Keys,
  input: FederationInput = {},
): Promise<Federated> {
  const command = new sts.GetFederationTokenCommand({ Name: "guest", ...input });
  const answer = await stsClient(server, by).send(command);
  return { keys: keysOf(answer.Credentials), answer };
}

const who = (server: QueryServer, by: Keys): Promise<sts.GetCallerIdentityCommandOutput> =>
  stsClient(server, by).send(new sts.GetCallerIdentityCommand({}));

/** Whether the session may do it, asked where the server asks; IAM itself is closed to it. */
async function may(server: QueryServer, by: Keys, action: string, arn = "*"): Promise<boolean> {
  const { accessKeyId, sessionToken } = by;
  const known = await server.identity.findKey({ accessKeyId, sessionToken });
  assert.ok(known !== undefined);
  const facts = { now: server.now(), region: "us-east-1", isSecure: true, sourceIp: "192.0.2.1" };
  const resources = [{ arn, account: accountId }];
  return (await server.identity.authorize(known.caller, { action, resources, facts })).isAllowed;
}

test("a session of a user is the user, for as long as it asked", async () => {
  await using server = await startQueryServer();
  // No policy can take it away.
  const deny = policyOf({ Effect: "Deny", Action: "sts:*" });
  const alice = await makeUser(server, "alice", deny);
  const rows: readonly (readonly [Keys, number | undefined, number])[] = [
    [alice, undefined, 43_200],
    [alice, 900, 900],
    [alice, 129_600, 129_600],
    [rootKey, undefined, 3600],
    [rootKey, 900, 900],
    [rootKey, 129_600, 3600],
  ];
  for (const [by, DurationSeconds, seconds] of rows) {
    const made = await session(server, by, { DurationSeconds });
    assert.equal(made.seconds, seconds);
    const [own, through] = await Promise.all([who(server, by), who(server, made.keys)]);
    assert.deepEqual([through.Arn, through.UserId], [own.Arn, own.UserId]);
  }
  for (const DurationSeconds of [899, 129_601]) {
    assert.equal(
      (await refused(session(server, alice, { DurationSeconds })))[0],
      "ValidationError",
    );
  }
  const code = { SerialNumber: "arn:aws:iam::123456789012:mfa/x", TokenCode: "123456" };
  assert.match((await refused(session(server, alice, code)))[2], /no MFA devices/);
});

test("a session has its user's permissions as they are now, and the keys of temporary credentials", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const onlySessions = policyOf({
    Action: "s3:A",
    Condition: { Null: { "aws:TokenIssueTime": "false" } },
  });
  const alice = await makeUser(server, "alice", onlySessions);
  const { keys } = await session(server, alice);
  assert.ok(await may(server, keys, "s3:A"));
  assert.ok(!(await may(server, alice, "s3:A")));
  assert.ok(!(await may(server, keys, "s3:B")));
  const more = {
    UserName: "alice",
    PolicyName: "more",
    PolicyDocument: policyOf({ Action: "s3:B" }),
  };
  await root.send(new iam.PutUserPolicyCommand(more));
  assert.ok(await may(server, keys, "s3:B"));
  const own = { UserName: "alice", PolicyName: "own" };
  await root.send(new iam.DeleteUserPolicyCommand(own));
  await root.send(new iam.DeleteUserPolicyCommand({ ...own, PolicyName: "more" }));
  const { accessKeyId: AccessKeyId } = alice;
  await root.send(new iam.DeleteAccessKeyCommand({ UserName: "alice", AccessKeyId }));
  await who(server, keys);
  await root.send(new iam.DeleteUserCommand({ UserName: "alice" }));
  assert.equal((await refused(who(server, keys)))[0], "InvalidClientTokenId");
  assert.ok(await may(server, (await session(server, rootKey)).keys, "s3:A"));
});

test("what each kind of session may not call, whatever policies say", async () => {
  await using server = await startQueryServer();
  const alice = await makeUser(server, "alice", policyOf({ Action: "*" }));
  await makeRole(server, "R", trustOf({ AWS: accountId }), policyOf({ Action: "*" }));
  const RoleArn = roleArn("R");
  const Policy = policyOf({ Action: "*" });
  const kinds: Readonly<Record<string, Keys>> = {
    user: (await session(server, alice)).keys,
    root: (await session(server, rootKey)).keys,
    federated: (await federate(server, alice, { Policy })).keys,
    role: await assume(server, alice, { RoleArn }),
  };
  const assumed = { RoleArn, RoleSessionName: "again" };
  const calls: Readonly<Record<string, (by: Keys) => Promise<unknown>>> = {
    ListUsers: (by) => iamClient(server, by).send(new iam.ListUsersCommand({})),
    AssumeRole: (by) => stsClient(server, by).send(new sts.AssumeRoleCommand(assumed)),
    GetSessionToken: (by) => session(server, by),
    GetFederationToken: (by) => federate(server, by),
    GetAccessKeyInfo: (by) =>
      stsClient(server, by).send(
        new sts.GetAccessKeyInfoCommand({ AccessKeyId: rootKey.accessKeyId }),
      ),
    GetCallerIdentity: (by) => who(server, by),
  };
  const cannot = (action: string): string =>
    `AccessDenied Cannot call ${action} with session credentials`;
  const closed = "InvalidClientTokenId The security token included in the request is invalid";
  const expected: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    user: { ListUsers: closed, ...sessionOnly("AssumeRole", "GetCallerIdentity") },
    root: {
      ListUsers: closed,
      ...sessionOnly("GetCallerIdentity"),
      AssumeRole: "AccessDenied Roles may not be assumed by root accounts.",
    },
    federated: { ListUsers: closed, ...sessionOnly("GetCallerIdentity") },
    role: {
      GetSessionToken: cannot("GetSessionToken"),
      GetFederationToken: cannot("GetFederationToken"),
    },
  };
  function sessionOnly(...open: readonly string[]): Readonly<Record<string, string>> {
    const names = Object.keys(calls).filter((name) => name !== "ListUsers" && !open.includes(name));
    return Object.fromEntries(names.map((name) => [name, cannot(name)]));
  }
  let count = 0;
  for (const [kind, keys] of Object.entries(kinds)) {
    for (const [name, call] of Object.entries(calls)) {
      const wanted = expected[kind]?.[name];
      count += 1;
      if (wanted === undefined) {
        await call(keys);
        continue;
      }
      const [code, status, message] = await refused(call(keys));
      assert.deepEqual([`${code} ${message}`, status], [wanted, 403], `${kind} ${name}`);
    }
  }
  assert.equal(count, 24);
});

test("somebody federated may do what both the user and the session's policies allow", async () => {
  await using server = await startQueryServer();
  const actions = ["s3:A", "s3:B", "sts:GetFederationToken"];
  const alice = await makeUser(server, "alice", policyOf({ Action: actions }));
  const { answer, keys } = await federate(server, alice, {
    Policy: policyOf({ Action: ["s3:A", "s3:C"] }),
  });
  const Arn = `arn:aws:sts::${accountId}:federated-user/guest`;
  assert.deepEqual(answer.FederatedUser, { FederatedUserId: `${accountId}:guest`, Arn });
  assert.ok((answer.PackedPolicySize ?? 0) > 0);
  const me = await who(server, keys);
  assert.deepEqual([me.Arn, me.UserId, me.Account], [Arn, `${accountId}:guest`, accountId]);
  const allowed = async (by: Keys): Promise<string> =>
    (await Promise.all(["A", "B", "C"].map((at) => may(server, by, `s3:${at}`))))
      .map((isAllowed) => (isAllowed ? "y" : "n"))
      .join("");
  assert.equal(await allowed(keys), "ynn");
  assert.equal(await allowed((await federate(server, alice)).keys), "nnn");
  const admin = "arn:aws:iam::aws:policy/AdministratorAccess";
  assert.equal(
    await allowed((await federate(server, alice, { PolicyArns: [{ arn: admin }] })).keys),
    "yyn",
  );
  // The root user vouches for everything that the session's policies name.
  assert.equal(await allowed((await federate(server, rootKey)).keys), "nnn");
  const byRoot = await federate(server, rootKey, { Policy: policyOf({ Action: "s3:C" }) });
  assert.equal(await allowed(byRoot.keys), "nny");
  const root = iamClient(server);
  await root.send(new iam.DeleteUserPolicyCommand({ UserName: "alice", PolicyName: "own" }));
  assert.equal(await allowed(keys), "nnn");
});

test("federating needs a permission for the name, and another for tags", async () => {
  await using server = await startQueryServer();
  const Resource = `arn:aws:sts::${accountId}:federated-user/guest`;
  const alice = await makeUser(
    server,
    "alice",
    policyOf({ Action: "sts:GetFederationToken", Resource }),
  );
  await federate(server, alice);
  const other = await refused(federate(server, alice, { Name: "other" }));
  assert.equal(other[0], "AccessDenied");
  assert.match(other[2], /sts:GetFederationToken on resource: .*federated-user\/other because/);
  const Tags = [{ Key: "team", Value: "docs" }];
  assert.match((await refused(federate(server, alice, { Tags })))[2], /sts:TagSession on resource/);
  const byTag = (value: string): object => ({
    Action: "s3:A",
    Condition: { StringEquals: { "aws:PrincipalTag/team": value } },
  });
  const bob = await makeUser(
    server,
    "bob",
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Action: ["sts:GetFederationToken", "sts:TagSession"] }, byTag("docs")].map(
        (one) => ({ Effect: "Allow", Resource: "*", ...one }),
      ),
    }),
  );
  const Policy = policyOf({ Action: "s3:*" });
  const tagged = await federate(server, bob, { Tags, Policy });
  assert.ok(await may(server, tagged.keys, "s3:A"));
  const plain = await federate(server, bob, { Policy });
  assert.ok(!(await may(server, plain.keys, "s3:A")));
});

test("what a federated session cannot carry is refused", async () => {
  await using server = await startQueryServer();
  const rows: readonly (readonly [FederationInput, string, RegExp])[] = [
    [{ Name: "x" }, "ValidationError", /'name'/],
    [{ Name: "a b" }, "ValidationError", /'name'/],
    [{ Policy: "{" }, "MalformedPolicyDocument", /Syntax errors/],
    [{ Policy: trustOf("*") }, "MalformedPolicyDocument", /principal/],
    [
      { Policy: policyOf({ Action: "s3:*", Sid: "x".repeat(2048) }) },
      "PackedPolicyTooLarge|ValidationError",
      /./,
    ],
    [
      { PolicyArns: [{ arn: "arn:aws:iam::aws:policy/None" }] },
      "ValidationError",
      /does not exist/,
    ],
    [{ DurationSeconds: 899 }, "ValidationError", /'durationSeconds'/],
    [
      {
        Tags: [
          { Key: "a", Value: "" },
          { Key: "A", Value: "" },
        ],
      },
      "ValidationError",
      /Duplicate/,
    ],
  ];
  for (const [input, code, message] of rows) {
    const [name, , text] = await refused(federate(server, rootKey, input));
    assert.match(name, new RegExp(`^(?:${code})$`), text);
    assert.match(text, message);
  }
  assert.deepEqual(server.failures, []);
});

test("a resource's policy that names a federated user counts for that one alone", async () => {
  await using server = await startQueryServer();
  const alice = await makeUser(server, "alice", policyOf({ Action: "sts:GetFederationToken" }));
  const guest = await federate(server, alice);
  const other = await federate(server, alice, { Name: "other" });
  const callerOf = async ({ keys }: Federated) => {
    const known = await server.identity.findKey({ ...keys, sessionToken: keys.sessionToken });
    return known?.caller ?? assert.fail();
  };
  const [one, two] = await Promise.all([callerOf(guest), callerOf(other)]);
  assert.notEqual(ownerOf(one), ownerOf(two));
  const Principal = { AWS: `arn:aws:sts::${accountId}:federated-user/guest` };
  const policy = server.identity.policies.compiled(
    policyOf({ Principal, Action: "s3:A", Resource: "arn:aws:s3:::docs/*" }),
    "resource",
    "bucket",
  );
  const resources = [{ arn: "arn:aws:s3:::docs/a", account: accountId, policy }];
  const facts = { now: server.now(), region: "us-east-1", isSecure: true, sourceIp: "192.0.2.1" };
  const question = { action: "s3:A", resources, facts };
  assert.ok((await server.identity.authorize(one, question)).isAllowed);
  assert.ok(!(await server.identity.authorize(two, question)).isAllowed);
});
