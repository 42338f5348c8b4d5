import type { AttachedPolicy } from "./attached-policies.ts";
import { invalidInput, type PolicyIdentifier } from "./simulation-input.ts";

const arnPattern = /^arn:aws[a-z-]{0,20}:iam::(?:\d{12}|aws):policy\/[!-~]{1,1000}$/;

/** Whether a policy is one of those to be left out. */
export type Exclusion = (policy: AttachedPolicy) => boolean;

/**
 * Reads the policies that a simulation is to leave out ("PolicyIdentifier", IAM API Reference): by
 * type, by ARN, or by an inline policy's name and owner. Identifiers that nothing fits are ignored,
 * those of organization policies too.
 *
 * @throws QueryError InvalidInput for a malformed identifier.
 */
export function readExclusions(identifiers: readonly PolicyIdentifier[]): readonly Exclusion[] {
  return identifiers.map((identifier) => {
    const { PolicyType, PolicyArn, InlinePolicyIdentifier: inline } = identifier;
    const given = [PolicyType, PolicyArn, inline].filter((one) => one !== undefined);
    if (given.length !== 1) {
      throw invalidInput(
        "An entry of PolicyExclusionList has exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier.",
      );
    }
    if (PolicyType !== undefined) return ofType(PolicyType);
    if (PolicyArn !== undefined) return ofArn(PolicyArn);
    const owner = globOf(inline?.AttachmentName ?? "");
    return (policy) =>
      policy.use === "inline" &&
      policy.owner.kind === inline?.AttachmentType &&
      policy.name.toLowerCase() === inline.PolicyName.toLowerCase() &&
      owner(policy.owner.name.toLowerCase());
  });
}

/** Whether any of the exclusions takes the policy out. */
export function isExcluded(exclusions: readonly Exclusion[], policy: AttachedPolicy): boolean {
  return exclusions.some((excludes) => excludes(policy));
}

function ofType(type: string): Exclusion {
  if (type === "inline") return ({ use }) => use === "inline";
  if (type === "permission-boundary") return ({ use }) => use === "boundary";
  return (policy) => policy.use === "managed" && policy.type === type;
}

/** Wildcards stand in the name only: what is behind the last slash. */
function ofArn(arn: string): Exclusion {
  const at = arn.lastIndexOf("/") + 1;
  const head = arn.slice(0, at);
  if (!arnPattern.test(arn) || /[*?]/.test(head)) {
    throw invalidInput(`PolicyArn ${arn} is no policy's ARN with wildcards in its name only.`);
  }
  const name = globOf(arn.slice(at));
  return ({ use, arn: own = "" }) => {
    const rest = own.slice(at);
    // What is behind a further slash has another path.
    const isBeside = own.startsWith(head) && !rest.includes("/");
    return use === "managed" && isBeside && name(rest.toLowerCase());
  };
}

/** At most one `*`, any number of `?`: both ends are compared character by character. */
function globOf(pattern: string): (text: string) => boolean {
  const [start = "", end, more] = pattern.toLowerCase().split("*", 3);
  if (more !== undefined) throw invalidInput(`${pattern} has more than one asterisk.`);
  const fits = (part: string, text: string): boolean =>
    part.length === text.length &&
    [...part].every((char, index) => char === "?" || char === text[index]);
  if (end === undefined) return (text) => fits(start, text);
  return (text) =>
    text.length >= start.length + end.length &&
    fits(start, text.slice(0, start.length)) &&
    fits(end, text.slice(text.length - end.length));
}
