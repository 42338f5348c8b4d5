import assert from "node:assert/strict";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { accountId, type QueryServer, rootKey } from "./query-server.ts";

/** Keys as SDKs take them. */
export type Keys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

const region = "us-east-1";

/** An IAM client; of the root user unless keys are given. */
export function iamClient(server: QueryServer, credentials: Keys = rootKey): iam.IAMClient {
  return new iam.IAMClient({ endpoint: server.endpoint, region, credentials, maxAttempts: 1 });
}

/** An STS client; of the root user unless keys are given. */
export function stsClient(server: QueryServer, credentials: Keys = rootKey): sts.STSClient {
  return new sts.STSClient({ endpoint: server.endpoint, region, credentials, maxAttempts: 1 });
}

/** An identity policy of one Allow, or what `statement` says instead. */
export function policyOf(statement: object): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Resource: "*", ...statement }],
  });
}

/** A trust policy of one statement. */
export function trustOf(principal: object | string, rest: object = {}): string {
  const statement = { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...rest };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

export const userArn = (name: string): string => `arn:aws:iam::${accountId}:user/${name}`;
export const roleArn = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`;

/** Makes a user with a key, and with a policy if one is given. */
export async function makeUser(server: QueryServer, name: string, policy?: string): Promise<Keys> {
  const root = iamClient(server);
  await root.send(new iam.CreateUserCommand({ UserName: name }));
  if (policy !== undefined) {
    const input = { UserName: name, PolicyName: "own", PolicyDocument: policy };
    await root.send(new iam.PutUserPolicyCommand(input));
  }
  const { AccessKey } = await root.send(new iam.CreateAccessKeyCommand({ UserName: name }));
  assert.ok(AccessKey?.AccessKeyId !== undefined && AccessKey.SecretAccessKey !== undefined);
  return { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
}

/** Makes a role. */
export async function makeRole(
  server: QueryServer,
  name: string,
  trust: string,
  policy?: string,
): Promise<void> {
  const root = iamClient(server);
  await root.send(new iam.CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
  if (policy === undefined) return;
  const input = { RoleName: name, PolicyName: "own", PolicyDocument: policy };
  await root.send(new iam.PutRolePolicyCommand(input));
}

/** Assumes a role; the keys of the session. */
export async function assume(
  server: QueryServer,
  keys: Keys,
  input: Partial<sts.AssumeRoleCommandInput> & { readonly RoleArn: string },
): Promise<Keys> {
  const command = new sts.AssumeRoleCommand({ RoleSessionName: "session", ...input });
  const { Credentials: made } = await stsClient(server, keys).send(command);
  assert.ok(made?.AccessKeyId !== undefined && made.SecretAccessKey !== undefined);
  assert.ok(made.SessionToken !== undefined && made.SessionToken.length <= 4096);
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = made;
  return { accessKeyId, secretAccessKey, sessionToken: made.SessionToken };
}

/** What a call was refused with: `[code, HTTP status, message]`. */
export async function refused(sent: Promise<unknown>): Promise<readonly [string, number, string]> {
  try {
    await sent;
  } catch (error) {
    const { name, message, $metadata, Code } = error as Error & {
      readonly Code?: string;
      readonly $metadata?: { readonly httpStatusCode?: number };
    };
    return [Code ?? name, $metadata?.httpStatusCode ?? 0, message];
  }
  return assert.fail("nothing was refused");
}
