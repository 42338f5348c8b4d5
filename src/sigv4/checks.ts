import { timingSafeEqual } from "node:crypto";
import type { Authentication } from "./authentication.ts";
import * as messages from "./messages.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { terminator } from "./request.ts";

/** What a credential may be scoped to. */
export type AcceptedScopes = {
  /** Signing names, for example `qbusiness`. Messages name the first one. */
  readonly acceptedServices: readonly string[];
  readonly acceptedRegions: readonly string[];
};

/** What the key look-up found. A deactivated key counts as not found. */
export type SigningKeyOwner = {
  readonly secretAccessKey: string;
  /** Temporary keys only. */
  readonly session?: {
    /** Whether this is the session's token; see `tokenMatcher`. */
    readonly isToken: (token: string) => boolean;
    readonly expiresAt: Date;
  };
};

/** Services with one endpoint for the world sign for its region, whatever ours is called. */
const globalRegions: ReadonlyMap<string, string> = new Map([
  ["iam", "us-east-1"],
  ["sts", "us-east-1"],
]);

/** Third check: the credential scope. All that is wrong with it goes into one message. */
export function refuseScope(
  authentication: Authentication,
  { acceptedServices, acceptedRegions }: AcceptedScopes,
): Refusal | undefined {
  const { scope, dateTime } = authentication;
  const wrong: string[] = [];
  const isGlobal = globalRegions.get(scope.service) === scope.region;
  if (!isGlobal && !acceptedRegions.includes(scope.region)) wrong.push(messages.invalidRegion);
  if (!acceptedServices.includes(scope.service)) {
    wrong.push(messages.wrongService(acceptedServices[0] ?? ""));
  }
  if (scope.terminator !== terminator) wrong.push(messages.wrongTerminator(scope.terminator));
  if (scope.day !== dateTime.slice(0, 8)) wrong.push(messages.wrongDay(scope.day, dateTime));
  return wrong.length === 0 ? undefined : refuse("scope", wrong.join(" "));
}

/** Fourth check: the clock. A header is good for 15 minutes, a presigned URL until it expires. */
export function refuseClock(authentication: Authentication, now: Date): Refusal | undefined {
  const { timeMs, expiresSeconds } = authentication;
  // The protocol counts whole seconds; a fraction must not refuse what the message calls equal.
  const nowMs = Math.floor(now.getTime() / 1000) * 1000;
  // Comparing with no time at all would let everything pass.
  if (Number.isNaN(nowMs)) throw new RangeError("now is not a valid date.");
  if (timeMs > nowMs + messages.clockSkewMsMax) {
    return refuse("clock", messages.notYetCurrent(timeMs, nowMs));
  }
  if (expiresSeconds !== undefined) {
    const endMs = timeMs + expiresSeconds * 1000;
    return nowMs > endMs ? refuse("expired", messages.pastExpires(endMs, nowMs)) : undefined;
  }
  return timeMs < nowMs - messages.clockSkewMsMax
    ? refuse("clock", messages.expired(timeMs, nowMs))
    : undefined;
}

/** Fifth check: the key is known, and a temporary key comes with its own, living token. */
export function refuseKey(
  { sessionToken }: Authentication,
  owner: SigningKeyOwner | undefined,
  now: Date,
): Refusal | undefined {
  if (owner === undefined) return refuse("unknownKey", messages.invalidToken);
  const { session } = owner;
  // A token beside a long-term key belongs to somebody else.
  if (session === undefined) {
    return sessionToken === undefined ? undefined : refuse("badToken", messages.invalidToken);
  }
  if (sessionToken === undefined || !session.isToken(sessionToken)) {
    return refuse("badToken", messages.invalidToken);
  }
  // Written so that an invalid date counts as expired.
  const isAlive = now.getTime() < session.expiresAt.getTime();
  return isAlive ? undefined : refuse("expiredToken", messages.expiredToken);
}

/** Compares with a session's token without telling by the time taken how much was right. */
export function tokenMatcher(token: string): (given: string) => boolean {
  const wanted = Buffer.from(token, "utf8");
  return (given) => {
    const bytes = Buffer.from(given, "utf8");
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  };
}
