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
import { accountId, startQueryServer } from "./query-server.ts";

const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
const policyArn = (name: string): string => `arn:aws:iam::${accountId}:policy/${name}`;
const listRoles = policyOf({ Action: "iam:ListRoles" });
const listUsers = policyOf({ Action: "iam:ListUsers" });
const service = trustOf({ Service: "qbusiness.amazonaws.com" });

async function makePolicy(
  root: iam.IAMClient,
  PolicyName: string,
  PolicyDocument: string,
): Promise<void> {
  await root.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument }));
}

test("a managed policy is created, read, versioned and deleted", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const made = await root.send(
    new iam.CreatePolicyCommand({
      PolicyName: "P",
      Path: "/team/",
      PolicyDocument: listRoles,
      Description: "lists",
      Tags: [{ Key: "a", Value: "b" }],
    }),
  );
  const PolicyArn = policyArn("team/P");
  assert.match(made.Policy?.PolicyId ?? "", /^ANPA[A-Z2-7]{16}$/);
  assert.deepEqual([made.Policy?.Arn, made.Policy?.DefaultVersionId], [PolicyArn, "v1"]);
  const version = { PolicyArn, PolicyDocument: listUsers };
  const second = await root.send(new iam.CreatePolicyVersionCommand(version));
  assert.deepEqual(
    [second.PolicyVersion?.VersionId, second.PolicyVersion?.IsDefaultVersion],
    ["v2", false],
  );
  const third = { ...version, SetAsDefault: true };
  await root.send(new iam.CreatePolicyVersionCommand(third));
  const { Policy: policy } = await root.send(new iam.GetPolicyCommand({ PolicyArn }));
  assert.deepEqual(
    [policy?.DefaultVersionId, policy?.Description, policy?.AttachmentCount, policy?.Tags],
    ["v3", "lists", 0, [{ Key: "a", Value: "b" }]],
  );
  await root.send(new iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
  const one = await root.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
  assert.equal(decodeURIComponent(one.PolicyVersion?.Document ?? ""), listRoles);
  assert.equal(one.PolicyVersion?.IsDefaultVersion, true);
  const { Versions } = await root.send(new iam.ListPolicyVersionsCommand({ PolicyArn }));
  assert.deepEqual(
    Versions?.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion]),
    [
      ["v3", false],
      ["v2", false],
      ["v1", true],
    ],
  );
  const page = await root.send(new iam.ListPolicyVersionsCommand({ PolicyArn, MaxItems: 2 }));
  const rest = { PolicyArn, Marker: page.Marker };
  const last = await root.send(new iam.ListPolicyVersionsCommand(rest));
  assert.deepEqual(
    last.Versions?.map(({ VersionId }) => VersionId),
    ["v1"],
  );
  for (const VersionId of ["v2", "v3"]) {
    await root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  }
  const fourth = await root.send(new iam.CreatePolicyVersionCommand(version));
  assert.equal(fourth.PolicyVersion?.VersionId, "v4");
  await root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: "v4" }));
  await root.send(new iam.DeletePolicyCommand({ PolicyArn }));
  assert.equal(
    (await refused(root.send(new iam.GetPolicyCommand({ PolicyArn }))))[0],
    "NoSuchEntity",
  );
  assert.deepEqual(server.failures, []);
});

