import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { iamClient, makeRole, makeUser, policyOf, refused } from "./query-clients.ts";
import { startQueryServer } from "./query-server.ts";
import {
  administrator,
  policyArn,
  listRoles,
  listUsers,
  service,
  makePolicy,
} from "./query-managed-policies.ts";

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
