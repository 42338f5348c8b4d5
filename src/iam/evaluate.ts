// The order of "Policy evaluation logic" in the IAM user guide: a Deny anywhere ends it; otherwise
// each layer that applies must allow, and which ones apply depends on how the resource policy
// names the caller.

import { servicePrefix } from "./action-pattern.ts";
import { isAccountId, splitArn } from "./arn.ts";
import {
  type CompiledPolicy,
  type CompiledStatement,
  type Question,
  visitApplying,
} from "./compile.ts";
import { factsOf } from "./condition.ts";
import { type RequestContext, emptyContext, requestContext } from "./context.ts";
import { grantCoverage } from "./key-grant.ts";
import { covers } from "./principal-match.ts";
import { isServiceLinkedRole, principalAccount } from "./principal.ts";
import type {
  AuthorizationRequest,
  Decision,
  Ground,
  PolicyLayer,
  PolicySet,
  PolicyType,
  ResourceInput,
} from "./request.ts";

/**
 * Decides a request. Pure: the same request and policies give the same decision. A request that
 * touches several resources is as allowed as the least allowed of them; one that touches none is
 * denied. Only a programming error throws, and a caller must treat that as a denial.
 *
 *     evaluate(
 *       { principal, action: "s3:GetObject", resources: [{ arn: "arn:aws:s3:::docs/a.pdf" }] },
 *       { identity: compile(policy) },
 *     ) // { decision: "allow", because: [ … ], … }
 */
export function evaluate(request: AuthorizationRequest, policies: PolicySet): Decision {
  const context = request.context === undefined ? emptyContext : requestContext(request.context);
  const action = request.action.toLowerCase();
  const service = servicePrefix(action) ?? "";
  let weakest: Decision | undefined;
  for (const resource of request.resources) {
    const own = resource.context === undefined ? undefined : requestContext(resource.context);
    const facts = factsOf(request.principal, context, own);
    const question = { action, service, resource: resource.arn, facts };
    const decision = decideOne(question, policies, resource);
    if (decision === undefined) continue;
    if (decision.decision === "explicitDeny") return decision;
    if (weakest?.decision !== "implicitDeny") weakest = decision;
  }
  return weakest ?? implicitDeny("identity", request.resources[0]?.arn ?? "");
}

/** Undefined when the resource is only a parent that nothing denies. */
function decideOne(
  question: Question,
  policies: PolicySet,
  resource: ResourceInput,
): Decision | undefined {
  const situation = situationOf(question, policies, resource);
  const denied = findDeny(situation);
  if (denied !== undefined) return denied;
  return resource.isParent === true ? undefined : grant(situation);
}

/** A question with what follows from its resource. */
interface Situation {
  readonly question: Question;
  readonly policies: PolicySet;
  readonly resourcePolicy: PolicyLayer | undefined;
  /** Roles and keys: their own policy must allow, an identity policy alone never suffices. */
  readonly rule: "plain" | "trust" | "key";
  readonly isSameAccount: boolean;
}

function situationOf(question: Question, policies: PolicySet, resource: ResourceInput): Situation {
  const resourcePolicy = resource.policy ?? policies.resource;
  const owner = resource.account ?? accountInArn(resource.arn);
  const caller = principalAccount(question.facts.principal);
  // A resource with a policy but no known owner might be anybody's: both sides must allow.
  const isSameAccount = owner === undefined ? resourcePolicy === undefined : owner === caller;
  return { question, policies, resourcePolicy, rule: ruleOf(question), isSameAccount };
}

function accountInArn(arn: string): string | undefined {
  const account = splitArn(arn)?.[4];
  return account !== undefined && isAccountId(account) ? account : undefined;
}

/** Actions whose resource is the role to be assumed; its trust policy speaks for it. */
const trustActions = new Set([
  "sts:assumerole",
  "sts:assumerolewithsaml",
  "sts:assumerolewithwebidentity",
  "sts:tagsession",
  "sts:setsourceidentity",
  "sts:setcontext",
]);

function ruleOf({ action, service, resource }: Question): Situation["rule"] {
  if (service === "kms" && resource.includes(":key/")) return "key";
  return trustActions.has(action) && resource.includes(":role/") ? "trust" : "plain";
}

function findDeny({ question, policies, resourcePolicy, rule }: Situation): Decision | undefined {
  const { principal } = question.facts;
  const resourceType: PolicyType = rule === "trust" ? "trust" : "resource";
  if (principalAccount(principal) !== undefined) {
    const found =
      denyIn(policies.identity, "identity", question) ??
      denyIn(policies.boundary, "boundary", question) ??
      denyIn(policies.session, "session", question) ??
      (isServiceLinkedRole(principal) ? undefined : denyInLevels(policies.scp, "scp", question));
    if (found !== undefined) return found;
  }
  return (
    denyIn(resourcePolicy, resourceType, question) ??
    (isServiceLinkedRole(principal) ? undefined : denyInLevels(policies.rcp, "rcp", question)) ??
    denyIn(policies.endpoint, "endpoint", question)
  );
}

function denyInLevels(
  levels: readonly PolicyLayer[] | undefined,
  policyType: PolicyType,
  question: Question,
): Decision | undefined {
  for (const level of levels ?? []) {
    const found = denyIn(level, policyType, question);
    if (found !== undefined) return found;
  }
  return undefined;
}

function denyIn(
  layer: PolicyLayer | undefined,
  policyType: PolicyType,
  question: Question,
): Decision | undefined {
  const statement = firstApplying(layer, "deny", question);
  if (statement === undefined) return undefined;
  const because = [{ policyType, statement: statement.source }];
  return { decision: "explicitDeny", because, policyType, resource: question.resource };
}