test("an attached policy decides, by its default version, until it is detached", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makePolicy(root, "P", listRoles);
  const alice = iamClient(server, await makeUser(server, "alice"));
  const user = { UserName: "alice", PolicyArn: policyArn("P") };
  const roles = (): Promise<unknown> => alice.send(new iam.ListRolesCommand({}));
  const users = (): Promise<unknown> => alice.send(new iam.ListUsersCommand({}));
  assert.equal((await refused(roles()))[0], "AccessDenied");
  await root.send(new iam.AttachUserPolicyCommand(user));
  await root.send(new iam.AttachUserPolicyCommand(user));
  await roles();
  const version = { PolicyArn: user.PolicyArn, PolicyDocument: listUsers, SetAsDefault: true };
  await root.send(new iam.CreatePolicyVersionCommand(version));
  assert.equal((await refused(roles()))[0], "AccessDenied");
  await users();
  const { AttachedPolicies } = await root.send(
    new iam.ListAttachedUserPoliciesCommand({ UserName: "alice" }),
  );
  assert.deepEqual(AttachedPolicies, [{ PolicyName: "P", PolicyArn: policyArn("P") }]);
  await root.send(new iam.DetachUserPolicyCommand(user));
  assert.equal((await refused(users()))[0], "AccessDenied");
  assert.deepEqual(await refused(root.send(new iam.DetachUserPolicyCommand(user))), [
    "NoSuchEntity",
    404,
    `Policy ${user.PolicyArn} was not found.`,
  ]);
});

test("AWS's own policies can be read and attached, and not changed", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const alice = iamClient(server, await makeUser(server, "alice"));
  const PolicyArn = administrator;
  await root.send(new iam.AttachUserPolicyCommand({ UserName: "alice", PolicyArn }));
  await alice.send(new iam.ListUsersCommand({}));
  const { Policies } = await alice.send(new iam.ListPoliciesCommand({ Scope: "AWS" }));
  assert.deepEqual(
    Policies?.map(({ PolicyName, AttachmentCount }) => [PolicyName, AttachmentCount]),
    [
      ["AdministratorAccess", 1],
      ["QBusinessServiceRolePolicy", 0],
    ],
  );
  const { PolicyVersion } = await alice.send(
    new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: "v1" }),
  );
  assert.match(decodeURIComponent(PolicyVersion?.Document ?? ""), /"Action": "\*"/);
  const text = `Policy ${administrator} is managed by AWS and cannot be changed.`;
  const unchangeable = ["InvalidInput", 400, text] as const;
  const version = { PolicyArn, PolicyDocument: listRoles };
  assert.deepEqual(
    await refused(alice.send(new iam.CreatePolicyVersionCommand(version))),
    unchangeable,
  );
  assert.deepEqual(
    await refused(alice.send(new iam.DeletePolicyCommand({ PolicyArn }))),
    unchangeable,
  );
  const linked = "arn:aws:iam::aws:policy/aws-service-role/QBusinessServiceRolePolicy";
  const sent = alice.send(
    new iam.AttachUserPolicyCommand({ UserName: "alice", PolicyArn: linked }),
  );
  assert.deepEqual((await refused(sent)).slice(0, 2), ["PolicyNotAttachable", 400]);
});

