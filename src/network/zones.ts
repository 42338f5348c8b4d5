import type { Destination, NetworkConfig, Zone } from "../core/network-config.ts";

/** What a data source says of its network (`vpcConfiguration`). */
export type VpcConfiguration = {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
};

/** A zone under the subnet that names it. */
export type NamedZone = Zone & { readonly subnetId: string };

/** What a data source's network is here. */
export type Route = {
  /** At least one; all of one VPC, which has one kind of backend. */
  readonly zones: readonly [NamedZone, ...NamedZone[]];
  readonly securityGroupIds: readonly string[];
  readonly destinations: readonly Destination[];
};

/** A member that names nothing here, and what is wrong with it, in EC2's words. */
export type VpcFault = { readonly member: keyof VpcConfiguration; readonly message: string };

const idPatterns = {
  subnetIds: { what: "subnet", pattern: /^subnet-[0-9a-f]{8,17}$/ },
  securityGroupIds: { what: "security group", pattern: /^sg-[0-9a-f]{8,17}$/ },
} as const;

/**
 * Finds what a data source names among the zones and security groups that the operator configured.
 * Wording: "Error codes for the Amazon EC2 API".
 */
export function findRoute(
  { zones, securityGroups }: NetworkConfig,
  vpc: VpcConfiguration,
): Route | VpcFault {
  const subnetIds = [...new Set(vpc.subnetIds)];
  const securityGroupIds = [...new Set(vpc.securityGroupIds)];
  const fault =
    unknown("subnetIds", subnetIds, zones) ??
    unknown("securityGroupIds", securityGroupIds, securityGroups);
  if (fault !== undefined) return fault;
  const found = subnetIds.flatMap((subnetId) => {
    const zone = zones[subnetId];
    return zone === undefined ? [] : [{ ...zone, subnetId }];
  });
  const [first, ...others] = found;
  if (first === undefined) return { member: "subnetIds", message: "There is no subnet." };
  const foreign = others.find((zone) => zone.vpcId !== first.vpcId);
  if (foreign !== undefined) {
    const message = `The subnet ID '${foreign.subnetId}' is not of VPC '${first.vpcId}', as '${first.subnetId}' is`;
    return { member: "subnetIds", message };
  }
  const destinations = securityGroupIds.flatMap((id) => securityGroups[id] ?? []);
  return { zones: [first, ...others], securityGroupIds, destinations };
}

function unknown(
  member: keyof VpcConfiguration,
  ids: readonly string[],
  known: Readonly<Record<string, unknown>>,
): VpcFault | undefined {
  const { what, pattern } = idPatterns[member];
  for (const id of ids) {
    if (!pattern.test(id)) return { member, message: `The ${what} ID '${id}' is malformed` };
    if (Object.hasOwn(known, id)) continue;
    return { member, message: `The ${what} ID '${id}' does not exist` };
  }
  return undefined;
}