function firstApplying(
  layer: PolicyLayer | undefined,
  effect: "allow" | "deny",
  question: Question,
): CompiledStatement | undefined {
  let found: CompiledStatement | undefined;
  const visit = (statement: CompiledStatement): boolean => {
    found = statement;
    return true;
  };
  for (const policy of policiesOf(layer)) if (visitApplying(policy[effect], question, visit)) break;
  return found;
}

const none: readonly CompiledPolicy[] = [];

function policiesOf(layer: PolicyLayer | undefined): readonly CompiledPolicy[] {
  if (layer === undefined) return none;
  return "statements" in layer ? [layer] : layer;
}

function implicitDeny(policyType: PolicyType, resource: string): Decision {
  return { decision: "implicitDeny", because: [], policyType, resource };
}

/** Nothing denies: does everything allow that must? */
function grant(situation: Situation): Decision {
  const { question, rule } = situation;
  const { principal } = question.facts;
  const because: Ground[] = [];
  const missing = (policyType: PolicyType): Decision => implicitDeny(policyType, question.resource);
  const perimeter = perimeterRefusal(situation, because);
  if (perimeter !== undefined) return missing(perimeter);

  const resourceType: PolicyType = rule === "trust" ? "trust" : "resource";
  // The root user cannot assume roles, whatever a trust policy says.
  if (rule === "trust" && principal.type === "root") return missing("trust");
  const bits = resourceCoverage(situation, because);
  const refusal =
    principalAccount(principal) === undefined
      ? bits === covers.nothing && resourceType
      : accountRefusal(situation, { bits, resourceType, because });
  if (refusal) return missing(refusal);
  return { decision: "allow", because, policyType: undefined, resource: question.resource };
}

/** Organization and network: they never grant, and each that is there must allow. */
function perimeterRefusal(
  { question, policies }: Situation,
  because: Ground[],
): PolicyType | undefined {
  const { principal } = question.facts;
  if (policies.scp !== undefined && principalAccount(principal) !== undefined) {
    const levels = isServiceLinkedRole(principal) ? [] : policies.scp;
    for (const level of levels) if (!allows(level, "scp", question, because)) return "scp";
  }
  const { endpoint } = policies;
  const passes = endpoint === undefined || allows(endpoint, "endpoint", question, because);
  return passes ? undefined : "endpoint";
}

function allows(
  layer: PolicyLayer | undefined,
  policyType: PolicyType,
  question: Question,
  because: Ground[],
): boolean {
  const statement = firstApplying(layer, "allow", question);
  if (statement !== undefined) because.push({ policyType, statement: statement.source });
  return statement !== undefined;
}

/** All the ways in which the resource policy's Allows and the key's grants cover the caller. */
function resourceCoverage(situation: Situation, because: Ground[]): number {
  const { question, policies, resourcePolicy, rule } = situation;
  const policyType: PolicyType = rule === "trust" ? "trust" : "resource";
  let bits: number = covers.nothing;
  for (const policy of policiesOf(resourcePolicy)) {
    visitApplying(policy.allow, question, (statement, covered) => {
      if ((covered & ~bits) !== 0) because.push({ policyType, statement: statement.source });
      bits |= covered;
      return false;
    });
  }
  if (rule !== "key") return bits;
  for (const keyGrant of policies.grants ?? []) {
    const { principal, shared } = question.facts;
    const covered = grantCoverage(keyGrant, question.action, {
      principal,
      context: contextOf(question) ?? shared,
    });
    if ((covered & ~bits) !== 0) because.push({ policyType: "grant", grantId: keyGrant.id ?? "" });
    bits |= covered;
  }
  return bits;
}

function contextOf({ facts }: Question): RequestContext | undefined {
  return facts.own !== undefined && facts.own.encryptionContext.size > 0 ? facts.own : undefined;
}

interface Naming {
  readonly bits: number;
  readonly resourceType: PolicyType;
  readonly because: Ground[];
}

/** Naming any of these in the caller's own account passes boundary and session policy. */
const direct = covers.everyone | covers.user | covers.session;

/** The layer that is missing an Allow for a caller with an account. */
function accountRefusal(
  situation: Situation,
  { bits, resourceType, because }: Naming,
): PolicyType | undefined {
  const { isSameAccount, rule } = situation;
  if (isSameAccount && (bits & direct) !== 0) return undefined;
  if (isSameAccount && (bits & covers.role) !== 0) return limitRefusal(situation, because);
  const isNamed = bits !== covers.nothing;
  if (rule !== "plain" && !isNamed) return resourceType;
  return callerRefusal(situation, because) ?? (isSameAccount || isNamed ? undefined : resourceType);
}

/** The caller's own policies, boundary and session policy together. */
function callerRefusal(situation: Situation, because: Ground[]): PolicyType | undefined {
  const { question, policies } = situation;
  const { principal } = question.facts;
  if (principal.type === "root") return undefined;
  if (!allows(policies.identity, "identity", question, because)) return "identity";
  // A federated session has only what its session policy takes from its user.
  if (principal.type === "federatedUser" && policies.session === undefined) return "session";
  return limitRefusal(situation, because);
}

function limitRefusal(
  { question, policies }: Situation,
  because: Ground[],
): PolicyType | undefined {
  const { boundary, session } = policies;
  if (boundary !== undefined && !allows(boundary, "boundary", question, because)) return "boundary";
  return session === undefined || allows(session, "session", question, because)
    ? undefined
    : "session";
}