test("refusals about managed policies read as the service's", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makePolicy(root, "P", listRoles);
  await makeRole(server, "R", service);
  const PolicyArn = policyArn("P");
  const missing = policyArn("Missing");
  const attached = { RoleName: "R", PolicyArn };
  await root.send(new iam.AttachRolePolicyCommand(attached));
  const notFound = ["NoSuchEntity", 404, `Policy ${missing} was not found.`] as const;
  const create = (input: object): Promise<unknown> =>
    root.send(
      new iam.CreatePolicyCommand({ PolicyName: "N", PolicyDocument: listRoles, ...input }),
    );
  const version = new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: listUsers });
  const rows: readonly (readonly [() => Promise<unknown>, readonly [string, number, string]])[] = [
    [
      () => create({ PolicyName: "p" }),
      [
        "EntityAlreadyExists",
        409,
        "A policy called p already exists. Duplicate names are not allowed.",
      ],
    ],
    [
      () => create({ PolicyDocument: "{}" }),
      ["MalformedPolicyDocument", 400, "Syntax errors in policy."],
    ],
    [
      () => create({ PolicyDocument: policyOf({ Action: "*", Sid: "x".repeat(6144) }) }),
      ["LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"],
    ],
    [() => root.send(new iam.GetPolicyCommand({ PolicyArn: missing })), notFound],
    [() => root.send(new iam.DeletePolicyCommand({ PolicyArn: missing })), notFound],
    [() => root.send(new iam.ListPolicyVersionsCommand({ PolicyArn: missing })), notFound],
    [() => root.send(new iam.ListEntitiesForPolicyCommand({ PolicyArn: missing })), notFound],
    [
      () => root.send(new iam.AttachRolePolicyCommand({ ...attached, PolicyArn: missing })),
      ["NoSuchEntity", 404, `Policy ${missing} does not exist or is not attachable.`],
    ],
    [
      () => root.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: "v9" })),
      ["NoSuchEntity", 404, `Policy ${PolicyArn} version v9 does not exist or is not attachable.`],
    ],
    [
      () => root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: "v1" })),
      ["DeleteConflict", 409, "Cannot delete the default version of a policy."],
    ],
    [
      () => root.send(new iam.DeletePolicyCommand({ PolicyArn })),
      ["DeleteConflict", 409, "Cannot delete a policy attached to entities."],
    ],
    [
      () => root.send(new iam.DeleteRoleCommand({ RoleName: "R" })),
      ["DeleteConflict", 409, "Cannot delete entity, must detach all policies first."],
    ],
  ];
  for (const [send, expected] of rows) assert.deepEqual(await refused(send()), expected);
  for (let at = 0; at < 4; at += 1) await root.send(version);
  assert.deepEqual(await refused(root.send(version)), [
    "LimitExceeded",
    409,
    "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
  ]);
  await root.send(new iam.DetachRolePolicyCommand(attached));
  const [code, , message] = await refused(root.send(new iam.DeletePolicyCommand({ PolicyArn })));
  assert.equal(code, "DeleteConflict");
  assert.match(message, /^This policy has more than one version\./);
  for (let at = 0; at < 10; at += 1) {
    await makePolicy(root, `Q${at}`, listRoles);
    await root.send(
      new iam.AttachRolePolicyCommand({ RoleName: "R", PolicyArn: policyArn(`Q${at}`) }),
    );
  }
  assert.deepEqual(await refused(root.send(new iam.AttachRolePolicyCommand(attached))), [
    "LimitExceeded",
    409,
    "Cannot exceed quota for PoliciesPerRole: 10",
  ]);
  assert.deepEqual(server.failures, []);
});

test("policies are listed by scope, use and path, and say who uses them", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makePolicy(root, "Used", listRoles);
  await makePolicy(root, "Bound", listRoles);
  await makePolicy(root, "Idle", listRoles);
  await makeRole(server, "R", service);
  await makeUser(server, "alice");
  await root.send(new iam.AttachRolePolicyCommand({ RoleName: "R", PolicyArn: policyArn("Used") }));
  const bound = { UserName: "alice", PermissionsBoundary: policyArn("Bound") };
  await root.send(new iam.PutUserPermissionsBoundaryCommand(bound));
  const names = async (input: iam.ListPoliciesCommandInput): Promise<unknown> =>
    (await root.send(new iam.ListPoliciesCommand(input))).Policies?.map((at) => at.PolicyName);
  assert.deepEqual(await names({ Scope: "Local" }), ["Bound", "Idle", "Used"]);
  assert.deepEqual(await names({ OnlyAttached: true }), ["Used"]);
  assert.deepEqual(await names({ PolicyUsageFilter: "PermissionsBoundary" }), ["Bound"]);
  assert.deepEqual(await names({ PathPrefix: "/aws-service-role/" }), [
    "QBusinessServiceRolePolicy",
  ]);
  const all: (string | undefined)[] = [];
  for await (const page of iam.paginateListPolicies({ client: root, pageSize: 2 }, {})) {
    all.push(...(page.Policies ?? []).map((policy) => policy.PolicyName));
  }
  const expected = ["AdministratorAccess", "QBusinessServiceRolePolicy", "Bound", "Idle", "Used"];
  assert.deepEqual(all, expected);
  const who = (name: string, input: object = {}): Promise<iam.ListEntitiesForPolicyCommandOutput> =>
    root.send(new iam.ListEntitiesForPolicyCommand({ PolicyArn: policyArn(name), ...input }));
  const used = await who("Used");
  assert.deepEqual(
    used.PolicyRoles?.map(({ RoleName }) => RoleName),
    ["R"],
  );
  assert.deepEqual([used.PolicyUsers, used.PolicyGroups], [[], []]);
  assert.deepEqual((await who("Used", { EntityFilter: "User" })).PolicyRoles, []);
  assert.deepEqual(
    (await who("Bound")).PolicyUsers?.map(({ UserName }) => UserName),
    ["alice"],
  );
  assert.deepEqual(
    (await who("Bound", { PolicyUsageFilter: "PermissionsPolicy" })).PolicyUsers,
    [],
  );
});

