import {
  arnChain,
  type AuthorizationRequest,
  callContext,
  chainOfArn,
  type CompiledPolicy,
  type ContextValue,
  type Decision,
  denialMessage,
  evaluate,
  evaluatePassRole,
  evaluateQBusiness,
  explain,
  type KeyGrant,
  passedRoles,
  qbusinessActions,
  type PolicySet,
  type Principal,
  type QBusinessCall,
  type QBusinessIds,
  type RequestContext,
  requestContext,
  resourceContext,
  type ResourceInput,
} from "../iam/iam.ts";
import { type Database, type Tag, tags as tagStore } from "../store/store.ts";
import { type AuthorizationDetails, detailsOf } from "./authorization-message.ts";
import type { Caller } from "./caller.ts";
import { createdWithTags } from "./created-resource.ts";
import type { PolicyCache, PrincipalPolicies } from "./policy-cache.ts";
import { contextProviderArn, type SessionUser } from "./session-token.ts";

/** What a request says of itself; the global condition keys are made of it. */
export type RequestFacts = {
  readonly now: Date;
  readonly region: string;
  readonly isSecure: boolean;
  readonly sourceIp: string;
  readonly userAgent?: string;
  readonly referer?: string;
};

/** Keys of one service: text, or a list for keys with many values. */
export type ServiceKeys = Readonly<Record<string, ContextValue | undefined>>;

/** What is asked: may the caller do this to these? */
export type AccessQuestion = {
  readonly action: string;
  readonly resources: readonly ResourceInput[];
  readonly serviceKeys?: ServiceKeys;
  /** Tags that the request sets, and keys of tags that it takes off. */
  readonly tags?: readonly Tag[] | undefined;
  readonly tagKeys?: readonly string[] | undefined;
  /** Services that use the caller's credentials for this, oldest first. */
  readonly calledVia?: readonly string[] | undefined;
  /** Grants of the KMS key that is the resource. */
  readonly grants?: readonly KeyGrant[] | undefined;
  readonly facts: RequestFacts;
};

/** Allowed, or why not in AWS's words. */
export type AccessVerdict =
  | { readonly isAllowed: true; readonly decision: Decision }
  | ExplainedRefusal;

/** A call that the policies do not allow. */
export type AccessRefusal = {
  readonly isAllowed: false;
  readonly decision: Decision;
  readonly message: string;
  /** What was asked; not the call's own action where a role was handed over. */
  readonly action: string;
  /** Sentences, each one change that would help. For the log, not for the caller: they quote. */
  readonly changes: () => readonly string[];
};

/** A refusal with all that there is to say about it, for `encodeAuthorizationMessage`. */
export type ExplainedRefusal = AccessRefusal & { readonly details: () => AuthorizationDetails };

/**
 * Decides one call by the caller's policies ("Policy evaluation logic", IAM User Guide). An error
 * on the way is thrown, never read as an Allow.
 */
export async function authorize(
  policies: PolicyCache,
  caller: Caller,
  { action, resources, serviceKeys, tags, tagKeys, calledVia, grants = [], facts }: AccessQuestion,
): Promise<AccessVerdict> {
  const { principal } = caller;
  const { set: own, principalTags } = await standingOf(policies, caller);
  const set = { ...own, grants };
  const input = { tags, tagKeys };
  const context = contextOf(facts, { caller, input, serviceKeys, principalTags, calledVia });
  const request = { principal, action, resources, context };
  return verdictOf(evaluate(request, set), request, set);
}

/** A call of the service's own API, decoded. */
export type OperationQuestion = {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly facts: RequestFacts;
};

/**
 * Decides a call of the service's API: the operation's own action along the chain of what it
 * names, `qbusiness:TagResource` on what it creates with tags, `qbusiness:PutResourcePolicy` where
 * it changes who may come in, and `iam:PassRole` for every role that it hands over ("Actions,
 * resources, and condition keys for Amazon Q Business", dependent actions).
 */
