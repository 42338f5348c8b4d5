import { seal, unseal } from "./sealing.ts";

/**
 * The person behind a session, as an identity provider knows them. Neither tags nor names of
 * sessions say who somebody is: whoever may assume a role can choose those.
 */
export type SessionUser = {
  /** What the provider never gives to anybody else. */
  readonly subject: string;
  /** ARN of the IAM OIDC provider, or of the context provider. */
  readonly providerArn: string;
  /** The client that the token was made for; of OIDC providers only. */
  readonly audience?: string;
  /** As the provider asserted it. */
  readonly email?: string;
  readonly groups?: readonly string[];
};

/** Who vouches for identity-aware sessions ("Identity-aware sessions", IAM Identity Center). */
export const contextProviderArn = "arn:aws:iam::aws:contextProvider/IdentityCenter";

/** What a session token says; only this installation can write or read one. */
export type SessionClaims = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Id of the role, or of the user whom the session is of; empty for the root user's. */
  readonly roleId: string;
  /** Of a role's session, or of the federated user. */
  readonly sessionName: string;
  /** Sessions that no role stands behind: of the user itself, or of somebody it federates. */
  readonly of?: "user" | "federatedUser";
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** The session policy that AssumeRole was given. */
  readonly policy?: string;
  /** Managed policies that limit it besides. */
  readonly policyArns?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  readonly user?: SessionUser;
};

const purpose = "session token";

/**
 * Writes a session token: opaque, so that any process with the installation's key knows the
 * session without having stored it.
 */
export function writeSessionToken(key: Uint8Array, claims: SessionClaims): string {
  const { issuedAt, expiresAt, ...rest } = claims;
  return seal(
    key,
    purpose,
    JSON.stringify({ ...rest, issuedAt: issuedAt.getTime(), expiresAt: expiresAt.getTime() }),
  );
}

/** Reads a token that we wrote; undefined for every other text. Expiry is the verifier's to check. */
export function readSessionToken(key: Uint8Array, token: string): SessionClaims | undefined {
  const text = unseal(key, purpose, token);
  if (text === undefined) return undefined;
  const { issuedAt, expiresAt, ...rest } = JSON.parse(text) as Omit<
    SessionClaims,
    "issuedAt" | "expiresAt"
  > & { readonly issuedAt: number; readonly expiresAt: number };
  return { ...rest, issuedAt: new Date(issuedAt), expiresAt: new Date(expiresAt) };
}
