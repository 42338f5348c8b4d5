// How a Principal element covers a caller. The strength matters: naming a session lets it pass its
// boundary, naming its role does not, naming its account only delegates.

import { isAccountId, splitArn } from "./arn.ts";
import type { OwnText } from "./own-text.ts";
import type { PrincipalEntry, Statement } from "./policy.ts";
import { type Principal, principalAccount } from "./principal.ts";

/** Bits of a strength; several entries of one element may cover the same caller. */
export const covers = {
  nothing: 0,
  everyone: 1,
  account: 2,
  /** The role of a session, or the user behind a federated session. */
  role: 4,
  user: 8,
  session: 16,
  service: 32,
  provider: 64,
} as const;

export interface PrincipalMatcher {
  readonly isNot: boolean;
  readonly entries: readonly Entry[];
}

type Entry =
  | { readonly type: "everyone" }
  | { readonly type: "account"; readonly account: string }
  | { readonly type: "arn"; readonly arn: string; readonly pinnedId: string | undefined }
  | { readonly type: "id"; readonly id: string }
  | { readonly type: "service" | "provider" | "canonicalUser"; readonly name: string };

/** Unique ids of the users and roles a saved policy named, by ARN. */
export type PrincipalPins = ReadonlyMap<string, string>;

export interface PrincipalRules {
  readonly pins: PrincipalPins | undefined;
  readonly own: OwnText;
}

export function compilePrincipals(
  statement: Statement,
  rules: PrincipalRules,
): PrincipalMatcher | undefined {
  if (statement.principals === undefined) return undefined;
  return {
    isNot: statement.isNotPrincipal,
    entries: statement.principals.map((entry) => compileEntry(entry, rules)),
  };
}

function compileEntry(
  { key, text: written }: PrincipalEntry,
  { pins, own }: PrincipalRules,
): Entry {
  const text = own(written);
  if (key === "Service") return { type: "service", name: text };
  if (key === "Federated") return { type: "provider", name: text };
  if (key === "CanonicalUser") return { type: "canonicalUser", name: text };
  if (text === "*") return { type: "everyone" };
  const account = accountOf(text);
  if (account !== undefined) return { type: "account", account: own(account) };
  if (!text.startsWith("arn:")) return { type: "id", id: text };
  return { type: "arn", arn: text, pinnedId: pins?.get(text) };
}

/** The account that `111122223333` or `arn:aws:iam::111122223333:root` delegates to. */
export function accountOf(text: string): string | undefined {
  if (isAccountId(text)) return text;
  const parts = splitArn(text);
  return parts?.[2] === "iam" && parts[5] === "root" && isAccountId(parts[4])
    ? parts[4]
    : undefined;
}

/** The bits of `covers` by which the element covers the caller; zero when it does not. */
export function coverage(matcher: PrincipalMatcher, principal: Principal): number {
  if (matcher.isNot) return isSpared(matcher, principal) ? covers.nothing : covers.everyone;
  let bits: number = covers.nothing;
  for (const entry of matcher.entries) bits |= entryCoverage(entry, principal);
  return bits;
}

function entryCoverage(entry: Entry, principal: Principal): number {
  switch (entry.type) {
    case "everyone":
      return covers.everyone;
    case "account":
      return principalAccount(principal) === entry.account ? covers.account : covers.nothing;
    case "service":
      return principal.type === "service" && principal.service === entry.name
        ? covers.service
        : covers.nothing;
    case "provider":
      return principal.type === "provider" && principal.provider === entry.name
        ? covers.provider
        : covers.nothing;
    case "arn":
      return arnCoverage(entry.arn, entry.pinnedId, principal);
    case "id":
      return idCoverage(entry.id, principal);
    default:
      return covers.nothing;
  }
}

function arnCoverage(arn: string, pinnedId: string | undefined, principal: Principal): number {
  // Once saved, a name means the entity that had it then: a new one of the same name is a stranger.
  if (pinnedId !== undefined) return idCoverage(pinnedId, principal);
  if (principal.type === "user") return principal.arn === arn ? covers.user : covers.nothing;
  if (principal.type === "role") {
    if (principal.arn === arn) return covers.session;
    return principal.roleArn === arn ? covers.role : covers.nothing;
  }
  if (principal.type !== "federatedUser") return covers.nothing;
  if (principal.arn === arn) return covers.session;
  return principal.userArn === arn ? covers.role : covers.nothing;
}

function idCoverage(id: string, principal: Principal): number {
  if (principal.type === "user" && principal.uniqueId === id) return covers.user;
  return principal.type === "role" && principal.uniqueId === id ? covers.role : covers.nothing;
}

/**
 * NotPrincipal spares a caller only when every one of its names is listed: the account, and the
 * user, or the role and the session. Source: "IAM JSON policy elements: NotPrincipal".
 */
function isSpared(matcher: PrincipalMatcher, principal: Principal): boolean {
  let bits: number = covers.nothing;
  for (const entry of matcher.entries) bits |= entryCoverage(entry, principal);
  if ((bits & covers.everyone) !== 0) return true;
  const needed = namesNeeded[principal.type];
  return needed !== covers.nothing && (bits & needed) === needed;
}

const namesNeeded: Readonly<Record<Principal["type"], number>> = {
  user: covers.account | covers.user,
  role: covers.account | covers.role | covers.session,
  federatedUser: covers.account | covers.session,
  root: covers.account,
  service: covers.service,
  provider: covers.provider,
  anonymous: covers.nothing,
};
