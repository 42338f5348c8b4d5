import type { iamShapes } from "../../contract/contract.ts";
import { findAwsPolicy } from "../../identity/identity.ts";
import {
  type IamEntity,
  iamGroups,
  iamPolicies,
  iamStore,
  type Readable,
  tags as tagStore,
} from "../../store/store.ts";
import { shownBoundary } from "./boundaries.ts";
import { groupAnswer } from "./group.ts";
import {
  type KnownPolicy,
  policyAnswer,
  type UseCounts,
  versionName,
  versionsOf,
} from "./managed-policies.ts";
import { entitiesOf } from "./members.ts";
import { queryTags } from "./tags.ts";
import { shownTrustPolicy } from "./trust-policy.ts";
import { userAnswer } from "./user.ts";

/** All about a user: its policies, groups, boundary and tags. */
export async function userDetail(db: Readable, user: IamEntity): Promise<iamShapes.UserDetail> {
  const groups = await entitiesOf(db, await iamGroups.listGroupsOf(db, user.id));
  return {
    ...userAnswer(user),
    UserPolicyList: await inlineOf(db, user),
    GroupList: groups.map(({ name }) => name),
    ...(await ownedBy(db, user)),
  };
}

/** All about a role. */
export async function roleDetail(db: Readable, role: IamEntity): Promise<iamShapes.RoleDetail> {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: await shownTrustPolicy(db, role),
    InstanceProfileList: [],
    RolePolicyList: await inlineOf(db, role),
    ...(await ownedBy(db, role)),
  };
}

/** All about a group, but for its members. */
export async function groupDetail(db: Readable, group: IamEntity): Promise<iamShapes.GroupDetail> {
  const { AttachedManagedPolicies } = await ownedBy(db, group);
  const GroupPolicyList = await inlineOf(db, group);
  return { ...groupAnswer(group), GroupPolicyList, AttachedManagedPolicies };
}

/** All about a managed policy, with the text of every version. */
export async function policyDetail(
  db: Readable,
  policy: KnownPolicy,
  counts: UseCounts,
): Promise<iamShapes.ManagedPolicyDetail> {
  const { Tags: _tags, ...answer } = policyAnswer(policy, counts);
  const versions = await versionsOf(db, policy);
  return {
    ...answer,
    Description: policy.description,
    PolicyVersionList: versions.map(({ version, document, createdAt }) => ({
      Document: document,
      VersionId: versionName(version),
      IsDefaultVersion: version === policy.defaultVersion,
      CreateDate: createdAt,
    })),
  };
}

async function inlineOf(
  db: Readable,
  { id }: IamEntity,
): Promise<readonly iamShapes.PolicyDetail[]> {
  const policies = await iamStore.listPolicies(db, id);
  return policies.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: document }));
}

type Owned = Pick<iamShapes.UserDetail, "AttachedManagedPolicies" | "PermissionsBoundary" | "Tags">;

async function ownedBy(db: Readable, { id, arn }: IamEntity): Promise<Owned> {
  const arns = await iamPolicies.listAttached(db, id, "permissions");
  const AttachedManagedPolicies = await Promise.all(
    arns.map(async (PolicyArn) => {
      const policy = findAwsPolicy(PolicyArn) ?? (await iamPolicies.find(db, PolicyArn));
      return { PolicyName: policy?.name, PolicyArn };
    }),
  );
  const tags = await tagStore.list(db, arn);
  return {
    AttachedManagedPolicies,
    PermissionsBoundary: await shownBoundary(db, id),
    Tags: queryTags(tags),
  };
}
