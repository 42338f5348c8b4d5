import {
  type ApplicationPlace,
  applicationArn,
  type ConnectorPlace,
  type PolicyDocument,
  s3ConnectorPolicy,
} from "./policies.ts";

type Statements = PolicyDocument["Statement"];

/**
 * The published policy of the S3 connector without its faults, and with what else is needed:
 * ingestion names the application too, which the service reference wants, and nothing is granted
 * on data sources, which none of these actions takes.
 */
export function repairedConnectorPolicy(
  place: ConnectorPlace,
  further: Statements,
): PolicyDocument {
  const application = applicationArn(place);
  const repaired = [application, `${application}/index/${place.indexId}`];
  const published = s3ConnectorPolicy(place);
  const statements = published.Statement.map((statement) =>
    [statement["Action"]].flat().some((action) => String(action).startsWith("qbusiness:"))
      ? { ...statement, Resource: repaired }
      : statement,
  );
  return { ...published, Statement: [...statements, ...further] };
}

/**
 * Lets the S3 connector's role decrypt objects, through S3 alone. Source: "IAM role for Amazon S3
 * connector", user guide, whose statement stands alone and names Secrets Manager instead.
 */
export function decryptStatements(
  { region }: Pick<ApplicationPlace, "region">,
  keyArns: readonly string[],
): Statements {
  if (keyArns.length === 0) return [];
  return [
    {
      Sid: "AllowsAmazonQToDecryptObjects",
      Effect: "Allow",
      Action: ["kms:Decrypt"],
      Resource: keyArns,
      Condition: { StringEquals: { "kms:ViaService": [`s3.${region}.amazonaws.com`] } },
    },
  ];
}

/** Subnets and security groups of a data source, by id. */
export type Network = {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
};

/**
 * Lets the role make, tag, lend and delete its network interfaces. Source: as above, repaired: one
 * ARN for each subnet and group; deletion looks at the interface's own tag, since a deletion sends
 * none; tags at creation are the service's alone; security groups can be looked at.
 */
export function networkStatements(place: ApplicationPlace, network: Network): Statements {
  const { region, accountId, applicationId } = place;
  const { subnetIds, securityGroupIds } = network;
  if (subnetIds.length === 0) return [];
  const ec2 = `arn:aws:ec2:${region}:${accountId}`;
  const interfaces = `${ec2}:network-interface/*`;
  const tag = `qbusiness_${accountId}_${applicationId}_*`;
  const ownTag = { StringLike: { "aws:ResourceTag/AMAZON_Q": tag } };
  const onlyTag = {
    StringLike: { "aws:RequestTag/AMAZON_Q": tag },
    "ForAllValues:StringEquals": { "aws:TagKeys": ["AMAZON_Q"] },
    Null: { "aws:TagKeys": "false" },
  };
  return [
    {
      Sid: "AllowsAmazonQToCreateENIInNetwork",
      Effect: "Allow",
      Action: ["ec2:CreateNetworkInterface"],
      Resource: [
        ...subnetIds.map((id) => `${ec2}:subnet/${id}`),
        ...securityGroupIds.map((id) => `${ec2}:security-group/${id}`),
      ],
    },
    {
      Sid: "AllowsAmazonQToCreateENI",
      Effect: "Allow",
      Action: ["ec2:CreateNetworkInterface"],
      Resource: interfaces,
      Condition: onlyTag,
    },
    {
      Sid: "AllowsAmazonQToDeleteENI",
      Effect: "Allow",
      Action: ["ec2:DeleteNetworkInterface"],
      Resource: interfaces,
      Condition: ownTag,
    },
    {
      Sid: "AllowsAmazonQToCreateTags",
      Effect: "Allow",
      Action: ["ec2:CreateTags"],
      Resource: interfaces,
      Condition: { StringEquals: { "ec2:CreateAction": "CreateNetworkInterface" }, ...onlyTag },
    },
    {
      Sid: "AllowsAmazonQToCreateNetworkInterfacePermission",
      Effect: "Allow",
      Action: ["ec2:CreateNetworkInterfacePermission"],
      Resource: interfaces,
      Condition: ownTag,
    },
    {
      Sid: "AllowsAmazonQToConnectToVPC",
      Effect: "Allow",
      Action: [
        "NetworkInterfaces",
        "AvailabilityZones",
        "NetworkInterfaceAttribute",
        "Vpcs",
        "Regions",
        "NetworkInterfacePermissions",
        "Subnets",
        "SecurityGroups",
      ].map((what) => `ec2:Describe${what}`),
      Resource: "*",
    },
  ];
}
