// Who makes a request. The identity module knows ids and paths; `principalFromArn` serves tools
// that have only an ARN, such as the policy simulator.

import { isAccountId, splitArn } from "./arn.ts";

/** An IAM user, called with its own keys or a session of its own (GetSessionToken). */
export interface UserPrincipal {
  readonly type: "user";
  readonly arn: string;
  readonly account: string;
  readonly name: string;
  /** `AIDA…`: what a saved policy names instead of the ARN. */
  readonly uniqueId?: string;
}

/** A session of a role. Conditions see the role's ARN, messages the session's. */
export interface RolePrincipal {
  readonly type: "role";
  /** With the role's path: `arn:aws:iam::111122223333:role/app/Reader`. */
  readonly roleArn: string;
  /** Without it: `arn:aws:sts::111122223333:assumed-role/Reader/session`. */
  readonly arn: string;
  readonly account: string;
  readonly sessionName: string;
  /** `AROA…`. */
  readonly uniqueId?: string;
}

/** A GetFederationToken session: what its user may do, cut down by its session policy. */
export interface FederatedUserPrincipal {
  readonly type: "federatedUser";
  readonly arn: string;
  readonly account: string;
  readonly name: string;
  /** ARN of the user that asked for the session. */
  readonly userArn?: string;
}

export interface RootPrincipal {
  readonly type: "root";
  readonly arn: string;
  readonly account: string;
}

/** An AWS service acting by itself, not with a role. */
export interface ServicePrincipal {
  readonly type: "service";
  readonly service: string;
}

/** An outside identity before it has a role: AssumeRoleWithSAML and AssumeRoleWithWebIdentity. */
export interface ProviderPrincipal {
  readonly type: "provider";
  /** ARN of the SAML or OIDC provider, or the provider's own name. */
  readonly provider: string;
}

/** An unsigned call. */
export interface AnonymousPrincipal {
  readonly type: "anonymous";
}

export type Principal =
  | UserPrincipal
  | RolePrincipal
  | FederatedUserPrincipal
  | RootPrincipal
  | ServicePrincipal
  | ProviderPrincipal
  | AnonymousPrincipal;

export interface PrincipalHints {
  /** The role's ARN with its path; a session's ARN does not tell the path. */
  readonly roleArn?: string;
  readonly uniqueId?: string;
}

/**
 * Reads a principal from its ARN, a service principal's name or the word `anonymous`.
 * Undefined when the text is none of these.
 *
 *     principalFromArn("arn:aws:sts::111122223333:assumed-role/Reader/s1")
 */
export function principalFromArn(text: string, hints: PrincipalHints = {}): Principal | undefined {
  if (text === "anonymous") return { type: "anonymous" };
  if (text.endsWith(".amazonaws.com")) return { type: "service", service: text };
  const parts = splitArn(text);
  if (parts === undefined) return undefined;
  const [, partition, service, , account, resource] = parts;
  if (!isAccountId(account)) return undefined;
  const [kind = "", ...names] = resource.split("/");
  const name = names.at(-1) ?? "";
  const id = hints.uniqueId === undefined ? {} : { uniqueId: hints.uniqueId };
  if (service === "iam" && resource === "root") return { type: "root", arn: text, account };
  if (name === "") return undefined;
  if (service === "iam" && kind === "user")
    return { type: "user", arn: text, account, name, ...id };
  if (service === "iam" && kind === "role") {
    // Not a caller by itself: tools that simulate a role mean any session of it.
    const arn = `arn:${partition}:sts::${account}:assumed-role/${name}/session`;
    return { type: "role", roleArn: text, arn, account, sessionName: "session", ...id };
  }
  if (service === "sts" && kind === "federated-user") {
    return { type: "federatedUser", arn: text, account, name };
  }
  if (service === "sts" && kind === "assumed-role" && names.length === 2) {
    const roleArn = hints.roleArn ?? `arn:${partition}:iam::${account}:role/${names[0] ?? ""}`;
    return { type: "role", roleArn, arn: text, account, sessionName: name, ...id };
  }
  return undefined;
}

/** The account a principal belongs to; services, providers and unsigned callers have none. */
export function principalAccount(principal: Principal): string | undefined {
  return "account" in principal ? principal.account : undefined;
}

/** How denial messages name the principal. */
export function principalName(principal: Principal): string {
  if ("arn" in principal) return principal.arn;
  if (principal.type === "service") return principal.service;
  return principal.type === "provider" ? principal.provider : "anonymous";
}

/** Organization policies do not reach roles that a service made for itself. */
export function isServiceLinkedRole(principal: Principal): boolean {
  return principal.type === "role" && principal.roleArn.includes(":role/aws-service-role/");
}
