// Tokens of OpenID Connect issuers: who an issuer says somebody is, checked from the signature to
// the last claim. A *provider* is an issuer as an account knows it, with the clients it admits.
import { createHash } from "node:crypto";
import { FetchProblem } from "./oidc-fetch.ts";
import { textsIn, tokenTagsOf, type TokenTags } from "./oidc-claims.ts";
import type { Issuer, IssuerKeys } from "./oidc-issuers.ts";
import { isSignedBy, type Jwt, parseJwt } from "./oidc-jwt.ts";

/** An issuer that an account has registered. */
export type OidcProvider = {
  /** `arn:aws:iam::111122223333:oidc-provider/id.example.com/tenant`. */
  readonly arn: string;
  readonly issuer: Issuer;
  /** Clients whose tokens count. */
  readonly clientIds: readonly string[];
};

/** Somebody whom an issuer vouches for. */
export type WebIdentity = {
  readonly providerArn: string;
  /** The issuer in names of condition keys: `id.example.com/tenant`. */
  readonly providerName: string;
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
  readonly methods: readonly string[];
  /** Digest of the token's own id, where it has one: such a token counts once. */
  readonly tokenIdHash: string | undefined;
  readonly expiresAt: Date;
  /** The e-mail address, where the issuer says that it has verified it, or gives it as a tag. */
  readonly email: string | undefined;
  readonly groups: readonly string[];
} & TokenTags;

/** Codes of STS's errors for tokens. */
export type TokenFault =
  | "ExpiredTokenException"
  | "IDPCommunicationError"
  | "IDPRejectedClaim"
  | "InvalidIdentityToken";

/** Who it is, or why the token does not count. */
export type TokenVerdict =
  | { readonly ok: true; readonly identity: WebIdentity }
  | { readonly ok: false; readonly code: TokenFault; readonly message: string };

/** What checking a token takes. */
export type TokenCheck = {
  readonly token: string;
  readonly now: Date;
  /** The provider that an `iss` stands for, where one is registered. */
  readonly findProvider: (issuerUrl: string) => Promise<OidcProvider | undefined>;
};

/** Clocks of issuers and ours differ a little. */
const skewMs = 60_000;
const issuerLengthMax = 2048;
const subjectLengthMax = 255;

/**
 * Checks an ID token ("OpenID Connect Core 1.0", section 3.1.3.7; "AssumeRoleWithWebIdentity", AWS
 * STS API Reference). The issuer is looked at first, because only registered ones are asked for
 * their keys; nothing else of a token counts before its signature does.
 */
export async function checkToken(
  keys: IssuerKeys,
  { token, now, findProvider }: TokenCheck,
): Promise<TokenVerdict> {
  const jwt = parseJwt(token);
  if (jwt === undefined) return invalid("The ID Token provided is not a valid JWT.");
  const { iss } = jwt.claims;
  if (typeof iss !== "string" || iss.length > issuerLengthMax) {
    return invalid("The ID Token provided names no issuer.");
  }
  const provider = await findProvider(iss);
  if (provider === undefined) {
    return invalid(`No OpenIDConnect provider found in your account for ${iss}`);
  }
  const problem = await signatureProblem(keys, { jwt, provider, now });
  return problem ?? claimsVerdict(jwt.claims, provider, now);
}

async function signatureProblem(
  keys: IssuerKeys,
  about: { readonly jwt: Jwt; readonly provider: OidcProvider; readonly now: Date },
): Promise<TokenVerdict | undefined> {
  const { jwt, provider, now } = about;
  try {
    const candidates = await keys.keysFor(provider.issuer, jwt, now);
    if (candidates.some((key) => isSignedBy(jwt, key))) return undefined;
    return invalid("The signature of the ID Token is of none of its issuer's keys.");
  } catch (error) {
    if (!(error instanceof FetchProblem)) throw error;
    const message = `The keys of ${provider.issuer.url} could not be read: ${error.message}`;
    return { ok: false, code: "IDPCommunicationError", message };
  }
}

