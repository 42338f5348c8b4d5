import { queryError } from "../../wire/wire.ts";
import { iamLimits } from "../iam/limits.ts";
import { requirePolicy } from "../iam/policies.ts";

/** Room for what a session carries in its token, which then stays below 4,096 characters. */
const packedBytesMax = 2560;

/** What a session carries besides its keys. */
export type SessionLoad = {
  readonly policy?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
};

/**
 * Checks a session policy: it only takes away ("Session policies", IAM User Guide).
 *
 * @throws QueryError MalformedPolicyDocument or PackedPolicyTooLarge.
 */
export function checkSessionPolicy(document: string | undefined): void {
  if (document === undefined) return;
  requirePolicy(document, "session");
  const max = iamLimits.sessionPolicyCharacters;
  if (document.length > max) throw tooLarge(Math.ceil((document.length / max) * 100));
}

/**
 * How full the token is, in percent; undefined where the session carries nothing.
 *
 * @throws QueryError PackedPolicyTooLarge.
 */
export function packedSizeOf(load: SessionLoad): number | undefined {
  if (load.policy === undefined && load.tags === undefined) return undefined;
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