test("a group's policies are its members', from joining until leaving", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const alice = iamClient(server, await makeUser(server, "alice"));
  const made = await root.send(new iam.CreateGroupCommand({ GroupName: "Readers", Path: "/g/" }));
  assert.match(made.Group?.GroupId ?? "", /^AGPA[A-Z2-7]{16}$/);
  assert.equal(made.Group?.Arn, `arn:aws:iam::${accountId}:group/g/Readers`);
  const GroupName = "readers";
  const named = { GroupName, PolicyName: "p" };
  await root.send(new iam.PutGroupPolicyCommand({ ...named, PolicyDocument: listRoles }));
  await makePolicy(root, "P", listUsers);
  await root.send(new iam.AttachGroupPolicyCommand({ GroupName, PolicyArn: policyArn("P") }));
  const roles = (): Promise<unknown> => alice.send(new iam.ListRolesCommand({}));
  const users = (): Promise<unknown> => alice.send(new iam.ListUsersCommand({}));
  assert.equal((await refused(roles()))[0], "AccessDenied");
  const membership = { GroupName, UserName: "alice" };
  await root.send(new iam.AddUserToGroupCommand(membership));
  await root.send(new iam.AddUserToGroupCommand(membership));
  await roles();
  await users();
  const group = await root.send(new iam.GetGroupCommand({ GroupName }));
  assert.deepEqual(
    [group.Group?.GroupName, group.Users?.map((at) => at.UserName)],
    ["Readers", ["alice"]],
  );
  const of = await root.send(new iam.ListGroupsForUserCommand({ UserName: "alice" }));
  assert.deepEqual(
    of.Groups?.map((at) => at.GroupName),
    ["Readers"],
  );
  const { Groups } = await root.send(new iam.ListGroupsCommand({ PathPrefix: "/g/" }));
  assert.equal(Groups?.length, 1);
  const got = await root.send(new iam.GetGroupPolicyCommand(named));
  assert.equal(decodeURIComponent(got.PolicyDocument ?? ""), listRoles);
  const inline = await root.send(new iam.ListGroupPoliciesCommand({ GroupName }));
  assert.deepEqual(inline.PolicyNames, ["p"]);
  const attached = await root.send(new iam.ListAttachedGroupPoliciesCommand({ GroupName }));
  assert.equal(attached.AttachedPolicies?.length, 1);

  const conflict = "Cannot delete entity, must remove users from group first.";
  const conflicts = [
    () => root.send(new iam.DeleteGroupCommand({ GroupName })),
    () => root.send(new iam.DeleteUserCommand({ UserName: "alice" })),
  ];
  for (const send of conflicts)
    assert.deepEqual(await refused(send()), ["DeleteConflict", 409, conflict]);
  await root.send(new iam.RemoveUserFromGroupCommand(membership));
  assert.equal((await refused(roles()))[0], "AccessDenied");
  assert.equal((await refused(users()))[0], "AccessDenied");
  assert.equal(
    (await refused(root.send(new iam.RemoveUserFromGroupCommand(membership))))[0],
    "NoSuchEntity",
  );
  await root.send(new iam.DetachGroupPolicyCommand({ GroupName, PolicyArn: policyArn("P") }));
  await root.send(new iam.DeleteGroupPolicyCommand(named));
  await root.send(new iam.DeleteGroupCommand({ GroupName }));
  assert.deepEqual(await refused(root.send(new iam.GetGroupCommand({ GroupName }))), [
    "NoSuchEntity",
    404,
    "The group with name readers cannot be found.",
  ]);
  assert.deepEqual(server.failures, []);
});