function claimsVerdict(claims: Jwt["claims"], provider: OidcProvider, now: Date): TokenVerdict {
  const times = timesVerdict(claims, now);
  if (!("expiresAt" in times)) return times;
  const audience = audienceIn(claims, provider);
  if (audience === undefined) return invalid("Incorrect token audience");
  const { sub, jti } = claims;
  if (typeof sub !== "string" || sub === "" || sub.length > subjectLengthMax) {
    return invalid("The ID Token provided names no subject.");
  }
  const hasId = jti !== undefined;
  if (hasId && typeof jti !== "string") return invalid("The jti of the ID Token is no text.");
  const tags = tokenTagsOf(claims);
  if (tags === undefined) {
    return invalid("The tags or the source identity of the ID Token are not valid.");
  }
  const { arn: providerArn, issuer } = provider;
  const identity: WebIdentity = {
    providerArn,
    providerName: providerNameOf(providerArn),
    issuer: issuer.url,
    audience,
    subject: sub,
    methods: textsIn(claims["amr"]) ?? [],
    tokenIdHash: hasId ? digestOf(providerArn, jti) : undefined,
    ...times,
    ...tags,
    email: verifiedEmail(claims) ?? tags.tags.find(({ Key }) => Key === "Email")?.Value,
    groups: textsIn(claims["groups"]) ?? [],
  };
  return { ok: true, identity };
}

/** An address that a person typed in somewhere is nobody's ("OpenID Connect Core 1.0", 5.1). */
function verifiedEmail({ email, email_verified: isVerified }: Jwt["claims"]): string | undefined {
  return typeof email === "string" && isVerified === true ? email : undefined;
}

function timesVerdict(
  { exp, nbf, iat }: Jwt["claims"],
  now: Date,
): { readonly expiresAt: Date } | Extract<TokenVerdict, { readonly ok: false }> {
  const atMs = now.getTime();
  const [expiresMs, beginsMs, issuedMs] = [msOf(exp), msOf(nbf), msOf(iat)];
  if (expiresMs === undefined || issuedMs === undefined) {
    return invalid("The ID Token provided does not say when it was issued and when it expires.");
  }
  if (atMs >= expiresMs) {
    const times = `current date/time ${Math.floor(atMs / 1000)} must be before the expiration date/time ${Math.floor(expiresMs / 1000)}`;
    return { ok: false, code: "ExpiredTokenException", message: `Token expired: ${times}` };
  }
  const isEarly = issuedMs > atMs + skewMs || (beginsMs ?? 0) > atMs + skewMs;
  if (isEarly || (nbf !== undefined && beginsMs === undefined)) {
    return invalid("The ID Token provided is not valid yet.");
  }
  return { expiresAt: new Date(expiresMs) };
}

/** Seconds since 1970 as milliseconds; undefined for what is no time of any calendar. */
function msOf(seconds: unknown): number | undefined {
  const isTime = typeof seconds === "number" && seconds >= 0 && seconds < 253_402_300_800;
  return isTime ? seconds * 1000 : undefined;
}

/**
 * The client that the token was made for: the authorized party where the token names one, else the
 * only audience. A token for several parties that names none of them could be any one's.
 */
function audienceIn({ aud, azp }: Jwt["claims"], { clientIds }: OidcProvider): string | undefined {
  const audiences = textsIn(aud) ?? [];
  if (azp !== undefined && (typeof azp !== "string" || !audiences.includes(azp))) return undefined;
  const client = azp ?? (audiences.length === 1 ? audiences[0] : undefined);
  return client !== undefined && clientIds.includes(client) ? client : undefined;
}

const providerMark = ":oidc-provider/";

/** What follows `oidc-provider/` in an ARN; empty for other ARNs. */
export function providerNameOf(arn: string): string {
  const at = arn.indexOf(providerMark);
  return at === -1 ? "" : arn.slice(at + providerMark.length);
}

/**
 * Where a provider's issuer is: at the https address that its name is, or where the operator says.
 * Undefined for names that are no address.
 */
export function issuerNamed(
  name: string,
  named: Readonly<Record<string, string>>,
): Issuer | undefined {
  const url = Object.hasOwn(named, name) ? named[name] : undefined;
  if (url !== undefined) return { url, isTrusted: true };
  return URL.canParse(`https://${name}`) ? { url: `https://${name}`, isTrusted: false } : undefined;
}

function invalid(message: string): Extract<TokenVerdict, { readonly ok: false }> {
  return { ok: false, code: "InvalidIdentityToken", message };
}

function digestOf(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
