// What EC2 asks of a role when a service makes, lends and deletes a network interface with it.
// Source: "Actions, resources, and condition keys for Amazon EC2", service authorization reference.

import type { Tags } from "./call-context.ts";

/** An interface in its network. */
export interface InterfacePlace {
  readonly region: string;
  readonly account: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly securityGroupIds: readonly string[];
  readonly interfaceId: string;
  /** Set in the call that makes the interface. */
  readonly tags: Tags;
}

/** One question: may the role do this to that? */
export interface InterfaceCheck {
  readonly action: string;
  readonly arn: string;
  /** Tags that the request sets. */
  readonly requestTags?: Tags;
  /** Keys of the call and of the resource. */
  readonly context: Readonly<Record<string, string>>;
}

/** The service that interfaces are lent to. */
export const authorizedService = "qbusiness.amazonaws.com";

/**
 * What is asked before an interface can be used, in this order: making it in the subnet, in each
 * security group, and itself with its tags; tagging it; lending it to the service.
 */
export function creationChecks(place: InterfacePlace): readonly InterfaceCheck[] {
  const { region, account, subnetId, securityGroupIds, tags } = place;
  const { ec2, vpc, subnet, own, tagged } = keysOf(place);
  const create = "ec2:CreateNetworkInterface";
  const regional = { "ec2:Region": region, "aws:ResourceAccount": account };
  return [
    {
      action: create,
      arn: subnet,
      context: {
        ...regional,
        "ec2:Vpc": vpc,
        "ec2:SubnetID": subnetId,
        "ec2:AvailabilityZone": place.availabilityZone,
      },
      requestTags: tags,
    },
    ...securityGroupIds.map((id) => ({
      action: create,
      arn: `${ec2}:security-group/${id}`,
      context: { ...regional, "ec2:Vpc": vpc, "ec2:SecurityGroupID": id },
      requestTags: tags,
    })),
    // It has no id yet.
    {
      action: create,
      arn: `${ec2}:network-interface/*`,
      context: { ...regional, "ec2:Vpc": vpc, "ec2:Subnet": subnet },
      requestTags: tags,
    },
    {
      action: "ec2:CreateTags",
      arn: interfaceArn(place),
      context: { ...own, ...tagged, "ec2:CreateAction": "CreateNetworkInterface" },
      requestTags: tags,
    },
    {
      action: "ec2:CreateNetworkInterfacePermission",
      arn: interfaceArn(place),
      context: {
        ...own,
        ...tagged,
        "ec2:AuthorizedService": authorizedService,
        "ec2:Permission": "INSTANCE-ATTACH",
      },
    },
  ];
}

/** What is asked before an interface is deleted; a deletion sends no tags, so it has none. */
export function deletionCheck(place: InterfacePlace): InterfaceCheck {
  const { own, tagged } = keysOf(place);
  return {
    action: "ec2:DeleteNetworkInterface",
    arn: interfaceArn(place),
    context: { ...own, ...tagged },
  };
}

function interfaceArn({ region, account, interfaceId }: InterfacePlace): string {
  return `arn:aws:ec2:${region}:${account}:network-interface/${interfaceId}`;
}

function keysOf(place: InterfacePlace) {
  const { region, account, vpcId, subnetId, availabilityZone, interfaceId, tags } = place;
  const ec2 = `arn:aws:ec2:${region}:${account}`;
  const vpc = `${ec2}:vpc/${vpcId}`;
  const subnet = `${ec2}:subnet/${subnetId}`;
  const own = {
    "ec2:Region": region,
    "aws:ResourceAccount": account,
    "ec2:Vpc": vpc,
    "ec2:Subnet": subnet,
    "ec2:AvailabilityZone": availabilityZone,
    "ec2:NetworkInterfaceID": interfaceId,
  };
  // The service has a key of its own for tags, older than the global one.
  const tagged = Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`ec2:ResourceTag/${key}`, value],
    ]),
  );
  return { ec2, vpc, subnet, own, tagged };
}