export async function authorizeOperation(
  { policies, db }: { readonly policies: PolicyCache; readonly db: Database },
  caller: Caller,
  { operation, input, facts }: OperationQuestion,
): Promise<AccessVerdict> {
  const { set, principalTags, readsContext, readsTags } = await standingOf(policies, caller);
  const account = caller.accountId;
  const arns = arnsOf(operation, input, { region: facts.region, account });
  const chain = await Promise.all(
    arns.map(async (arn) => {
      // Looking tags up costs a read for each ARN; only policies that look at them make it needed.
      const tags = readsTags ? await tagStore.list(db.read, arn) : [];
      if (!readsContext) return { arn, account };
      return { arn, account, context: resourceContext({ account, tags: recordOf(tags) }) };
    }),
  );
  const { principal } = caller;
  const context = readsContext ? contextOf(facts, { caller, input, principalTags }) : noContext;
  const own = operationVerdict({ principal, operation, chain, context }, set);
  if (!own.isAllowed) return own;
  if (needsPolicyRight(operation)) {
    const writing = operationVerdict({ principal, operation: policyRight, chain, context }, set);
    if (!writing.isAllowed) return writing;
  }
  const created = createdWithTags({ operation, input, facts, account, parents: chain });
  if (created !== undefined) {
    const call = { principal, operation: "TagResource", chain: created, context };
    const tagging = operationVerdict(call, set);
    if (!tagging.isAllowed) return tagging;
  }
  return passingVerdict({ operation, input, facts, principal, arns, set }) ?? own;
}

/** Who lets others in changes the application's own policy. */
const policyRight = "PutResourcePolicy";

function needsPolicyRight(operation: string): boolean {
  const dependent = qbusinessActions.get(operation)?.dependentActions;
  return dependent?.includes(`qbusiness:${policyRight}`) === true;
}

/** For policies that look at no key at all, which most calls of the root user and of tests meet. */
const noContext = requestContext({});

function operationVerdict(call: QBusinessCall, set: PolicySet): AccessVerdict {
  const decision = evaluateQBusiness(call, set);
  const { principal, operation, chain, context = {} } = call;
  const target = chain.length - 1;
  const resources = chain.map((one, at) => (at < target ? { ...one, isParent: true } : one));
  const request = { principal, action: `qbusiness:${operation}`, resources, context };
  return verdictOf(decision, request, set);
}

/** The refusal of the first role that may not be handed over. */
function passingVerdict({
  operation,
  input,
  facts,
  principal,
  arns,
  set,
}: OperationQuestion & {
  readonly principal: Principal;
  readonly arns: readonly string[];
  readonly set: PolicySet;
}): AccessVerdict | undefined {
  for (const roleArn of passedRoles(operation, input)) {
    const service = "qbusiness.amazonaws.com";
    const associatedResourceArn = arns.at(-1) ?? "*";
    const own = { "aws:SourceIp": facts.sourceIp, "aws:RequestedRegion": facts.region };
    const call = { principal, roleArn, service, associatedResourceArn, context: own };
    const passing = evaluatePassRole(call, set);
    if (passing.decision === "allow") continue;
    const keys = {
      "iam:PassedToService": service,
      "iam:AssociatedResourceArn": call.associatedResourceArn,
    };
    const resources = [{ arn: roleArn }];
    const request = { principal, action: "iam:PassRole", resources, context: { ...own, ...keys } };
    return verdictOf(passing, request, set);
  }
  return undefined;
}

/** The tagging operations name their target by ARN, all others by ids in path or body. */
function arnsOf(
  operation: string,
  input: Readonly<Record<string, unknown>>,
  place: Pick<QBusinessIds, "region" | "account">,
): readonly string[] {
  const { resourceARN } = input;
  if (typeof resourceARN === "string") return chainOfArn(resourceARN) ?? [resourceARN];
  const ids = Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) =>
      name.endsWith("Id") && typeof value === "string" ? [[name, idInArn(value)]] : [],
    ),
  );
  return arnChain(operation, { ...ids, ...place });
}

/** Ids of subscriptions are free text: what would make two parts of one must not stand in an ARN. */
function idInArn(id: string): string {
  return id.replaceAll(/[/:]/g, encodeURIComponent);
}

const rootRights = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

/** What decides about a caller, from one snapshot of what is stored. */
type Standing = {
  readonly set: PolicySet;
  readonly principalTags: Readonly<Record<string, string>>;
  readonly readsContext: boolean;
  readonly readsTags: boolean;
};

