import { parsePolicy, type Policy, type PolicyKind } from "../../iam/iam.ts";
import { queryError } from "../../wire/wire.ts";

/**
 * A policy document, or the service's refusal of it.
 *
 * @throws QueryError MalformedPolicyDocument.
 */
export function requirePolicy(document: string, kind: PolicyKind): Policy {
  const parsed = parsePolicy(document, { kind });
  if (parsed.ok) return parsed.policy;
  throw queryError(parsed.refusal.code, parsed.refusal.message);
}
