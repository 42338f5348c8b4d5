// The actions of IAM and STS that the service's users need for their set-up.
import type { Members, Service } from "./client.ts";
import type { Known, Step } from "./step.ts";

const allow = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "qbusiness:ListApplications", Resource: "*" }],
});
const trust = (known: Known): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { AWS: known.get("account") }, Action: "sts:AssumeRole" },
    ],
  });
const tags = [{ Key: "suite", Value: "conformance" }];

type Input = Readonly<Record<string, string>>;

/** Members whose values start with `$` are names of what is known. */
function filled(input: Members, known: Known): Members {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      typeof value === "string" && value.startsWith("$") ? known.get(value.slice(1)) : value,
    ]),
  );
}

function step(
  service: Service,
  operation: string,
  input: Members | ((known: Known) => Members) = {},
  keep?: Step["keep"],
): Step {
  return {
    service,
    operation,
    input: (known) => filled(typeof input === "function" ? input(known) : input, known),
    ...(keep === undefined ? {} : { keep }),
  };
}

const arnIn =
  (member: string, name: string): NonNullable<Step["keep"]> =>
  (output, known) =>
    known.set(name, (output[member] as Members | undefined)?.["Arn"]);

const user: Input = { UserName: "$user" };
const role: Input = { RoleName: "$role2" };
const group: Input = { GroupName: "$group" };
const managed: Input = { PolicyArn: "$policy" };
const inline: Input = { PolicyName: "inline" };
const iam = (
  operation: string,
  input?: Members | ((known: Known) => Members),
  keep?: Step["keep"],
): Step => step("iam", operation, input, keep);

const users: readonly Step[] = [
  iam("CreateUser", { ...user, Tags: tags }, arnIn("User", "userArn")),
  iam("GetUser", user),
  iam("ListUsers"),
  iam("TagUser", { ...user, Tags: tags }),
  iam("ListUserTags", user),
  iam("UntagUser", { ...user, TagKeys: ["suite"] }),
  iam("PutUserPolicy", { ...user, ...inline, PolicyDocument: allow }),
  iam("GetUserPolicy", { ...user, ...inline }),
  iam("ListUserPolicies", user),
  iam("CreateAccessKey", user, ({ AccessKey }, known) =>
    known.set("key", (AccessKey as Members)["AccessKeyId"]),
  ),
  iam("ListAccessKeys", user),
  iam("GetAccessKeyLastUsed", { AccessKeyId: "$key" }),
  iam("UpdateAccessKey", { ...user, AccessKeyId: "$key", Status: "Inactive" }),
];

const roles: readonly Step[] = [
  iam(
    "CreateRole",
    (known) => ({ ...role, AssumeRolePolicyDocument: trust(known) }),
    arnIn("Role", "role2Arn"),
  ),
  iam("GetRole", role),
  iam("ListRoles"),
  iam("UpdateRole", { ...role, Description: "changed" }),
  iam("UpdateAssumeRolePolicy", (known) => ({ ...role, PolicyDocument: trust(known) })),
  iam("TagRole", { ...role, Tags: tags }),
  iam("ListRoleTags", role),
  iam("UntagRole", { ...role, TagKeys: ["suite"] }),
  iam("PutRolePolicy", { ...role, ...inline, PolicyDocument: allow }),
  iam("GetRolePolicy", { ...role, ...inline }),
  iam("ListRolePolicies", role),
];

const groups: readonly Step[] = [
  iam("CreateGroup", group),
  iam("GetGroup", group),
  iam("ListGroups"),
  iam("AddUserToGroup", { ...group, ...user }),
  iam("ListGroupsForUser", user),
  iam("PutGroupPolicy", { ...group, ...inline, PolicyDocument: allow }),
  iam("GetGroupPolicy", { ...group, ...inline }),
  iam("ListGroupPolicies", group),
];

const policies: readonly Step[] = [
  iam(
    "CreatePolicy",
    { PolicyName: "$policyName", PolicyDocument: allow },
    arnIn("Policy", "policy"),
  ),
  iam("GetPolicy", managed),
  iam("ListPolicies"),
  iam("CreatePolicyVersion", { ...managed, PolicyDocument: allow }),
  iam("GetPolicyVersion", { ...managed, VersionId: "v2" }),
  iam("ListPolicyVersions", managed),
  iam("SetDefaultPolicyVersion", { ...managed, VersionId: "v2" }),
  iam("DeletePolicyVersion", { ...managed, VersionId: "v1" }),
  iam("AttachUserPolicy", { ...user, ...managed }),
  iam("ListAttachedUserPolicies", user),
  iam("AttachRolePolicy", { ...role, ...managed }),
  iam("ListAttachedRolePolicies", role),
  iam("AttachGroupPolicy", { ...group, ...managed }),
  iam("ListAttachedGroupPolicies", group),
  iam("ListEntitiesForPolicy", managed),
  iam("PutUserPermissionsBoundary", { ...user, PermissionsBoundary: "$policy" }),
  iam("DeleteUserPermissionsBoundary", user),
  iam("PutRolePermissionsBoundary", { ...role, PermissionsBoundary: "$policy" }),
  iam("DeleteRolePermissionsBoundary", role),
];

