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
import { startQueryServer } from "./query-server.ts";
import {
  administrator,
  policyArn,
  listRoles,
  listUsers,
  service,
  makePolicy,
} from "./query-managed-policies.ts";

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
