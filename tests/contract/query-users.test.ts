import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { unbuiltQueryActions } from "../../src/operations/query-operations.ts";
import * as sts from "@aws-sdk/client-sts";
import {
  assume,
  iamClient,
  makeRole,
  makeUser,
  policyOf,
  refused,
  roleArn,
  stsClient,
  trustOf,
  userArn,
} from "./query-clients.ts";
import { accountId, startQueryServer } from "./query-server.ts";

test("a user is created, read, listed and deleted", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const Tags = [{ Key: "team", Value: "docs" }];
  const made = await root.send(new iam.CreateUserCommand({ UserName: "alice", Path: "/a/", Tags }));
  assert.match(made.User?.UserId ?? "", /^AIDA[A-Z2-7]{16}$/);
  assert.equal(made.User?.Arn, userArn("a/alice"));
  const { User: user } = await root.send(new iam.GetUserCommand({ UserName: "ALICE" }));
  assert.deepEqual(
    [user?.UserName, user?.Path, user?.UserId, user?.Tags],
    ["alice", "/a/", made.User?.UserId, Tags],
  );
  await root.send(new iam.CreateUserCommand({ UserName: "bob" }));
  const { Users: all } = await root.send(new iam.ListUsersCommand({}));
  assert.deepEqual(
    all?.map(({ UserName, Tags }) => [UserName, Tags]),
    [
      ["alice", undefined],
      ["bob", undefined],
    ],
  );
  const { Users: below } = await root.send(new iam.ListUsersCommand({ PathPrefix: "/a" }));
  assert.deepEqual(
    below?.map(({ UserName }) => UserName),
    ["alice"],
  );
  await root.send(new iam.UntagUserCommand({ UserName: "alice", TagKeys: ["team"] }));
  const tags = await root.send(new iam.ListUserTagsCommand({ UserName: "alice" }));
  assert.deepEqual([tags.Tags, tags.IsTruncated], [[], false]);
  await root.send(new iam.DeleteUserCommand({ UserName: "alice" }));
  const [code] = await refused(root.send(new iam.GetUserCommand({ UserName: "alice" })));
  assert.equal(code, "NoSuchEntity");
  assert.deepEqual(server.failures, []);
});

test("without a name, a user means itself; the root user is no IAM user", async () => {
  await using server = await startQueryServer();
  const keys = await makeUser(server, "alice", policyOf({ Action: "iam:*" }));
  const alice = iamClient(server, keys);
  const { User: user } = await alice.send(new iam.GetUserCommand({}));
  assert.equal(user?.UserName, "alice");
  const { AccessKeyMetadata } = await alice.send(new iam.ListAccessKeysCommand({}));
  assert.deepEqual(
    AccessKeyMetadata?.map(({ AccessKeyId }) => AccessKeyId),
    [keys.accessKeyId],
  );
  const { User: root } = await iamClient(server).send(new iam.GetUserCommand({}));
  assert.deepEqual([root?.Arn, root?.UserId], [`arn:aws:iam::${accountId}:root`, accountId]);
  const nobody = [
    "ValidationError",
    400,
    "Must specify userName when calling with non-User credentials",
  ] as const;
  const sent = iamClient(server).send(new iam.CreateAccessKeyCommand({}));
  assert.deepEqual(await refused(sent), nobody);
  await makeRole(server, "R", trustOf({ AWS: userArn("alice") }), policyOf({ Action: "iam:*" }));
  const role = iamClient(server, await assume(server, keys, { RoleArn: roleArn("R") }));
  assert.deepEqual(await refused(role.send(new iam.GetUserCommand({}))), nobody);
});

test("a key signs from the moment it is made until it is switched off or deleted", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const keys = await makeUser(server, "alice");
  const call = (): Promise<{ readonly Arn?: string | undefined }> =>
    stsClient(server, keys).send(new sts.GetCallerIdentityCommand({}));
  const unknown = [
    "InvalidClientTokenId",
    403,
    "The security token included in the request is invalid.",
  ];
  const key = { UserName: "alice", AccessKeyId: keys.accessKeyId };
  assert.equal((await call()).Arn, userArn("alice"));
  await root.send(new iam.UpdateAccessKeyCommand({ ...key, Status: "Inactive" }));
  assert.deepEqual(await refused(call()), unknown);
  await root.send(new iam.UpdateAccessKeyCommand({ ...key, Status: "Active" }));
  assert.equal((await call()).Arn, userArn("alice"));
  await root.send(new iam.DeleteAccessKeyCommand(key));
  assert.deepEqual(await refused(call()), unknown);
});

test("a secret is told once, and what is stored does not hold it", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const keys = await makeUser(server, "alice");
  const { AccessKeyMetadata } = await root.send(
    new iam.ListAccessKeysCommand({ UserName: "alice" }),
  );
  assert.equal(AccessKeyMetadata?.length, 1);
  assert.ok(!JSON.stringify(AccessKeyMetadata).includes(keys.secretAccessKey));
  const { iamStore } = await import("../../src/store/store.ts");
  const stored = await iamStore.findKey(server.db.read, keys.accessKeyId);
  assert.ok(stored !== undefined && !JSON.stringify(stored).includes(keys.secretAccessKey));
});

