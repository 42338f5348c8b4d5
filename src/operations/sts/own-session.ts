import type { Caller } from "../../identity/identity.ts";
import { queryError, queryRefusal, type QueryRequest } from "../../wire/wire.ts";

const secondsDefault = 43_200;
const rootSecondsMax = 3600;

/** What the actions take that make sessions of a user itself, or of somebody it vouches for. */
type SessionInput = {
  readonly DurationSeconds?: number | undefined;
  readonly SerialNumber?: string | undefined;
  readonly TokenCode?: string | undefined;
};

/**
 * The length of such a session in seconds; one of the root user is never longer than an hour
 * ("GetSessionToken", "GetFederationToken", AWS STS API Reference).
 *
 * @throws QueryError AccessDenied for an MFA code: there are no devices that it could be of.
 */
export function ownSessionSeconds(
  { DurationSeconds = secondsDefault, SerialNumber, TokenCode }: SessionInput,
  { principal }: Caller,
): number {
  if (SerialNumber !== undefined || TokenCode !== undefined) {
    const reason = "MultiFactorAuthentication failed, unable to validate MFA code.";
    throw queryError("AccessDenied", `${reason} Quarry has no MFA devices.`);
  }
  return principal.type === "root" ? Math.min(DurationSeconds, rootSecondsMax) : DurationSeconds;
}

const noSessions = new Set(["GetSessionToken", "GetFederationToken"]);

/**
 * Refuses what sessions may not call whatever policies say ("Compare AWS STS credentials", IAM User
 * Guide): nothing makes another session of a session but AssumeRole; sessions of users and of those
 * whom they vouch for do not reach IAM (nobody has a second factor here), and of STS only
 * GetCallerIdentity, those of users AssumeRole too.
 *
 * @throws QueryError InvalidClientTokenId or AccessDenied.
 */
export function refuseSession({ service, action }: QueryRequest, { principal, session }: Caller) {
  if (session === undefined) return;
  const isOwn = principal.type === "user" || principal.type === "root";
  const isFederated = principal.type === "federatedUser";
  if (service === "iam") {
    if (!isOwn && !isFederated) return;
    const message = "The security token included in the request is invalid";
    throw queryRefusal({ code: "InvalidClientTokenId", status: 403, message });
  }
  const mayCall =
    action === "GetCallerIdentity" ||
    (isOwn && action === "AssumeRole") ||
    (!isOwn && !isFederated && !noSessions.has(action));
  if (mayCall) return;
  throw queryError("AccessDenied", `Cannot call ${action} with session credentials`);
}
