import {
  type ContextValue,
  type Decision,
  denialMessage,
  evaluate,
  type PolicySet,
  type ResourceInput,
} from "../iam/iam.ts";
import type { Caller } from "./caller.ts";
import type { PolicyCache } from "./policy-cache.ts";

/** Keys of one request: text, or a list for keys with many values. */
export type ContextKeys = Readonly<Record<string, ContextValue | undefined>>;

/** What a request says of itself; the global condition keys are made of it. */
export type RequestFacts = {
  readonly now: Date;
  readonly region: string;
  readonly isSecure: boolean;
  readonly sourceIp?: string;
  readonly userAgent?: string;
  readonly referer?: string;
};

/** What is asked: may the caller do this to these? */
export type AccessQuestion = {
  readonly action: string;
  readonly resources: readonly ResourceInput[];
  readonly context?: ContextKeys;
  readonly facts: RequestFacts;
};

/** Allowed, or why not in AWS's words. */
export type AccessVerdict =
  | { readonly isAllowed: true; readonly decision: Decision }
  | { readonly isAllowed: false; readonly decision: Decision; readonly message: string };

/**
 * Decides one call by the caller's policies ("Policy evaluation logic", IAM User Guide). An error
 * on the way is thrown, never read as an Allow.
 */
export async function authorize(
  policies: PolicyCache,
  caller: Caller,
  question: AccessQuestion,
): Promise<AccessVerdict> {
  const set: PolicySet = {
    identity: caller.entityId === undefined ? [] : await policies.identityPolicies(caller.entityId),
    ...(caller.session?.policy === undefined
      ? {}
      : { session: policies.compiled(caller.session.policy, "session", "session policy") }),
  };
  const request = {
    principal: caller.principal,
    action: question.action,
    resources: question.resources,
    context: { ...globalKeys(question.facts, caller), ...question.context },
  };
  const decision = evaluate(request, set);
  return decision.decision === "allow"
    ? { isAllowed: true, decision }
    : { isAllowed: false, decision, message: denialMessage(request, decision) };
}

/** Keys that every request has ("AWS global condition context keys", IAM User Guide). */
export function globalKeys(facts: RequestFacts, caller?: Caller): ContextKeys {
  const { now, session } = { now: facts.now, session: caller?.session };
  return {
    "aws:CurrentTime": now.toISOString(),
    "aws:EpochTime": String(Math.floor(now.getTime() / 1000)),
    "aws:SecureTransport": String(facts.isSecure),
    "aws:SourceIp": facts.sourceIp,
    "aws:UserAgent": facts.userAgent,
    "aws:referer": facts.referer,
    "aws:RequestedRegion": facts.region,
    "aws:ViaAWSService": "false",
    "aws:TokenIssueTime": session?.issuedAt.toISOString(),
    "aws:MultiFactorAuthPresent": session === undefined ? undefined : "false",
  };
}