async function standingOf(policies: PolicyCache, caller: Caller): Promise<Standing> {
  const { entityId, session } = caller;
  const stored = await policies.principal({ entityId, sessionPolicyArns: session?.policyArns });
  const { boundary } = stored;
  // Somebody whom the root user federates has of its rights what the session's policies leave.
  const isOfRoot = caller.principal.type === "federatedUser" && entityId === undefined;
  const identity = isOfRoot
    ? policies.compiled(rootRights, "identity", "root user")
    : stored.identity;
  const limits = sessionPolicies(policies, session, stored.session);
  return {
    set: {
      identity,
      ...(boundary !== undefined && { boundary }),
      ...(limits !== undefined && { session: limits }),
    },
    principalTags: principalTagsOf(stored.tags, session),
    // An inline session policy is not among those that were looked at.
    readsContext: stored.readsContext || session?.policy !== undefined,
    readsTags: stored.readsTags || session?.policy !== undefined,
  };
}

/** What AssumeRole was given: inline, by ARN, or both; together they are one limit. */
function sessionPolicies(
  policies: PolicyCache,
  session: Caller["session"],
  managed: PrincipalPolicies["session"],
): readonly CompiledPolicy[] | undefined {
  const { policy } = session ?? {};
  if (policy === undefined && managed.length === 0) return undefined;
  const inline =
    policy === undefined ? [] : [policies.compiled(policy, "session", "session policy")];
  const known = managed.filter((found) => found !== undefined);
  // One is gone, and its Denies with it: no policy at all allows the session anything more.
  if (known.length < managed.length) return [];
  return [...inline, ...known];
}

function verdictOf(
  decision: Decision,
  request: AuthorizationRequest,
  set: PolicySet,
): AccessVerdict {
  if (decision.decision === "allow") return { isAllowed: true, decision };
  const message = denialMessage(request, decision);
  // Only who reads it pays for it: an explanation looks at every statement.
  const changes = (): readonly string[] => explain(request, set).changes;
  const details = (): AuthorizationDetails => detailsOf(request, explain(request, set));
  return { isAllowed: false, decision, message, action: request.action, changes, details };
}

/** Keys that the request has ("AWS global condition context keys", IAM User Guide). */
export function contextOf(
  facts: RequestFacts,
  about: {
    readonly caller?: Caller;
    readonly input?: Readonly<Record<string, unknown>>;
    readonly serviceKeys?: ServiceKeys | undefined;
    readonly principalTags?: Readonly<Record<string, string>>;
    readonly calledVia?: readonly string[] | undefined;
  },
): RequestContext {
  const session = about.caller?.session;
  const { tags, tagKeys } = about.input ?? {};
  return callContext({
    now: facts.now,
    isSecureTransport: facts.isSecure,
    origin: { sourceIp: facts.sourceIp },
    userAgent: facts.userAgent,
    requestedRegion: facts.region,
    ...(about.calledVia !== undefined && { calledVia: about.calledVia }),
    ...(session && {
      temporaryCredentials: { issuedAt: session.issuedAt, isMfaAuthenticated: false },
    }),
    ...(Array.isArray(tags) && { requestTags: recordOf(tags as TagList) }),
    ...(Array.isArray(tagKeys) && { tagKeys: tagKeys as readonly string[] }),
    ...(facts.referer !== undefined && { referer: facts.referer }),
    serviceKeys: { ...personKeys(session?.user), ...about.serviceKeys },
    ...(about.principalTags !== undefined && { principalTags: about.principalTags }),
    ...(session?.sourceIdentity !== undefined && { sourceIdentity: session.sourceIdentity }),
  });
}

/** Who vouched for the person behind a session, and which one it is of a directory. */
function personKeys(user: SessionUser | undefined): ServiceKeys {
  if (user === undefined) return {};
  return user.providerArn === contextProviderArn
    ? { "identitystore:UserId": user.subject }
    : { "aws:FederatedProvider": user.providerArn };
}

/** Tags of the user or role; those of the session win ("Passing session tags", IAM User Guide). */
function principalTagsOf(
  own: TagList,
  session: Caller["session"],
): Readonly<Record<string, string>> {
  const tags = session?.tags ?? {};
  const overridden = new Set(Object.keys(tags).map((key) => key.toLowerCase()));
  const kept = own.filter(({ key }) => !overridden.has(key.toLowerCase()));
  return { ...recordOf(kept), ...tags };
}

type TagList = readonly Tag[];

function recordOf(tags: TagList): Readonly<Record<string, string>> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