test("a change of a user's policy counts from the next call on", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const alice = iamClient(server, await makeUser(server, "alice"));
  const list = (): Promise<unknown> => alice.send(new iam.ListUsersCommand({}));
  const put = (PolicyDocument: string): Promise<unknown> =>
    root.send(new iam.PutUserPolicyCommand({ UserName: "alice", PolicyName: "p", PolicyDocument }));
  assert.equal((await refused(list()))[0], "AccessDenied");
  await put(policyOf({ Action: "iam:ListUsers" }));
  await list();
  await put(policyOf({ Action: "iam:ListUsers", Effect: "Deny" }));
  assert.deepEqual(await refused(list()), [
    "AccessDenied",
    403,
    `User: ${userArn("alice")} is not authorized to perform: iam:ListUsers on resource: * with an explicit deny in an identity-based policy`,
  ]);
  const named = { UserName: "alice", PolicyName: "p" };
  const { PolicyDocument } = await root.send(new iam.GetUserPolicyCommand(named));
  assert.match(decodeURIComponent(PolicyDocument ?? ""), /Deny/);
  const { PolicyNames } = await root.send(new iam.ListUserPoliciesCommand({ UserName: "alice" }));
  assert.deepEqual(PolicyNames, ["p"]);
  await root.send(new iam.DeleteUserPolicyCommand(named));
  assert.match((await refused(list()))[2], /because no identity-based policy allows/);
});

test("refusals about users and keys read as the service's", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const keys = await makeUser(server, "taken");
  const other = await makeUser(server, "other");
  const UserName = "nobody";
  const missing = ["NoSuchEntity", 404, "The user with name nobody cannot be found."] as const;
  const named = { UserName, PolicyName: "p" };
  const PolicyDocument = policyOf({ Action: "s3:*" });
  const key = { UserName: "taken", AccessKeyId: other.accessKeyId };
  const noKey = [
    "NoSuchEntity",
    404,
    `The Access Key with id ${other.accessKeyId} cannot be found.`,
  ] as const;
  const AccessKeyId = keys.accessKeyId;
  const rows: readonly (readonly [() => Promise<unknown>, readonly [string, number, string]])[] = [
    [
      () => root.send(new iam.CreateUserCommand({ UserName: "TAKEN" })),
      ["EntityAlreadyExists", 409, "User with name TAKEN already exists."],
    ],
    [() => root.send(new iam.GetUserCommand({ UserName })), missing],
    [() => root.send(new iam.DeleteUserCommand({ UserName })), missing],
    [() => root.send(new iam.ListAccessKeysCommand({ UserName })), missing],
    [() => root.send(new iam.CreateAccessKeyCommand({ UserName })), missing],
    [() => root.send(new iam.DeleteAccessKeyCommand({ UserName, AccessKeyId })), missing],
    [() => root.send(new iam.PutUserPolicyCommand({ ...named, PolicyDocument })), missing],
    [() => root.send(new iam.GetUserPolicyCommand(named)), missing],
    [() => root.send(new iam.DeleteUserPolicyCommand(named)), missing],
    [() => root.send(new iam.ListUserPoliciesCommand({ UserName })), missing],
    [() => root.send(new iam.TagUserCommand({ UserName, Tags: [] })), missing],
    [() => root.send(new iam.UntagUserCommand({ UserName, TagKeys: [] })), missing],
    [() => root.send(new iam.ListUserTagsCommand({ UserName })), missing],
    [
      () => root.send(new iam.GetUserPolicyCommand({ UserName: "taken", PolicyName: "p" })),
      ["NoSuchEntity", 404, "The user policy with name p cannot be found."],
    ],
    [() => root.send(new iam.DeleteAccessKeyCommand(key)), noKey],
    [() => root.send(new iam.UpdateAccessKeyCommand({ ...key, Status: "Inactive" })), noKey],
    [
      () =>
        root.send(
          new iam.UpdateAccessKeyCommand({ UserName: "taken", AccessKeyId, Status: "Expired" }),
        ),
      ["InvalidInput", 400, "Status Expired is set by the service."],
    ],
    [
      () => root.send(new iam.DeleteUserCommand({ UserName: "taken" })),
      ["DeleteConflict", 409, "Cannot delete entity, must delete access keys first."],
    ],
    [
      () =>
        root.send(
          new iam.PutUserPolicyCommand({
            UserName: "taken",
            PolicyName: "p",
            PolicyDocument: policyOf({ Action: "s3:*", Sid: "x".repeat(2048) }),
          }),
        ),
      ["LimitExceeded", 409, "Maximum policy size of 2048 bytes exceeded for user taken"],
    ],
  ];
  for (const [send, expected] of rows) assert.deepEqual(await refused(send()), expected);
  await root.send(new iam.PutUserPolicyCommand({ ...named, UserName: "taken", PolicyDocument }));
  await root.send(new iam.DeleteAccessKeyCommand({ UserName: "taken", AccessKeyId }));
  assert.deepEqual(await refused(root.send(new iam.DeleteUserCommand({ UserName: "taken" }))), [
    "DeleteConflict",
    409,
    "Cannot delete entity, must delete policies first.",
  ]);
  assert.deepEqual(server.failures, []);
});

