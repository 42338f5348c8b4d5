import type { iamShapes } from "../../contract/contract.ts";
import { findAwsPolicy } from "../../identity/identity.ts";
import {
  iamPolicies,
  type ManagedPolicy,
  type PolicyUse,
  type PolicyVersion,
  type Readable,
} from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { policySize } from "./limits.ts";
import { requirePolicy } from "./policies.ts";
import type { QueryCall, QueryQuestion } from "./query-operation.ts";

/** Policies that the service brings along have been there since then. */
const awsPolicyDate = new Date(0);

/** A managed policy with its versions, AWS's or the customer's own. */
export type KnownPolicy = ManagedPolicy & { readonly isAws: boolean };

/** The question of an action on a managed policy. The service's own count as the caller's here. */
export async function askOfPolicy(
  call: QueryCall,
  action: string,
  arn: string,
): Promise<readonly QueryQuestion[]> {
  return [{ action, resources: [{ arn, account: call.caller.accountId }] }];
}

/**
 * A managed policy of the caller's account, or one of AWS's.
 *
 * @throws QueryError NoSuchEntity.
 */
export async function requireManaged(
  db: Readable,
  call: QueryCall,
  arn: string,
): Promise<KnownPolicy> {
  const aws = findAwsPolicy(arn);
  if (aws !== undefined) {
    const versions = { defaultVersion: 1, latestVersion: 1 };
    const dates = { createdAt: awsPolicyDate, updatedAt: awsPolicyDate };
    const { id, name, path } = aws;
    const rest = { accountId: "aws", arn, description: undefined, isAws: true };
    return { id, name, path, ...rest, ...versions, ...dates };
  }
  const found = await iamPolicies.find(db, arn);
  if (found?.accountId === call.caller.accountId) return { ...found, isAws: false };
  throw queryError("NoSuchEntity", `Policy ${arn} was not found.`);
}

/** As `requireManaged`, for changes: AWS's own are not the customer's to change. */
export async function requireOwnPolicy(
  db: Readable,
  call: QueryCall,
  arn: string,
): Promise<ManagedPolicy> {
  const found = await requireManaged(db, call, arn);
  if (!found.isAws) return found;
  throw queryError("InvalidInput", `Policy ${arn} is managed by AWS and cannot be changed.`);
}

/**
 * A policy that can be attached.
 *
 * @throws QueryError NoSuchEntity or PolicyNotAttachable.
 */
export async function requireAttachable(db: Readable, call: QueryCall, arn: string): Promise<void> {
  if (arn.startsWith("arn:aws:iam::aws:policy/aws-service-role/")) {
    throw queryError(
      "PolicyNotAttachable",
      `Cannot attach a Service Role Policy to a Customer Role.`,
    );
  }
  const found = findAwsPolicy(arn) ?? (await iamPolicies.find(db, arn));
  const isOwn =
    found !== undefined && (!("accountId" in found) || found.accountId === call.caller.accountId);
  if (isOwn) return;
  throw queryError("NoSuchEntity", `Policy ${arn} does not exist or is not attachable.`);
}

/** The versions of a policy, newest first. */
export async function versionsOf(
  db: Readable,
  policy: KnownPolicy,
): Promise<readonly PolicyVersion[]> {
  const aws = findAwsPolicy(policy.arn);
  if (aws === undefined) return iamPolicies.listVersions(db, policy.id);
  return [{ version: 1, document: aws.document, createdAt: policy.createdAt }];
}

/**
 * The version of that name, `v3`.
 *
 * @throws QueryError NoSuchEntity.
 */
export async function requireVersion(
  db: Readable,
  policy: KnownPolicy,
  name: string,
): Promise<PolicyVersion> {
  const versions = await versionsOf(db, policy);
  const found = versions.find(({ version }) => versionName(version) === name);
  if (found !== undefined) return found;
  const message = `Policy ${policy.arn} version ${name} does not exist or is not attachable.`;
  throw queryError("NoSuchEntity", message);
}

/**
 * Checks the text of a managed policy.
 *
 * @throws QueryError MalformedPolicyDocument or LimitExceeded.
 */
export function checkManagedDocument({ quotas }: QueryCall, document: string): void {
  requirePolicy(document, "identity");
  const max = quotas.iam.managedPolicyCharacters;
  if (policySize(document) <= max) return;
  throw queryError("LimitExceeded", `Cannot exceed quota for PolicySize: ${max}`);
}

/** `v3`. */
export function versionName(version: number): string {
  return `v${version}`;
}

/** How often a policy is used, by ARN and use. */
export type UseCounts = (arn: string, use: PolicyUse) => number;

/** Counts the uses of all policies at once. */
export async function useCounts(db: Readable): Promise<UseCounts> {
  const rows = await iamPolicies.countUses(db);
  const counts = new Map(rows.map(({ arn, use, count }) => [`${use} ${arn}`, count]));
  return (arn, use) => counts.get(`${use} ${arn}`) ?? 0;
}

/** A policy as answers show it. */
export function policyAnswer(policy: ManagedPolicy, counts: UseCounts): iamShapes.Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: versionName(policy.defaultVersion),
    AttachmentCount: counts(policy.arn, "permissions"),
    PermissionsBoundaryUsageCount: counts(policy.arn, "boundary"),
    IsAttachable: !policy.path.startsWith("/aws-service-role/"),
    CreateDate: policy.createdAt,
    UpdateDate: policy.updatedAt,
  };
}
