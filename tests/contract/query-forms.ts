// Random calls of IAM and STS, as forms: few values, so that calls meet what earlier ones have made.
import { queryContracts, type QueryService, queryShapeOf } from "../../src/contract/contract.ts";
import { policyOf, trustOf, userArn } from "./query-clients.ts";
import { accountId, rootKey } from "./query-server.ts";

const policies = [policyOf({ Action: "s3:*" }), policyOf({ Action: [] }), "{", trustOf("*")];
const trusts = [trustOf({ AWS: accountId }), trustOf({ AWS: userArn("A") }), trustOf("*"), "[]"];
const arns = [
  `arn:aws:iam::${accountId}:policy/P`,
  `arn:aws:iam::${accountId}:policy/x/Q`,
  "arn:aws:iam::aws:policy/AdministratorAccess",
  "arn:aws:iam::aws:policy/None",
];

const values: Readonly<Record<string, readonly string[]>> = {
  UserName: ["A", "b", "B", "None"],
  NewUserName: ["A", "b"],
  RoleName: ["R", "s", "S", "None", "AWSServiceRoleForQBusiness"],
  GroupName: ["G", "g", "H", "None"],
  PolicyName: ["P", "Q", "None"],
  Path: ["/", "/x/"],
  NewPath: ["/", "/x/"],
  PathPrefix: ["/", "/x"],
  PolicyDocument: policies,
  AssumeRolePolicyDocument: trusts,
  PolicyArn: arns,
  PermissionsBoundary: arns,
  VersionId: ["v1", "v2", "v9"],
  MaxItems: ["1", "1000"],
  Marker: ["x"],
  AWSServiceName: ["qbusiness.amazonaws.com", "s3.amazonaws.com"],
  DeletionTaskId: ["task/none"],
  Status: ["Active", "Inactive", "Expired"],
  AccessKeyId: [rootKey.accessKeyId, "AKIAAAAAAAAAAAAAAAAA"],
  RoleArn: [
    `arn:aws:iam::${accountId}:role/R`,
    `arn:aws:iam::${accountId}:role/None`,
    userArn("AA"),
  ],
  RoleSessionName: ["session"],
  DurationSeconds: ["900", "3601"],
  Policy: policies,
  Name: ["guest", "x y"],
  EncodedMessage: ["v1.AAAA", "-"],
  SerialNumber: ["123456789"],
  SetAsDefault: ["true", "false"],
  OnlyAttached: ["true", "false"],
  PolicySourceArn: [userArn("A"), userArn("None-at-all")],
  ResourcePolicy: [policyOf({ Principal: "*", Action: "s3:*" }), "{"],
  Url: ["https://id.example.com", "https://id.example.com/people", "http://x"],
  OpenIDConnectProviderArn: [
    `arn:aws:iam::${accountId}:oidc-provider/id.example.com`,
    `arn:aws:iam::${accountId}:oidc-provider/none`,
  ],
  ClientID: ["web", "phone"],
  ResourceOwner: [accountId, "nobody"],
  CallerArn: [userArn("A"), `arn:aws:iam::${accountId}:group/G`, `arn:aws:iam::${accountId}:root`],
  ResourceHandlingOption: ["EC2-VPC-EBS", "None"],
};

/** Lists and structures, by the first of their names. */
const parts: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  ActionNames: [
    ["ActionNames.member.1", "s3:GetObject"],
    ["ActionNames.member.1", "iam:*"],
  ],
  ResourceArns: [
    ["ResourceArns.member.1", "arn:aws:s3:::docs/a"],
    ["ResourceArns.member.1", "docs"],
  ],
  PermissionsBoundaryPolicyInputList: policies.map((text) => [
    "PermissionsBoundaryPolicyInputList.member.1",
    text,
  ]),
  ContextEntries: [
    ["ContextEntries.member.1.ContextKeyName", "aws:username"],
    ["ContextEntries.member.1.ContextKeyValues.member.1", "x"],
    ["ContextEntries.member.1.ContextKeyType", "numericList"],
  ],
};

// Members that the tables do not have yet.
const newer: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  SimulateCustomPolicy: policies.map((text) => [
    "OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList.member.1",
    text,
  ]),
  SimulatePrincipalPolicy: [
    ["PolicyExclusionList.member.1.PolicyType", "inline"],
    ["PolicyExclusionList.member.1.PolicyArn", `arn:aws:iam::${accountId}:policy/*`],
    ["PolicyExclusionList.member.1.PolicyArn", "arn:aws:iam::aws:policy/*/*"],
  ],
};

/** The form of a call: what it must have and, by chance, what it may have. */
export function randomForm(
  service: QueryService,
  action: string,
  random: (below: number) => number,
): string {
  const { operations, version } = queryContracts[service];
  const { input } = operations[action] ?? {};
  const shape = input === undefined ? undefined : queryShapeOf(service, input);
  const form = new URLSearchParams({ Action: action, Version: version });
  const pick = (list: readonly string[]): string => list[random(list.length)] ?? "";
  if (shape?.type !== "structure") return form.toString();
  for (const name of Object.keys(shape.members)) {
    if (!shape.required.includes(name) && random(3) > 0) continue;
    const known = values[name];
    if (known !== undefined) form.set(name, pick(known));
    if (name === "Tags") {
      form.set("Tags.member.1.Key", pick(["k", "K", "aws:k", "l"]));
      form.set("Tags.member.1.Value", pick(["", "v"]));
    }
    if (name === "TagKeys") form.set("TagKeys.member.1", pick(["k", "l"]));
    const [listName, text] = (parts[name] ?? [])[random((parts[name] ?? [1]).length)] ?? [];
    if (listName !== undefined && text !== undefined) form.set(listName, text);
    if (name === "PolicyInputList") form.set("PolicyInputList.member.1", pick(policies));
  }
  const more = (newer[action] ?? [])[random(3)];
  if (more !== undefined && random(3) === 0) form.set(...more);
  return form.toString();
}
