import type { Principal } from "../iam/iam.ts";
import type { WebIdentity } from "./oidc.ts";
import type { SessionUser } from "./session-token.ts";

/** The IAM principal behind a request, proven by a signature or made by the service itself. */
export type Caller = {
  readonly principal: Principal;
  readonly accountId: string;
  /** The user's or role's unique id, whose policies apply; undefined for the root user. */
  readonly entityId: string | undefined;
  /** The user's own key that signed, where one did. */
  readonly accessKeyId?: string;
  /** Temporary credentials only. */
  readonly session?: {
    readonly issuedAt: Date;
    readonly expiresAt: Date;
    /** The policy that AssumeRole was given, which only takes away. */
    readonly policy?: string;
    /** Managed policies that limit it besides. */
    readonly policyArns?: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
    /** Tags that roles assumed with this session inherit. */
    readonly transitiveTagKeys?: readonly string[];
    readonly sourceIdentity?: string;
    /** The person whom an identity provider vouched for when the session was made. */
    readonly user?: SessionUser;
  };
  /** What an unsigned call of STS brought: proven, and not a session yet. */
  readonly webIdentity?: WebIdentity;
};

/** How logs and messages name a caller. */
export function callerName(caller: Caller): string {
  return "arn" in caller.principal ? caller.principal.arn : caller.principal.type;
}

/**
 * What owns conversations that a caller starts on behalf of nobody in particular: the user or the
 * role, not the session, because sessions are renewed every hour.
 */
export function ownerOf(caller: Caller): string {
  // A user can vouch for many people, who are not each other.
  if (caller.principal.type === "federatedUser") return `principal:${caller.principal.arn}`;
  return `principal:${caller.entityId ?? "root"}`;
}
