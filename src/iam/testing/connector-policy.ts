// The permissions of a data source role over a bucket in a VPC, in the shape that "IAM role for
// Amazon S3 connector" of the Amazon Q Business user guide gives them, with real names filled in.

import { document } from "./policies.ts";

export const account = "111122223333";
const applicationId = "a1b2c3d4-5678-4abc-8def-111111111111";
export const applicationArn = `arn:aws:qbusiness:us-east-1:${account}:application/${applicationId}`;
export const indexArn = `${applicationArn}/index/b2c3d4e5-6789-4bcd-8ef0-222222222222`;

const ec2 = `arn:aws:ec2:us-east-1:${account}`;
const ownBucket = { StringEquals: { "aws:ResourceAccount": account } };
const zoneTag = `qbusiness_${account}_${applicationId}_*`;

/** Ten statements: bucket, documents, principals, network interface. */
export const connectorPolicy = document(
  allow("ReadObjects", ["s3:GetObject"], ["arn:aws:s3:::quarry-docs/*"], ownBucket),
  allow("ListBucket", ["s3:ListBucket"], ["arn:aws:s3:::quarry-docs"], ownBucket),
  allow("Ingest", ["qbusiness:BatchPutDocument", "qbusiness:BatchDeleteDocument"], indexArn),
  allow(
    "MapPrincipals",
    [
      "qbusiness:PutGroup",
      "qbusiness:CreateUser",
      "qbusiness:DeleteGroup",
      "qbusiness:UpdateUser",
      "qbusiness:ListGroups",
    ],
    [applicationArn, indexArn, `${indexArn}/data-source/*`],
  ),
  allow(
    "UseSubnet",
    ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
    [`${ec2}:subnet/subnet-0a1b2c3d4e5f60718`, `${ec2}:security-group/sg-0f1e2d3c4b5a69788`],
  ),
  allow(
    "MakeInterface",
    ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
    `${ec2}:network-interface/*`,
    {
      StringLike: { "aws:RequestTag/AMAZON_Q": zoneTag },
      "ForAllValues:StringEquals": { "aws:TagKeys": ["AMAZON_Q"] },
    },
  ),
  allow("TagInterface", ["ec2:CreateTags"], `${ec2}:network-interface/*`, {
    StringEquals: { "ec2:CreateAction": "CreateNetworkInterface" },
  }),
  allow("LendInterface", ["ec2:CreateNetworkInterfacePermission"], `${ec2}:network-interface/*`, {
    StringLike: { "aws:ResourceTag/AMAZON_Q": zoneTag },
  }),
  allow(
    "LookAround",
    ["Subnets", "Vpcs", "NetworkInterfaces", "Regions", "AvailabilityZones"].map(
      (what) => `ec2:Describe${what}`,
    ),
    "*",
  ),
  allow("Decrypt", ["kms:Decrypt"], `arn:aws:kms:us-east-1:${account}:key/*`, {
    StringLike: { "kms:ViaService": ["s3.*.amazonaws.com", "secretsmanager.*.amazonaws.com"] },
  }),
);

function allow(
  Sid: string,
  Action: readonly string[],
  Resource: string | readonly string[],
  Condition?: object,
): object {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}
