import type { SessionUser } from "../../identity/identity.ts";
import { queryError } from "../../wire/wire.ts";
import { requirePolicy } from "../iam/policies.ts";
import type { QueryCall } from "../iam/query-operation.ts";

/** Room for what a session carries in its token, which then stays below 4,096 characters. */
const packedBytesMax = 2560;

/** What a session carries besides its keys. */
export type SessionLoad = {
  readonly policy?: string;
  readonly policyArns?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  readonly user?: SessionUser;
};

/**
 * Checks session policies: they only take away ("Session policies", IAM User Guide). Text and ARNs
 * share one quota.
 *
 * @throws QueryError MalformedPolicyDocument, PackedPolicyTooLarge or ValidationError.
 */
export async function checkSessionPolicies(
  { identity, quotas: { iam: quotas } }: QueryCall,
  { policy, policyArns = [] }: Pick<SessionLoad, "policy" | "policyArns">,
): Promise<void> {
  if (policy !== undefined) requirePolicy(policy, "session");
  const size = [policy ?? "", ...policyArns].reduce((sum, text) => sum + text.length, 0);
  const max = quotas.sessionPolicyCharacters;
  if (size > max) throw tooLarge(Math.ceil((size / max) * 100));
  if (policyArns.length > quotas.sessionPolicyArns) {
    throw queryError(
      "ValidationError",
      `A session has at most ${quotas.sessionPolicyArns} managed policies.`,
    );
  }
  for (const arn of policyArns) {
    if ((await identity.policies.managedPolicy(arn, "session")) !== undefined) continue;
    throw queryError("ValidationError", `Policy ${arn} does not exist or is not attachable.`);
  }
}

/**
 * How full the token is, in percent; undefined where the session carries nothing.
 *
 * @throws QueryError PackedPolicyTooLarge.
 */
export function packedSizeOf(load: SessionLoad): number | undefined {
  const { policy, policyArns, tags, user } = load;
  const carried = [policy, policyArns, tags, user];
  if (carried.every((part) => part === undefined)) return undefined;
  const percent = Math.ceil((Buffer.byteLength(JSON.stringify(load)) / packedBytesMax) * 100);
  if (percent > 100) throw tooLarge(percent);
  return percent;
}

function tooLarge(percent: number): Error {
  return queryError(
    "PackedPolicyTooLarge",
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}
