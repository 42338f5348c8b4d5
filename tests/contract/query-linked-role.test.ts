import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { resources } from "../../src/store/store.ts";
import { iamClient, makeUser, policyOf, refused, trustOf } from "./query-clients.ts";
import { accountId, type QueryServer, startQueryServer } from "./query-server.ts";

const AWSServiceName = "qbusiness.amazonaws.com";
const RoleName = "AWSServiceRoleForQBusiness";
const arn = `arn:aws:iam::${accountId}:role/aws-service-role/${AWSServiceName}/${RoleName}`;

async function makeApplication(server: QueryServer, id: string, roleArn?: string): Promise<string> {
  const application = `arn:aws:qbusiness:us-east-1:${accountId}:application/${id}`;
  await server.db.write((trx) =>
    resources.insert(trx, {
      id,
      accountId,
      kind: "application",
      applicationId: id,
      indexId: "",
      arn: application,
      status: "ACTIVE",
      record: roleArn === undefined ? {} : { roleArn },
      at: new Date(),
    }),
  );
  return application;
}

test("the service-linked role is made once, for the service alone", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const create = new iam.CreateServiceLinkedRoleCommand({ AWSServiceName });
  const { Role: role } = await root.send(create);
  assert.equal(role?.Arn, arn);
  assert.deepEqual(JSON.parse(decodeURIComponent(role?.AssumeRolePolicyDocument ?? "")), {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: AWSServiceName }, Action: "sts:AssumeRole" },
    ],
  });
  const { AttachedPolicies } = await root.send(
    new iam.ListAttachedRolePoliciesCommand({ RoleName }),
  );
  assert.deepEqual(
    AttachedPolicies?.map((at) => at.PolicyName),
    ["QBusinessServiceRolePolicy"],
  );
  assert.deepEqual(await refused(root.send(create)), [
    "InvalidInput",
    400,
    `Service role name ${RoleName} has been taken in this account, please try a different suffix.`,
  ]);
  const inputs = [{ AWSServiceName: "s3.amazonaws.com" }, { AWSServiceName, CustomSuffix: "x" }];
  for (const input of inputs) {
    const sent = root.send(new iam.CreateServiceLinkedRoleCommand(input));
    assert.deepEqual((await refused(sent)).slice(0, 2), ["InvalidInput", 400]);
  }
});

test("nobody changes a service-linked role but its description", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await root.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName }));
  const PolicyDocument = policyOf({ Action: "*" });
  const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
  const named = { RoleName, PolicyName: "p" };
  const protectedRole = [
    "UnmodifiableEntity",
    400,
    `Cannot perform the operation on the protected role '${RoleName}' - this role is only modifiable by AWS`,
  ] as const;
  const calls = [
    () => root.send(new iam.DeleteRoleCommand({ RoleName })),
    () => root.send(new iam.PutRolePolicyCommand({ ...named, PolicyDocument })),
    () => root.send(new iam.DeleteRolePolicyCommand(named)),
    () => root.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn })),
    () => root.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn })),
    () =>
      root.send(
        new iam.UpdateAssumeRolePolicyCommand({
          RoleName,
          PolicyDocument: trustOf({ AWS: accountId }),
        }),
      ),
    () =>
      root.send(
        new iam.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: PolicyArn }),
      ),
    () => root.send(new iam.UpdateRoleCommand({ RoleName, MaxSessionDuration: 7200 })),
  ];
  for (const call of calls) assert.deepEqual(await refused(call()), protectedRole);
  await root.send(new iam.UpdateRoleCommand({ RoleName, Description: "ours" }));
  const { Role: role } = await root.send(new iam.GetRoleCommand({ RoleName }));
  assert.equal(role?.Description, "ours");
});

test("it is deleted when no application needs it, and the task tells how it went", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  await root.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName }));
  const user = await makeApplication(server, "a1");
  await makeApplication(server, "a2", `arn:aws:iam::${accountId}:role/Own`);
  const remove = async (): Promise<string> => {
    const command = new iam.DeleteServiceLinkedRoleCommand({ RoleName });
    const { DeletionTaskId } = await root.send(command);
    const prefix = `task/aws-service-role/${AWSServiceName}/${RoleName}/`;
    assert.ok(DeletionTaskId?.startsWith(prefix));
    return DeletionTaskId ?? "";
  };
  const status = (
    DeletionTaskId: string,
  ): Promise<iam.GetServiceLinkedRoleDeletionStatusCommandOutput> =>
    root.send(new iam.GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }));
  const failed = await status(await remove());
  assert.equal(failed.Status, "FAILED");
  assert.deepEqual(failed.Reason?.RoleUsageList, [{ Region: "us-east-1", Resources: [user] }]);
  await root.send(new iam.GetRoleCommand({ RoleName }));
  await server.db.write(async (trx) => {
    const found = await resources.findByArn(trx, user);
    if (found !== undefined) await resources.remove(trx, found);
  });
  assert.equal((await status(await remove())).Status, "SUCCEEDED");
  assert.equal((await refused(root.send(new iam.GetRoleCommand({ RoleName }))))[0], "NoSuchEntity");
  assert.equal((await refused(status("task/none")))[0], "NoSuchEntity");
  const trust = trustOf({ Service: AWSServiceName });
  await root.send(new iam.CreateRoleCommand({ RoleName: "Own", AssumeRolePolicyDocument: trust }));
  const own = root.send(new iam.DeleteServiceLinkedRoleCommand({ RoleName: "Own" }));
  assert.equal((await refused(own))[0], "NoSuchEntity");
  await root.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName }));
  assert.deepEqual(server.failures, []);
});

test("making it can be allowed for this service alone", async () => {
  await using server = await startQueryServer();
  const condition = { StringEquals: { "iam:AWSServiceName": AWSServiceName } };
  const policy = policyOf({
    Action: "iam:CreateServiceLinkedRole",
    Resource: arn,
    Condition: condition,
  });
  const alice = iamClient(server, await makeUser(server, "alice", policy));
  const other = { AWSServiceName: "ec2.amazonaws.com" };
  const sent = alice.send(new iam.CreateServiceLinkedRoleCommand(other));
  assert.equal((await refused(sent))[0], "AccessDenied");
  await alice.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName }));
});
