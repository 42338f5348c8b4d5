import {
  combine,
  compile,
  type CompiledPolicy,
  creationChecks,
  evaluate,
  evaluateServiceAssumeRole,
  type InterfacePlace,
  parsePolicy,
  type PolicyKind,
} from "../../iam/iam.ts";
import { type Client, ServiceError } from "../client/client.ts";
import { allPages } from "../client/pages.ts";

/** A data source's role, and what it is for. */
export type RoleUse = {
  readonly roleArn: string;
  readonly applicationArn: string;
  readonly indexArn: string;
  readonly bucket: string;
  /** Network interfaces that a sync makes with it. */
  readonly interfaces: readonly InterfacePlace[];
};

/**
 * Tries a data source's role with the engine that the server decides with, on the accesses that
 * every sync makes. Looks at the trust policy, and at inline and attached policies.
 *
 * @returns what is missing, in words; empty where the role will do.
 */
export async function tryRole(client: Client, use: RoleUse): Promise<readonly string[]> {
  const { roleArn, applicationArn } = use;
  const account = applicationArn.split(":")[4] ?? "";
  const RoleName = roleArn.slice(roleArn.lastIndexOf("/") + 1);
  const role = await findRole(client, RoleName);
  if (role === undefined) return [`the role ${RoleName} does not exist`];
  const trust = compiled(role.AssumeRolePolicyDocument ?? "", "trust", "trust");
  const isTrusted =
    trust !== undefined &&
    evaluateServiceAssumeRole(
      {
        service: "qbusiness.amazonaws.com",
        roleArn,
        sourceAccount: account,
        sourceArn: applicationArn,
      },
      trust,
    ).decision === "allow";
  const own = [...(await inlinePolicies(client, RoleName)), ...(await attached(client, RoleName))];
  const policies = combine(own);
  const denied = accessesOf(use, account).filter(
    ({ action, arn, context }) =>
      evaluate(
        {
          principal: {
            type: "role",
            roleArn,
            arn: `arn:aws:sts::${account}:assumed-role/${RoleName}/doctor`,
            account,
            sessionName: "doctor",
          },
          action,
          resources: [{ arn, account, context }],
        },
        { identity: policies },
      ).decision !== "allow",
  );
  return [
    ...(isTrusted ? [] : ["its trust policy does not admit the service for this application"]),
    ...denied.map(({ action, arn }) => `${action} on ${arn} is not allowed`),
  ];
}

type Access = {
  readonly action: string;
  readonly arn: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
};

function accessesOf({ bucket, indexArn, interfaces }: RoleUse, account: string): readonly Access[] {
  const owned = { "aws:ResourceAccount": account };
  return [
    { action: "s3:ListBucket", arn: `arn:aws:s3:::${bucket}`, context: owned },
    { action: "s3:GetObject", arn: `arn:aws:s3:::${bucket}/any`, context: owned },
    { action: "qbusiness:BatchPutDocument", arn: indexArn, context: owned },
    { action: "qbusiness:BatchDeleteDocument", arn: indexArn, context: owned },
    ...interfaces.flatMap(interfaceAccesses),
  ];
}

function interfaceAccesses(place: InterfacePlace): readonly Access[] {
  return creationChecks(place).map(({ action, arn, context, requestTags = {} }) => {
    const tags = Object.entries(requestTags).map(([key, value]) => [
      `aws:RequestTag/${key}`,
      value,
    ]);
    const keys = Object.keys(requestTags);
    const sent = keys.length === 0 ? {} : { ...Object.fromEntries(tags), "aws:TagKeys": keys };
    return { action, arn, context: { ...context, ...sent } };
  });
}

async function findRole(client: Client, RoleName: string) {
  try {
    return (await client.iam("GetRole", { RoleName })).Role;
  } catch (error) {
    if (error instanceof ServiceError && error.code === "NoSuchEntity") return undefined;
    throw error;
  }
}

async function inlinePolicies(
  client: Client,
  RoleName: string,
): Promise<readonly CompiledPolicy[]> {
  const names = allPages(async ({ nextToken: Marker }) => {
    const page = await client.iam("ListRolePolicies", { RoleName, Marker });
    return { items: page.PolicyNames, nextToken: page.Marker };
  });
  const policies: CompiledPolicy[] = [];
  for await (const PolicyName of names) {
    const { PolicyDocument } = await client.iam("GetRolePolicy", { RoleName, PolicyName });
    const policy = compiled(PolicyDocument, "identity", PolicyName);
    if (policy !== undefined) policies.push(policy);
  }
  return policies;
}

async function attached(client: Client, RoleName: string): Promise<readonly CompiledPolicy[]> {
  const found = allPages(async ({ nextToken: Marker }) => {
    const page = await client.iam("ListAttachedRolePolicies", { RoleName, Marker });
    return { items: page.AttachedPolicies, nextToken: page.Marker };
  });
  const policies: CompiledPolicy[] = [];
  for await (const { PolicyArn = "" } of found) {
    const { Policy } = await client.iam("GetPolicy", { PolicyArn });
    const VersionId = Policy?.DefaultVersionId ?? "";
    const { PolicyVersion } = await client.iam("GetPolicyVersion", { PolicyArn, VersionId });
    const policy = compiled(PolicyVersion?.Document ?? "", "identity", PolicyArn);
    if (policy !== undefined) policies.push(policy);
  }
  return policies;
}

function compiled(text: string, kind: PolicyKind, name: string): CompiledPolicy | undefined {
  const parsed = parsePolicy(text, { kind });
  return parsed.ok ? compile(parsed.policy, { name }) : undefined;
}
