// The condition keys a server owes every request, as a typed question: what the type asks for
// cannot be forgotten. Source: "AWS global condition context keys" in the IAM user guide.

import { type ContextValue, type RequestContext, requestContext } from "./context.ts";

export interface TemporaryCredentials {
  readonly issuedAt: Date;
  readonly isMfaAuthenticated: boolean;
  /** Set only when a second factor was used. */
  readonly mfaAgeSeconds?: number;
}

/** How the call reached us: from an address, or through a private endpoint. */
export type Origin =
  | { readonly sourceIp: string }
  | { readonly vpc: string; readonly vpcEndpoint: string; readonly vpcSourceIp: string };

export type Tags = Readonly<Record<string, string>>;

export interface CallFacts {
  readonly now: Date;
  readonly isSecureTransport: boolean;
  readonly origin: Origin;
  readonly userAgent: string | undefined;
  readonly requestedRegion: string;
  /** Tags of the user or role, overridden by those of the session. */
  readonly principalTags?: Tags;
  /** Present for sessions; long-term keys have none of these keys. */
  readonly temporaryCredentials?: TemporaryCredentials;
  /** Tags the request sets. */
  readonly requestTags?: Tags;
  /** Tag keys alone, as UntagResource passes them. */
  readonly tagKeys?: readonly string[];
  /** Services that used the caller's credentials before this call, oldest first. */
  readonly calledVia?: readonly string[];
  readonly principalOrganization?: string;
  readonly sourceIdentity?: string;
  readonly referer?: string;
  /** Keys of one service: `sts:ExternalId`, `kms:ViaService`, `iam:PolicyARN`, …. */
  readonly serviceKeys?: Readonly<Record<string, ContextValue | undefined>>;
}

/** The context of a call; the principal's own keys need not be here, the engine knows them. */
export function callContext(facts: CallFacts): RequestContext {
  const { now, calledVia = [], temporaryCredentials: session } = facts;
  return requestContext({
    ...facts.serviceKeys,
    ...tagged("aws:PrincipalTag/", facts.principalTags),
    ...tagged("aws:RequestTag/", facts.requestTags),
    "aws:TagKeys": facts.tagKeys ?? Object.keys(facts.requestTags ?? {}),
    "aws:CurrentTime": isoSeconds(now),
    "aws:EpochTime": String(Math.floor(now.getTime() / 1000)),
    "aws:SecureTransport": String(facts.isSecureTransport),
    ...originKeys(facts.origin),
    "aws:UserAgent": facts.userAgent,
    "aws:RequestedRegion": facts.requestedRegion,
    "aws:ViaAWSService": String(calledVia.length > 0),
    "aws:CalledVia": calledVia,
    "aws:CalledViaFirst": calledVia[0],
    "aws:CalledViaLast": calledVia.at(-1),
    "aws:TokenIssueTime": session && isoSeconds(session.issuedAt),
    "aws:MultiFactorAuthPresent": session && String(session.isMfaAuthenticated),
    "aws:MultiFactorAuthAge": session?.mfaAgeSeconds?.toString(),
    "aws:PrincipalOrgID": facts.principalOrganization,
    "aws:SourceIdentity": facts.sourceIdentity,
    "aws:referer": facts.referer,
  });
}

export interface ResourceFacts {
  /** The owner, looked up; undefined for a resource that does not exist. */
  readonly account: string | undefined;
  readonly tags?: Tags;
  readonly organization?: string;
}

/** Keys of one resource, for `ResourceInput.context`. */
export function resourceContext({ account, tags, organization }: ResourceFacts): RequestContext {
  return requestContext({
    ...tagged("aws:ResourceTag/", tags),
    "aws:ResourceAccount": account,
    "aws:ResourceOrgID": organization,
  });
}

function tagged(prefix: string, tags: Tags = {}): Record<string, string> {
  const entries = Object.entries(tags).map(([key, value]) => [prefix + key, value] as const);
  return Object.fromEntries(entries);
}

function originKeys(origin: Origin): Record<string, string> {
  if ("sourceIp" in origin) return { "aws:SourceIp": origin.sourceIp };
  // Behind a private endpoint the public address means nothing and is left out.
  return {
    "aws:SourceVpc": origin.vpc,
    "aws:SourceVpce": origin.vpcEndpoint,
    "aws:VpcSourceIp": origin.vpcSourceIp,
  };
}

function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
