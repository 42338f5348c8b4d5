import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { iamClient, makeUser, refused } from "./query-clients.ts";
import { accountId, startQueryServer } from "./query-server.ts";
import { policyArn, listRoles, listUsers, makePolicy } from "./query-managed-policies.ts";

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
