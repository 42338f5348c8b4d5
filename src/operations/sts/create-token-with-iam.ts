import { createHash, createHmac, randomBytes } from "node:crypto";
import {
  type TokenVerdict,
  type WebIdentity,
  writeViewerContext,
} from "../../identity/identity.ts";
import { usedTokens } from "../../store/store.ts";
import type { Application } from "../application.ts";
import type { QueryCall, QueryQuestion } from "../iam/query-operation.ts";
import { findCenterApplication } from "./center-application.ts";
import { CenterError } from "./center-errors.ts";
import { registeredProvider } from "./web-identity-providers.ts";

/** What the endpoint is asked, as far as it is looked at. */
export type TokenRequest = { readonly clientId: string; readonly assertion: string };

/** Its answer, as it travels. */
export type TokenAnswer = {
  readonly accessToken: string;
  readonly tokenType: "Bearer";
  readonly expiresIn: number;
  readonly idToken: string;
  readonly issuedTokenType: string;
  readonly scope: readonly string[];
  readonly awsAdditionalDetails: { readonly identityContext: string };
};

const bearerGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const secondsMax = 3600;
const clientIdLengthMax = 256;
const assertionLengthMax = 20_000;

/**
 * Reads a request.
 *
 * @throws CenterError InvalidRequestException, UnsupportedGrantTypeException.
 */
export function readTokenRequest(body: Uint8Array): TokenRequest {
  const { clientId, grantType, assertion } = objectIn(body);
  if (!isText(clientId, clientIdLengthMax) || !isText(grantType, clientIdLengthMax)) {
    throw new CenterError("InvalidRequestException", "clientId and grantType must be given.");
  }
  if (grantType !== bearerGrant) {
    const message = `Quarry takes tokens of registered issuers only: grantType must be ${bearerGrant}.`;
    throw new CenterError("UnsupportedGrantTypeException", message);
  }
  if (isText(assertion, assertionLengthMax)) return { clientId, assertion };
  throw new CenterError("InvalidRequestException", "assertion must be given.");
}

/** What the caller must be allowed. */
export function tokenQuestion({ clientId }: TokenRequest, { caller }: QueryCall): QueryQuestion {
  const resources = [{ arn: clientId, account: caller.accountId }];
  return { action: "sso-oauth:CreateTokenWithIAM", resources };
}

/**
 * Exchanges a person's ID token for an identity context, with which AssumeRole makes a session
 * identity-aware ("CreateTokenWithIAM", IAM Identity Center OIDC API Reference; "Using applications
 * with a trusted token issuer", user guide). A trusted issuer is an OpenID Connect provider of IAM;
 * that an application names one makes it none. The person's address is what the issuer has verified.
 * Access token and signature of the ID token are good for nothing: nobody here asks for them.
 */
export async function createTokenWithIam(
  request: TokenRequest,
  call: QueryCall,
): Promise<TokenAnswer> {
  const application = await findCenterApplication(call, request.clientId);
  if (application === undefined) {
    throw new CenterError("InvalidClientException", "There is no such application.");
  }
  const { identity, now } = call;
  const verdict = await identity.checkToken({
    token: request.assertion,
    now,
    findProvider: (issuerUrl) => registeredProvider(call, issuerUrl),
  });
  if (!verdict.ok) throw refusalOf(verdict);
  const answer = answerFor(verdict.identity, application, { ...request, call });
  // Last of all: a call that is refused for another reason must not use the token up.
  await useUp(verdict.identity, call);
  return answer;
}

function answerFor(
  person: WebIdentity,
  { record }: Application,
  { clientId, call }: { readonly clientId: string; readonly call: QueryCall },
): TokenAnswer {
  const { email, groups } = person;
  if (email === undefined) {
    const message = "The token names no e-mail address that its issuer has verified.";
    throw new CenterError("InvalidGrantException", message);
  }
  const leftSeconds = Math.floor((person.expiresAt.getTime() - call.now.getTime()) / 1000);
  const expiresIn = Math.min(secondsMax, leftSeconds);
  const nowSeconds = Math.floor(call.now.getTime() / 1000);
  const expiresAt = new Date((nowSeconds + expiresIn) * 1000);
  const userId = userIdOf(person);
  const instanceArn = record.identityCenterInstanceArn ?? "";
  const context = { id: call.ids.uuid(), instanceArn, userId, email, groups, expiresAt };
  const identityContext = written(call, context);
  const idToken = tokenOf(call, {
    iss: instanceArn,
    sub: userId,
    aud: clientId,
    iat: nowSeconds,
    exp: nowSeconds + expiresIn,
    "sts:identity_context": identityContext,
  });
  return {
    accessToken: randomBytes(32).toString("base64url"),
    tokenType: "Bearer",
    expiresIn,
    idToken,
    issuedTokenType: "urn:ietf:params:oauth:token-type:access_token",
    scope: ["openid", "aws", "sts:identity_context"],
    awsAdditionalDetails: { identityContext },
  };
}

function written(
  { identity }: QueryCall,
  context: Parameters<typeof writeViewerContext>[1],
): string {
  try {
    return writeViewerContext(identity.sealingKey, context);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `The token names too many groups: ${error.message}`;
    throw new CenterError("InvalidGrantException", message);
  }
}

/** An id that nobody else gets: it follows from the issuer and its subject. */
function userIdOf({ providerArn, subject }: WebIdentity): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([providerArn, subject]))
    .digest("hex");
  const [a, b, c, d, e] = [0, 8, 12, 16, 20].map((at, i) =>
    digest.slice(at, at + ([8, 4, 4, 4, 12][i] ?? 0)),
  );
  return `${a}-${b}-${c}-${d}-${e}`;
}

function tokenOf({ identity }: QueryCall, claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  const key = createHmac("sha256", identity.sealingKey).update("center ID token").digest();
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

function refusalOf({ code, message }: Extract<TokenVerdict, { readonly ok: false }>): CenterError {
  const isOver = code === "ExpiredTokenException";
  return new CenterError(isOver ? "ExpiredTokenException" : "InvalidGrantException", message);
}

async function useUp({ tokenIdHash, expiresAt }: WebIdentity, call: QueryCall): Promise<void> {
  if (tokenIdHash === undefined) return;
  const token = { idHash: `center/${tokenIdHash}`, expiresAt, now: call.now };
  if (await call.db.write((trx) => usedTokens.use(trx, token))) return;
  throw new CenterError("InvalidGrantException", "The token has been used before.");
}

function objectIn(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new CenterError("InvalidRequestException", "The body must be a JSON object.");
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= lengthMax;
}
