// Grants of KMS keys: they only allow, and only the operations and encryption context they name.

import type { RequestContext } from "./context.ts";
import { type PrincipalMatcher, accountOf, coverage, covers } from "./principal-match.ts";
import type { Principal } from "./principal.ts";

export interface KeyGrant {
  readonly id?: string;
  /** ARN of a user, role, session or account, or a service principal. */
  readonly granteePrincipal: string;
  /** `Decrypt`, `GenerateDataKey`, …; as the KMS API spells them. */
  readonly operations: readonly string[];
  readonly constraints?: GrantConstraints;
}

/** Names and values are compared by case; at most one of the two is set. */
export interface GrantConstraints {
  readonly EncryptionContextEquals?: Readonly<Record<string, string>>;
  readonly EncryptionContextSubset?: Readonly<Record<string, string>>;
}

/** Operations whose requests carry no encryption context. */
const withoutContext = new Set(["kms:describekey", "kms:retiregrant"]);

/**
 * The bits of `covers` by which a grant covers the caller for an action (in lower case); zero when
 * it does not. Source: "Grants in AWS KMS" in the KMS developer guide.
 */
export function grantCoverage(
  grant: KeyGrant,
  lowerAction: string,
  caller: { readonly principal: Principal; readonly context: RequestContext },
): number {
  const isGranted = grant.operations.some((name) => `kms:${name.toLowerCase()}` === lowerAction);
  if (!isGranted) return covers.nothing;
  if (!withoutContext.has(lowerAction) && !constraintsHold(grant.constraints, caller.context)) {
    return covers.nothing;
  }
  return coverage(granteeOf(grant.granteePrincipal), caller.principal);
}

function granteeOf(text: string): PrincipalMatcher {
  const account = accountOf(text);
  if (account !== undefined) return { isNot: false, entries: [{ type: "account", account }] };
  if (!text.includes(":")) return { isNot: false, entries: [{ type: "service", name: text }] };
  return { isNot: false, entries: [{ type: "arn", arn: text, pinnedId: undefined }] };
}

function constraintsHold(
  constraints: GrantConstraints | undefined,
  { encryptionContext }: RequestContext,
): boolean {
  const exact = constraints?.EncryptionContextEquals;
  const subset = constraints?.EncryptionContextSubset;
  const holds = (pairs: Readonly<Record<string, string>>): boolean =>
    Object.entries(pairs).every(([name, value]) => encryptionContext.get(name) === value);
  if (exact !== undefined) {
    return Object.keys(exact).length === encryptionContext.size && holds(exact);
  }
  return subset === undefined || holds(subset);
}