test("a user has at most two keys, also when they are asked for at once", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await root.send(new iam.CreateUserCommand({ UserName: "alice" }));
  const made = await Promise.allSettled(
    Array.from({ length: 5 }, () =>
      root.send(new iam.CreateAccessKeyCommand({ UserName: "alice" })),
    ),
  );
  assert.equal(made.filter(({ status }) => status === "fulfilled").length, 2);
  const sent = root.send(new iam.CreateAccessKeyCommand({ UserName: "alice" }));
  assert.deepEqual(await refused(sent), [
    "LimitExceeded",
    409,
    "Cannot exceed quota for AccessKeysPerUser: 2",
  ]);
});

test("every action of the contracts is built, and answers only those who have signed", async () => {
  await using server = await startQueryServer();
  assert.deepEqual([unbuiltQueryActions("iam"), unbuiltQueryActions("sts")], [[], []]);
  const wrong = { accessKeyId: "AKIAQUERYTESTROOT234", secretAccessKey: "wrong" };
  const command = new iam.ListUsersCommand({});
  const [code, status] = await refused(iamClient(server, wrong).send(command));
  assert.deepEqual([code, status], ["SignatureDoesNotMatch", 403]);
  const answer = await fetch(`${server.endpoint}/?Action=GetUser&Version=2010-05-08`);
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), /<Code>MissingAuthenticationToken<\/Code>/);
});

test("a renamed user keeps id, keys, tags, policies, and its place in trust policies", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const keys = await makeUser(server, "alice", policyOf({ Action: "iam:GetUser" }));
  const Tags = [{ Key: "team", Value: "docs" }];
  await root.send(new iam.TagUserCommand({ UserName: "alice", Tags }));
  await makeRole(server, "R", trustOf({ AWS: userArn("alice") }));
  const before = await root.send(new iam.GetUserCommand({ UserName: "alice" }));
  const rename = { UserName: "alice", NewUserName: "Bob", NewPath: "/b/" };
  await root.send(new iam.UpdateUserCommand(rename));
  const { User: after } = await iamClient(server, keys).send(new iam.GetUserCommand({}));
  assert.deepEqual(
    [after?.UserName, after?.Arn, after?.UserId, after?.Tags],
    ["Bob", userArn("b/Bob"), before.User?.UserId, Tags],
  );
  await assume(server, keys, { RoleArn: roleArn("R") });
  const { Role: role } = await root.send(new iam.GetRoleCommand({ RoleName: "R" }));
  const shown = decodeURIComponent(role?.AssumeRolePolicyDocument ?? "");
  assert.equal(shown, trustOf({ AWS: userArn("b/Bob") }));
  // Whoever gets the old name is a stranger.
  const other = await makeUser(server, "alice");
  const sent = assume(server, other, { RoleArn: roleArn("R") });
  assert.equal((await refused(sent))[0], "AccessDenied");
  const taken = root.send(new iam.UpdateUserCommand({ UserName: "Bob", NewUserName: "ALICE" }));
  assert.deepEqual(await refused(taken), [
    "EntityAlreadyExists",
    409,
    "User with name ALICE already exists.",
  ]);
  await root.send(new iam.UpdateUserCommand({ UserName: "Bob", NewUserName: "BOB" }));
});

test("the summary counts what there is", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeUser(server, "alice");
  await makeRole(server, "R", trustOf({ AWS: accountId }));
  await root.send(new iam.CreateGroupCommand({ GroupName: "G" }));
  const { SummaryMap } = await root.send(new iam.GetAccountSummaryCommand({}));
  const { Users, Roles, Groups, Policies, AccessKeysPerUserQuota } = SummaryMap ?? {};
  assert.deepEqual([Users, Roles, Groups, Policies, AccessKeysPerUserQuota], [1, 1, 1, 0, 2]);
});

test("tags with the longest keys are listed page by page", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeUser(server, "alice");
  const keys = ["\u4e2d", "\u{20000}"].flatMap((char) =>
    ["a", "b"].map((end) => char.repeat(127 / char.length) + end),
  );
  const Tags = keys.map((Key) => ({ Key, Value: "v" }));
  await root.send(new iam.TagUserCommand({ UserName: "alice", Tags }));
  const seen: (string | undefined)[] = [];
  let Marker: string | undefined;
  do {
    const input = { UserName: "alice", MaxItems: 1, Marker };
    const page = await root.send(new iam.ListUserTagsCommand(input));
    seen.push(...(page.Tags ?? []).map(({ Key }) => Key));
    ({ Marker } = page);
    assert.ok((Marker?.length ?? 0) <= 320);
  } while (Marker !== undefined);
  assert.deepEqual(seen.toSorted(), keys.toSorted());
});