test("a user is in at most ten groups, and group names are unique", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await root.send(new iam.CreateUserCommand({ UserName: "alice" }));
  for (let at = 0; at <= 10; at += 1) {
    await root.send(new iam.CreateGroupCommand({ GroupName: `G${at}` }));
  }
  const add = (GroupName: string): Promise<unknown> =>
    root.send(new iam.AddUserToGroupCommand({ GroupName, UserName: "alice" }));
  for (let at = 0; at < 10; at += 1) await add(`G${at}`);
  assert.deepEqual(await refused(add("G10")), [
    "LimitExceeded",
    409,
    "Cannot exceed quota for GroupsPerUser: 10",
  ]);
  assert.deepEqual(await refused(root.send(new iam.CreateGroupCommand({ GroupName: "g1" }))), [
    "EntityAlreadyExists",
    409,
    "Group with name g1 already exists.",
  ]);
});

test("a boundary takes away, whatever other policies allow", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makePolicy(root, "Bound", listRoles);
  const keys = await makeUser(server, "alice", policyOf({ Action: "iam:*" }));
  const alice = iamClient(server, keys);
  const user = { UserName: "alice" };
  const PermissionsBoundary = policyArn("Bound");
  await root.send(new iam.PutUserPermissionsBoundaryCommand({ ...user, PermissionsBoundary }));
  await alice.send(new iam.ListRolesCommand({}));
  assert.match(
    (await refused(alice.send(new iam.ListUsersCommand({}))))[2],
    /because no permissions boundary allows the iam:ListUsers action$/,
  );
  const { User } = await root.send(new iam.GetUserCommand(user));
  assert.deepEqual(User?.PermissionsBoundary, {
    PermissionsBoundaryType: "PermissionsBoundaryPolicy",
    PermissionsBoundaryArn: PermissionsBoundary,
  });
  const sent = root.send(new iam.DeletePolicyCommand({ PolicyArn: PermissionsBoundary }));
  assert.equal((await refused(sent))[0], "DeleteConflict");
  await root.send(new iam.DeleteUserPermissionsBoundaryCommand(user));
  await alice.send(new iam.ListUsersCommand({}));
  assert.deepEqual(await refused(root.send(new iam.DeleteUserPermissionsBoundaryCommand(user))), [
    "NoSuchEntity",
    404,
    "The user alice does not have a permissions boundary.",
  ]);
  const bad = { ...user, PermissionsBoundary: policyArn("Missing") };
  assert.equal(
    (await refused(root.send(new iam.PutUserPermissionsBoundaryCommand(bad))))[0],
    "NoSuchEntity",
  );
});

test("whoever may only make bounded roles cannot make a free one", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makePolicy(root, "Bound", listRoles);
  const PermissionsBoundary = policyArn("Bound");
  const policy = policyOf({
    Action: [
      "iam:CreateRole",
      "iam:PutRolePolicy",
      "iam:AttachRolePolicy",
      "iam:PutRolePermissionsBoundary",
    ],
    Condition: { StringEquals: { "iam:PermissionsBoundary": PermissionsBoundary } },
  });
  const alice = iamClient(server, await makeUser(server, "alice", policy));
  const role = { RoleName: "R", AssumeRolePolicyDocument: service };
  const create = (input: object): Promise<unknown> =>
    alice.send(new iam.CreateRoleCommand({ ...role, ...input }));
  assert.equal((await refused(create({})))[0], "AccessDenied");
  assert.equal((await refused(create({ PermissionsBoundary: administrator })))[0], "AccessDenied");
  await create({ PermissionsBoundary });
  await alice.send(
    new iam.PutRolePolicyCommand({ RoleName: "R", PolicyName: "p", PolicyDocument: listUsers }),
  );
  const free = { RoleName: "R", PermissionsBoundary: administrator };
  assert.equal(
    (await refused(alice.send(new iam.PutRolePermissionsBoundaryCommand(free))))[0],
    "AccessDenied",
  );
  const other = new iam.DeleteRolePermissionsBoundaryCommand({ RoleName: "R" });
  assert.equal((await refused(alice.send(other)))[0], "AccessDenied");
  await makeRole(server, "Free", service);
  const attach = { RoleName: "Free", PolicyArn: administrator };
  assert.equal(
    (await refused(alice.send(new iam.AttachRolePolicyCommand(attach))))[0],
    "AccessDenied",
  );
});

