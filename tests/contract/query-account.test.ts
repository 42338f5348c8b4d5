import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { iamClient, makeRole, makeUser, policyOf, refused, userArn } from "./query-clients.ts";
import { startQueryServer } from "./query-server.ts";
import {
  administrator,
  policyArn,
  listRoles,
  listUsers,
  service,
  makePolicy,
} from "./query-managed-policies.ts";

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
