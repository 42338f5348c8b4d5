import type { ContextInput } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { passRoleMembers } from "./qbusiness-actions.ts";
import type { Principal } from "./principal.ts";
import type { AuthorizationRequest, Decision, PolicySet, ResourceInput } from "./request.ts";

export interface QBusinessCall {
  readonly principal: Principal;
  /** The API operation, which is also the action's name. */
  readonly operation: string;
  /** From `arnChain`, each with its owner, tags and policy; the target is last. */
  readonly chain: readonly ResourceInput[];
  readonly context?: ContextInput;
}

export interface QBusinessRules {
  /** Demand an Allow on the parents too, as the service reference reads. Default: no. */
  readonly requireParents?: boolean;
  /** Take a grant on the application for a few read actions. Default: yes. */
  readonly parentGrants?: boolean;
}

/** Read actions that AWS's own example policies grant on the application alone. */
export const parentGrantActions: ReadonlySet<string> = new Set([
  "GetWebExperience",
  "GetRetriever",
  "ListPluginActions",
]);

/**
 * Decides a call of the service. A Deny on any ARN of the chain denies; the Allow is asked of the
 * deepest one, because the service's published policies grant no more than that, although the
 * service reference marks the parents as required too.
 */
export function evaluateQBusiness(
  { principal, operation, chain, context }: QBusinessCall,
  policies: PolicySet,
  { requireParents = false, parentGrants = true }: QBusinessRules = {},
): Decision {
  const request = (resources: readonly ResourceInput[]): AuthorizationRequest => ({
    principal,
    action: `qbusiness:${operation}`,
    resources,
    ...(context === undefined ? {} : { context }),
  });
  const target = chain.at(-1);
  if (requireParents || target === undefined) return evaluate(request(chain), policies);
  const parents = chain.slice(0, -1).map((parent) => ({ ...parent, isParent: true }));
  const decision = evaluate(request([...parents, target]), policies);
  const [application] = chain;
  const mayUseParent = parentGrants && parentGrantActions.has(operation) && parents.length > 0;
  if (decision.decision !== "implicitDeny" || !mayUseParent || application === undefined) {
    return decision;
  }
  const byParent = evaluate(request([application]), policies);
  return byParent.decision === "allow" ? byParent : decision;
}

/**
 * The role ARNs that a decoded request hands to the service; each needs `evaluatePassRole`.
 * Members that are absent or no text are skipped: decoding has already judged them.
 */
export function passedRoles(operation: string, input: unknown): readonly string[] {
  const found = new Set<string>();
  for (const member of passRoleMembers.get(operation) ?? []) {
    collect(input, member.split("."), found);
  }
  return [...found];
}

function collect(value: unknown, path: readonly string[], found: Set<string>): void {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (typeof value === "string" && value !== "") found.add(value);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const isList = step.endsWith("[]");
  const name = isList ? step.slice(0, -2) : step;
  const next: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  if (!isList) collect(next, rest, found);
  else if (Array.isArray(next)) for (const item of next) collect(item, rest, found);
}