test("whoever may attach one policy only may not attach another", async () => {
  await using server = await startQueryServer();
  await makeRole(server, "R", service);
  await makePolicy(iamClient(server), "P", listRoles);
  const policy = policyOf({
    Action: "iam:AttachRolePolicy",
    Condition: { ArnEquals: { "iam:PolicyARN": policyArn("P") } },
  });
  const alice = iamClient(server, await makeUser(server, "alice", policy));
  const attach = (PolicyArn: string): Promise<unknown> =>
    alice.send(new iam.AttachRolePolicyCommand({ RoleName: "R", PolicyArn }));
  assert.equal((await refused(attach(administrator)))[0], "AccessDenied");
  await attach(policyArn("P"));
});

test("a role's boundary and a session's managed policies bound its sessions", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makePolicy(root, "Roles", listRoles);
  await makePolicy(root, "Users", listUsers);
  const keys = await makeUser(server, "alice");
  await makeRole(server, "R", trustOf({ AWS: userArn("alice") }), policyOf({ Action: "iam:*" }));
  const RoleArn = roleArn("R");
  const roles = (by: Keys): Promise<unknown> =>
    iamClient(server, by).send(new iam.ListRolesCommand({}));
  const users = (by: Keys): Promise<unknown> =>
    iamClient(server, by).send(new iam.ListUsersCommand({}));
  const session = await assume(server, keys, {
    RoleArn,
    PolicyArns: [{ arn: policyArn("Roles") }],
  });
  await roles(session);
  assert.match((await refused(users(session)))[2], /because no session policy allows/);
  const both = await assume(server, keys, {
    RoleArn,
    PolicyArns: [{ arn: policyArn("Roles") }],
    Policy: listUsers,
  });
  await roles(both);
  await users(both);
  const bound = { RoleName: "R", PermissionsBoundary: policyArn("Users") };
  await root.send(new iam.PutRolePermissionsBoundaryCommand(bound));
  await users(both);
  assert.match((await refused(roles(both)))[2], /because no permissions boundary allows/);
  await root.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName: "R" }));
  await roles(both);
  // A session policy that is gone leaves the session with nothing, not with more.
  await root.send(new iam.DeletePolicyCommand({ PolicyArn: policyArn("Roles") }));
  assert.match((await refused(users(both)))[2], /because no session policy allows/);
  const many = Array.from({ length: 11 }, () => ({ arn: policyArn("Users") }));
  const sent = stsClient(server, keys).send(
    new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: "s1", PolicyArns: many }),
  );
  assert.equal((await refused(sent))[0], "ValidationError");
});

