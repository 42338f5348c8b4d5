// Which resource types and tag keys some actions take, for checks of dead grants. The qbusiness
// part comes from its own table; of EC2 only what a connector in a VPC needs is known.

import { qbusinessActions, qbusinessResourceTypes } from "./qbusiness-actions.ts";

export interface ActionFacts {
  /** Pieces of the ARN's resource part: `subnet/…`; empty for actions on `*`. */
  readonly resourceTypes: readonly string[];
  /** Types that the service reference marks as required, all at once. */
  readonly required: readonly string[];
  /** Whether the request can carry tags (`aws:RequestTag/…`, `aws:TagKeys`). */
  readonly takesRequestTags: boolean;
}

const ec2: Readonly<Record<string, ActionFacts>> = {
  "ec2:createnetworkinterface": facts(["network-interface", "subnet", "security-group"], true),
  "ec2:deletenetworkinterface": facts(["network-interface"], false),
  "ec2:createnetworkinterfacepermission": facts(["network-interface"], false),
  "ec2:describesubnets": facts([], false),
  "ec2:describevpcs": facts([], false),
  "ec2:describeregions": facts([], false),
  "ec2:describeavailabilityzones": facts([], false),
  "ec2:describenetworkinterfaces": facts([], false),
  "ec2:describesecuritygroups": facts([], false),
};

function facts(resourceTypes: readonly string[], takesRequestTags: boolean): ActionFacts {
  return { resourceTypes, required: [], takesRequestTags };
}

/** What is known about an action given in lower case; undefined for most services. */
export function actionFacts(lowerAction: string): ActionFacts | undefined {
  if (Object.hasOwn(ec2, lowerAction)) return ec2[lowerAction];
  return qbusinessFacts.get(lowerAction);
}

const qbusinessFacts: ReadonlyMap<string, ActionFacts> = new Map(
  [...qbusinessActions.values()].flatMap(({ name, resources, conditionKeys }) => {
    if (resources === undefined) return [];
    const types = resources.map((type) => qbusinessResourceTypes[type].type);
    const takesRequestTags = conditionKeys.includes("aws:TagKeys");
    return [
      [
        `qbusiness:${name.toLowerCase()}`,
        { resourceTypes: types, required: types, takesRequestTags },
      ],
    ];
  }),
);

/**
 * The type of resource an ARN or pattern names: the last word of its path that stands before an
 * id. Undefined when wildcards leave it open.
 */
export function resourceTypeOf(arn: string): { service: string; type: string } | undefined {
  const parts = arn.split(":");
  const path = parts.slice(5).join(":");
  const words = path.split("/");
  const type = words[words.length - 2];
  const isOpen = [type, parts[2]].some((word) => word === undefined || word.includes("*"));
  if (isOpen || words.length % 2 !== 0) return undefined;
  return { service: parts[2] ?? "", type: type ?? "" };
}
