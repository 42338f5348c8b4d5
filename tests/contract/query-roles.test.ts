import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { accountId, rootKey, startQueryServer } from "./query-server.ts";

test("an administrator makes a role and a user, who assumes it", async () => {
  await using server = await startQueryServer();
  const { endpoint } = server;
  const region = "us-east-1";
  const root = new iam.IAMClient({ endpoint, region, credentials: rootKey });
  const made = await root.send(
    new iam.CreateUserCommand({ UserName: "alice", Tags: [{ Key: "team", Value: "a b=c" }] }),
  );
  console.log(made);
  const { AccessKey } = await root.send(new iam.CreateAccessKeyCommand({ UserName: "alice" }));
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  };
  const alice = new sts.STSClient({ endpoint, region, credentials });
  console.log(await alice.send(new sts.GetCallerIdentityCommand({})));
  const role = await root.send(
    new iam.CreateRoleCommand({
      RoleName: "Reader",
      Path: "/app/",
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: {
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${accountId}:user/alice` },
          Action: "sts:AssumeRole",
        },
      }),
    }),
  );
  console.log(role);
  await root.send(
    new iam.PutRolePolicyCommand({
      RoleName: "Reader",
      PolicyName: "p",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: { Effect: "Allow", Action: "iam:ListRoles", Resource: "*" },
      }),
    }),
  );
  const session = await alice.send(
    new sts.AssumeRoleCommand({ RoleArn: role.Role?.Arn, RoleSessionName: "s1" }),
  );
  console.log(session);
  const asRole = new iam.IAMClient({
    endpoint,
    region,
    credentials: {
      accessKeyId: session.Credentials?.AccessKeyId ?? "",
      secretAccessKey: session.Credentials?.SecretAccessKey ?? "",
      sessionToken: session.Credentials?.SessionToken ?? "",
    },
  });
  console.log((await asRole.send(new iam.ListRolesCommand({}))).Roles);
  await assert.rejects(asRole.send(new iam.ListUsersCommand({})), (e: Error) => {
    console.log(e.name, e.message);
    return true;
  });
  assert.deepEqual(server.failures, []);
});
