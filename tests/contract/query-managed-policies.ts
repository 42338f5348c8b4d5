import * as iam from "@aws-sdk/client-iam";
import { policyOf, trustOf } from "./query-clients.ts";
import { accountId } from "./query-server.ts";

// What the tests of managed policies share.

export const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";

export const policyArn = (name: string): string => `arn:aws:iam::${accountId}:policy/${name}`;

export const listRoles = policyOf({ Action: "iam:ListRoles" });

export const listUsers = policyOf({ Action: "iam:ListUsers" });

export const service = trustOf({ Service: "qbusiness.amazonaws.com" });

export async function makePolicy(
  root: iam.IAMClient,
  PolicyName: string,
  PolicyDocument: string,
): Promise<void> {
  await root.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument }));
}
