import type { iamShapes } from "../../contract/contract.ts";
import { queryError } from "../../wire/wire.ts";

/** One level of an organization, the root's first. */
export type OrganizationLevel = {
  readonly ServiceControlPolicyInputList?: readonly string[] | undefined;
};

/** Policies to be left out: exactly one of the members is given. */
export type PolicyIdentifier = {
  readonly PolicyType?: string | undefined;
  readonly PolicyArn?: string | undefined;
  readonly InlinePolicyIdentifier?:
    | {
        readonly PolicyName: string;
        readonly AttachmentType: "user" | "group" | "role";
        readonly AttachmentName: string;
      }
    | undefined;
};

/** What both simulations take, and what either does. The wire decodes all of it. */
export type SimulationInput = Omit<iamShapes.SimulateCustomPolicyRequest, "PolicyInputList"> & {
  readonly PolicyInputList?: readonly string[] | undefined;
  readonly OrderedOrganizationPolicyInputList?: readonly OrganizationLevel[] | undefined;
  readonly PolicyExclusionList?: readonly PolicyIdentifier[] | undefined;
};

const actionPattern = /^[a-z0-9-]{1,64}:[A-Za-z0-9_]{1,128}$/i;
const accountPattern = /^(?:arn:aws[a-z-]{0,20}:iam::)?(\d{12})(?::root)?$/;
const ec2Needs: Readonly<Record<string, readonly string[]>> = {
  "EC2-VPC-InstanceStore": ["instance", "image", "security-group", "network-interface"],
  "EC2-VPC-InstanceStore-Subnet": [
    "instance",
    "image",
    "security-group",
    "network-interface",
    "subnet",
  ],
  "EC2-VPC-EBS": ["instance", "image", "security-group", "network-interface", "volume"],
  "EC2-VPC-EBS-Subnet": [
    "instance",
    "image",
    "security-group",
    "network-interface",
    "subnet",
    "volume",
  ],
};

/** A refusal of what a simulation was given. */
export function invalidInput(message: string): Error {
  return queryError("InvalidInput", message);
}

/**
 * Checks what the shapes cannot say: names of actions, forms of ARNs, and the resources that a
 * scenario of Amazon EC2 needs.
 *
 * @throws QueryError InvalidInput.
 */
export function checkSimulation(input: SimulationInput): void {
  const { ActionNames, ResourceHandlingOption: option, ContextEntries = [] } = input;
  const arns = resourceArnsOf(input);
  if (ActionNames.length === 0) throw invalidInput("ActionNames must name at least one action.");
  for (const name of ActionNames) {
    if (actionPattern.test(name)) continue;
    throw invalidInput(`${name} is no action: write service:Name, without wildcards.`);
  }
  for (const arn of arns) {
    if (arn === "*" || isArn(arn)) continue;
    throw invalidInput(`${arn} is neither an ARN nor "*".`);
  }
  const names = ContextEntries.map(({ ContextKeyName: name = "" }) => name.toLowerCase());
  if (new Set(names).size < names.length) {
    throw invalidInput("ContextEntries names a key twice; names of keys ignore case.");
  }
  if ((input.PermissionsBoundaryPolicyInputList ?? []).length > 1) {
    throw invalidInput("PermissionsBoundaryPolicyInputList takes one policy only.");
  }
  if (option !== undefined) checkScenario(option, arns);
}

/** What is simulated; everything where nothing is named. */
export function resourceArnsOf({ ResourceArns = [] }: SimulationInput): readonly string[] {
  return ResourceArns.length === 0 ? ["*"] : ResourceArns;
}

/**
 * The account that owns what an ARN leaves open; undefined where none is given.
 *
 * @throws QueryError InvalidInput.
 */
export function ownerOf({ ResourceOwner: owner }: SimulationInput): string | undefined {
  if (owner === undefined) return undefined;
  const account = accountPattern.exec(owner)?.[1];
  if (account !== undefined) return account;
  throw invalidInput(`ResourceOwner ${owner} is neither an account nor the ARN of one.`);
}

function isArn(text: string): boolean {
  const parts = text.split(":", 6);
  return parts[0] === "arn" && parts.length === 6 && parts[2] !== "" && parts[5] !== "";
}

function checkScenario(option: string, arns: readonly string[]): void {
  const needed = Object.hasOwn(ec2Needs, option) ? ec2Needs[option] : undefined;
  if (needed === undefined) {
    const known = Object.keys(ec2Needs).join(", ");
    throw invalidInput(`ResourceHandlingOption ${option} is none of ${known}.`);
  }
  const kinds = new Set(arns.map((arn) => /^arn:[^:]*:ec2:[^:]*:[^:]*:([a-z-]+)\//.exec(arn)?.[1]));
  const missing = needed.filter((kind) => !kinds.has(kind));
  if (missing.length === 0) return;
  throw invalidInput(`${option} needs resources of more kinds: ${missing.join(", ")}.`);
}
