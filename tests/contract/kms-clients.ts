import assert from "node:assert/strict";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, type CreateKeyCommandInput, KMSClient } from "@aws-sdk/client-kms";
import { type Endpoint, iam, type Keys } from "../support/clients.ts";

export const accountId = "111122223333";
export const region = "us-east-1";

/** A KMS client; of the root user unless keys are given. */
export function kms(server: Endpoint, credentials: Keys = server.rootKey): KMSClient {
  return new KMSClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
}

export const userArn = (name: string): string => `arn:aws:iam::${accountId}:user/${name}`;

/** A key; its id and ARN. */
export async function makeKey(
  server: Endpoint,
  input: CreateKeyCommandInput = {},
): Promise<{ readonly id: string; readonly arn: string }> {
  const { KeyMetadata } = await kms(server).send(new CreateKeyCommand(input));
  assert.ok(KeyMetadata?.KeyId !== undefined && KeyMetadata.Arn !== undefined);
  return { id: KeyMetadata.KeyId, arn: KeyMetadata.Arn };
}

/** A user with keys, and with these statements as its policy. */
export async function makeUser(
  server: Endpoint,
  name: string,
  statements: readonly object[] = [],
): Promise<Keys> {
  const root = iam(server);
  await root.send(new CreateUserCommand({ UserName: name }));
  if (statements.length > 0) await setPolicy(server, name, statements);
  const { AccessKey } = await root.send(new CreateAccessKeyCommand({ UserName: name }));
  assert.ok(AccessKey?.AccessKeyId !== undefined && AccessKey.SecretAccessKey !== undefined);
  return { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
}

/** Replaces what a user's own policy says. */
export async function setPolicy(
  server: Endpoint,
  name: string,
  statements: readonly object[],
): Promise<void> {
  const PolicyDocument = JSON.stringify(policyOf(statements));
  const input = { UserName: name, PolicyName: "own", PolicyDocument };
  await iam(server).send(new PutUserPolicyCommand(input));
}

/** A policy of these statements; Allow unless they say otherwise. */
export function policyOf(statements: readonly object[]): object {
  const Statement = statements.map((one) => ({ Effect: "Allow", ...one }));
  return { Version: "2012-10-17", Statement };
}

/** What the root of the account may do with a key: everything, and its identity policies decide. */
export const rootStatement = {
  Principal: { AWS: `arn:aws:iam::${accountId}:root` },
  Action: "kms:*",
  Resource: "*",
} as const;

/** A key policy of the root statement and others. */
export function keyPolicy(...others: readonly object[]): string {
  return JSON.stringify(policyOf([rootStatement, ...others]));
}

/** What a call was refused with. */
export async function refused(sent: Promise<unknown>): Promise<readonly [string, number, string]> {
  try {
    await sent;
  } catch (error) {
    const { name, message, $metadata } = error as Error & {
      readonly $metadata?: { readonly httpStatusCode?: number };
    };
    return [name, $metadata?.httpStatusCode ?? 0, message];
  }
  return assert.fail("nothing was refused");
}

/** The name alone. */
export async function refusedAs(sent: Promise<unknown>): Promise<string> {
  return (await refused(sent))[0];
}