test("the keys that policies ask for are found in conditions and variables", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const policy = policyOf({
    Action: "s3:*",
    Resource: ["arn:aws:s3:::b/${aws:username}/${*}", "arn:aws:s3:::c/${aws:PrincipalTag/t, 'x'}"],
    Condition: { StringLike: { "AWS:UserName": "a", "s3:prefix": ["${saml:sub}"] } },
  });
  const keys = ["aws:PrincipalTag/t", "AWS:UserName", "s3:prefix", "saml:sub"];
  const custom = new iam.GetContextKeysForCustomPolicyCommand({ PolicyInputList: [policy] });
  assert.deepEqual((await root.send(custom)).ContextKeyNames, keys);
  await makeUser(
    server,
    "alice",
    policyOf({ Action: "*", Condition: { Bool: { "aws:ViaAWSService": "false" } } }),
  );
  await root.send(new iam.CreateGroupCommand({ GroupName: "G" }));
  await root.send(new iam.AddUserToGroupCommand({ GroupName: "G", UserName: "alice" }));
  await makePolicy(root, "P", policy);
  await root.send(new iam.AttachGroupPolicyCommand({ GroupName: "G", PolicyArn: policyArn("P") }));
  const input = { PolicySourceArn: userArn("alice") };
  const own = await root.send(new iam.GetContextKeysForPrincipalPolicyCommand(input));
  assert.deepEqual(own.ContextKeyNames, [
    ...keys.slice(0, 2),
    "aws:ViaAWSService",
    ...keys.slice(2),
  ]);
  const absent = new iam.GetContextKeysForPrincipalPolicyCommand({
    PolicySourceArn: userArn("absent"),
  });
  assert.equal((await refused(root.send(absent)))[0], "NoSuchEntity");
  const broken = new iam.GetContextKeysForCustomPolicyCommand({ PolicyInputList: ["{"] });
  assert.deepEqual(await refused(root.send(broken)), [
    "InvalidInput",
    400,
    "Syntax errors in policy.",
  ]);
});

test("the details of an account show everything, page by page, and by kind", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await makeUser(server, "alice", listUsers);
  await makeRole(server, "R", service, listRoles);
  await root.send(new iam.CreateGroupCommand({ GroupName: "G" }));
  await root.send(new iam.AddUserToGroupCommand({ GroupName: "G", UserName: "alice" }));
  await makePolicy(root, "P", listRoles);
  const own = { UserName: "alice", PermissionsBoundary: policyArn("P") };
  await root.send(new iam.PutUserPermissionsBoundaryCommand(own));
  await root.send(new iam.AttachRolePolicyCommand({ RoleName: "R", PolicyArn: administrator }));
  const all = await root.send(new iam.GetAccountAuthorizationDetailsCommand({}));
  const [user] = all.UserDetailList ?? [];
  assert.deepEqual([user?.UserName, user?.GroupList], ["alice", ["G"]]);
  assert.equal(user?.PermissionsBoundary?.PermissionsBoundaryArn, policyArn("P"));
  assert.equal(decodeURIComponent(user?.UserPolicyList?.[0]?.PolicyDocument ?? ""), listUsers);
  const [role] = all.RoleDetailList ?? [];
  assert.equal(decodeURIComponent(role?.AssumeRolePolicyDocument ?? ""), service);
  assert.deepEqual(
    role?.AttachedManagedPolicies?.map((at) => at.PolicyArn),
    [administrator],
  );
  assert.deepEqual(
    all.GroupDetailList?.map((group) => group.GroupName),
    ["G"],
  );
  assert.deepEqual(
    all.Policies?.map((policy) => policy.PolicyName),
    ["P", "AdministratorAccess"],
  );
  const text = all.Policies?.[0]?.PolicyVersionList?.[0]?.Document ?? "";
  assert.equal(decodeURIComponent(text), listRoles);
  const roles = { Filter: ["Role" as const] };
  const some = await root.send(new iam.GetAccountAuthorizationDetailsCommand(roles));
  assert.deepEqual([some.RoleDetailList?.length, some.UserDetailList, some.Policies], [1, [], []]);
  let count = 0;
  const paginator = iam.paginateGetAccountAuthorizationDetails({ client: root, pageSize: 1 }, {});
  for await (const page of paginator) {
    const lists = [page.UserDetailList, page.GroupDetailList, page.RoleDetailList, page.Policies];
    assert.equal(
      lists.reduce((sum, list) => sum + (list?.length ?? 0), 0),
      1,
    );
    count += 1;
  }
  assert.equal(count, 5);
});