const provider: Input = { OpenIDConnectProviderArn: "$provider" };
const providers: readonly Step[] = [
  iam(
    "CreateOpenIDConnectProvider",
    (known) => ({ Url: `https://${known.get("issuer")}`, ClientIDList: ["web"] }),
    ({ OpenIDConnectProviderArn }, known) => known.set("provider", OpenIDConnectProviderArn),
  ),
  iam("GetOpenIDConnectProvider", provider),
  iam("ListOpenIDConnectProviders"),
  iam("AddClientIDToOpenIDConnectProvider", { ...provider, ClientID: "phone" }),
  iam("RemoveClientIDFromOpenIDConnectProvider", { ...provider, ClientID: "phone" }),
  iam("UpdateOpenIDConnectProviderThumbprint", { ...provider, ThumbprintList: ["a".repeat(40)] }),
  iam("TagOpenIDConnectProvider", { ...provider, Tags: tags }),
  iam("ListOpenIDConnectProviderTags", provider),
  iam("UntagOpenIDConnectProvider", { ...provider, TagKeys: ["suite"] }),
  iam("DeleteOpenIDConnectProvider", provider),
];

const questions: readonly Step[] = [
  iam("SimulateCustomPolicy", {
    PolicyInputList: [allow],
    ActionNames: ["qbusiness:ListApplications"],
  }),
  iam("SimulatePrincipalPolicy", {
    PolicySourceArn: "$userArn",
    ActionNames: ["qbusiness:ListApplications"],
  }),
  iam("GetContextKeysForCustomPolicy", { PolicyInputList: [allow] }),
  iam("GetContextKeysForPrincipalPolicy", { PolicySourceArn: "$userArn" }),
  iam("GetAccountSummary"),
  iam("GetAccountAuthorizationDetails"),
  iam("CreateServiceLinkedRole", { AWSServiceName: "qbusiness.amazonaws.com" }),
  iam(
    "DeleteServiceLinkedRole",
    { RoleName: "AWSServiceRoleForQBusiness" },
    ({ DeletionTaskId }, known) => known.set("task", DeletionTaskId),
  ),
  iam("GetServiceLinkedRoleDeletionStatus", { DeletionTaskId: "$task" }),
];

const sts: readonly Step[] = [
  step("sts", "GetCallerIdentity"),
  step("sts", "GetAccessKeyInfo", { AccessKeyId: "$key" }),
  {
    ...step("sts", "AssumeRole", { RoleArn: "$role2Arn", RoleSessionName: "session" }),
    as: "helper",
  },
  {
    ...step("sts", "AssumeRoleWithWebIdentity", {
      RoleArn: "$role2Arn",
      RoleSessionName: "session",
      WebIdentityToken: "not.a.token",
    }),
    refusals: ["InvalidIdentityToken", "AccessDenied"],
  },
  { ...step("sts", "GetSessionToken"), as: "helper" },
  { ...step("sts", "GetFederationToken", { Name: "federated" }), as: "helper" },
  {
    ...step("sts", "DecodeAuthorizationMessage", { EncodedMessage: "message" }),
    refusals: ["InvalidAuthorizationMessageException"],
  },
];

const end: readonly Step[] = [
  iam("DetachUserPolicy", { ...user, ...managed }),
  iam("DetachRolePolicy", { ...role, ...managed }),
  iam("DetachGroupPolicy", { ...group, ...managed }),
  iam("DeletePolicy", managed),
  iam("DeleteGroupPolicy", { ...group, ...inline }),
  iam("RemoveUserFromGroup", { ...group, ...user }),
  iam("DeleteGroup", group),
  iam("DeleteRolePolicy", { ...role, ...inline }),
  iam("DeleteRole", role),
  iam("DeleteUserPolicy", { ...user, ...inline }),
  iam("DeleteAccessKey", { ...user, AccessKeyId: "$key" }),
  iam("UpdateUser", { ...user, NewUserName: "$renamed" }, (_, known) =>
    known.set("user", known.get("renamed")),
  ),
  iam("DeleteUser", user),
];

/** All steps. */
export const iamSteps: readonly Step[] = [
  ...users,
  ...roles,
  ...groups,
  ...policies,
  ...providers,
  ...questions,
  ...sts,
  ...end,
];
