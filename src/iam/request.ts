// What is asked of the engine, what it looks at, and what it answers.

import type { CompiledPolicy, StatementSource } from "./compile.ts";
import type { ContextInput } from "./context.ts";
import type { KeyGrant } from "./key-grant.ts";
import type { Principal } from "./principal.ts";

export interface ResourceInput {
  /** The resource's ARN, or `*` for actions without resource-level support. */
  readonly arn: string;
  /** The owner, looked up: an ARN need not name it, and may name another. */
  readonly account?: string;
  /** Keys of this resource alone, such as `aws:ResourceTag/…` and `aws:ResourceAccount`. */
  readonly context?: ContextInput;
  /** This resource's own policy, where a call touches several resources. */
  readonly policy?: CompiledPolicy;
  /** A parent on the way to the real target: a Deny on it counts, an Allow is not asked for. */
  readonly isParent?: boolean;
}

export interface AuthorizationRequest {
  readonly principal: Principal;
  /** `service:Name`; case does not matter. */
  readonly action: string;
  /** Every resource the call touches; each must be allowed. */
  readonly resources: readonly ResourceInput[];
  readonly context?: ContextInput;
}

/** One policy, or several that apply together. */
export type PolicyLayer = CompiledPolicy | readonly CompiledPolicy[];

/** All that applies to a request. What is absent does not restrict, and does not grant either. */
export interface PolicySet {
  /** The user's own and its groups', or the role's. */
  readonly identity?: PolicyLayer;
  /** The resource's policy; of a role its trust policy, of a key its key policy. */
  readonly resource?: PolicyLayer;
  readonly boundary?: PolicyLayer;
  /** What AssumeRole or GetFederationToken were given. */
  readonly session?: PolicyLayer;
  /** Service control policies of the caller's account: a list per level, root first. */
  readonly scp?: readonly PolicyLayer[];
  /** Resource control policies of the resource's account; the full-access default is implied. */
  readonly rcp?: readonly PolicyLayer[];
  /** The policy of the VPC endpoint the call came through. */
  readonly endpoint?: PolicyLayer;
  /** Grants of the KMS key that is the resource. */
  readonly grants?: readonly KeyGrant[];
}

export type PolicyType =
  | "identity"
  | "resource"
  | "boundary"
  | "session"
  | "scp"
  | "rcp"
  | "endpoint"
  | "trust";

/** A statement or a grant that decided. */
export type Ground =
  | { readonly policyType: PolicyType; readonly statement: StatementSource }
  | { readonly policyType: "grant"; readonly grantId: string };

export interface Decision {
  readonly decision: "allow" | "implicitDeny" | "explicitDeny";
  /** The granting statements, or the denying one; empty when nothing granted. */
  readonly because: readonly Ground[];
  /** The kind of policy that denied, or that was missing an Allow. */
  readonly policyType: PolicyType | undefined;
  /** The resource that decided: the first denied one, else the last. */
  readonly resource: string;
}
