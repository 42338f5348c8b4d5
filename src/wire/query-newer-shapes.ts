import { type QueryService, type QueryShape, queryShapeOf } from "../contract/contract.ts";

const lengthAny = { type: "string", length: [1, 128] } as const;

/**
 * Members that IAM's simulations have gained since the contract's tables were made
 * ("SimulateCustomPolicy", "SimulatePrincipalPolicy", "PolicyIdentifier", IAM API Reference).
 */
const newer: Readonly<Record<string, QueryShape>> = {
  OrderedOrganizationPolicyListType: { type: "list", member: "OrderedOrganizationPolicyType" },
  OrderedOrganizationPolicyType: {
    type: "structure",
    required: [],
    members: { ServiceControlPolicyInputList: "SimulationPolicyListType" },
  },
  PolicyExclusionsListType: { type: "list", member: "PolicyIdentifier" },
  PolicyIdentifier: {
    type: "structure",
    required: [],
    members: {
      PolicyType: "PolicyIdentifierPolicyType",
      PolicyArn: "PolicyIdentifierArnType",
      InlinePolicyIdentifier: "InlinePolicyIdentifierType",
    },
  },
  PolicyIdentifierPolicyType: {
    type: "enum",
    values: ["aws-managed", "inline", "permission-boundary", "rcp", "scp", "user-managed"],
  },
  PolicyIdentifierArnType: { type: "string", length: [20, 2048] },
  InlinePolicyIdentifierType: {
    type: "structure",
    required: ["PolicyName", "AttachmentType", "AttachmentName"],
    members: {
      PolicyName: "PolicyIdentifierNameType",
      AttachmentType: "PolicyIdentifierAttachmentType",
      AttachmentName: "PolicyIdentifierNameType",
    },
  },
  PolicyIdentifierAttachmentType: { type: "enum", values: ["user", "group", "role"] },
  PolicyIdentifierNameType: lengthAny,
};

const newMembers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  SimulateCustomPolicyRequest: {
    OrderedOrganizationPolicyInputList: "OrderedOrganizationPolicyListType",
  },
  SimulatePrincipalPolicyRequest: { PolicyExclusionList: "PolicyExclusionsListType" },
};

/** The shape of an input of that name, with the members that the tables do not have yet. */
export function inputShapeOf(service: QueryService, name: string): QueryShape {
  const added = service === "iam" && Object.hasOwn(newer, name) ? newer[name] : undefined;
  if (added !== undefined) return added;
  const shape = queryShapeOf(service, name);
  const more = service === "iam" && Object.hasOwn(newMembers, name) ? newMembers[name] : undefined;
  if (more === undefined || shape.type !== "structure") return shape;
  return { ...shape, members: { ...shape.members, ...more } };
}
