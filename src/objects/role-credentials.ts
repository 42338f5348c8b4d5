import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { type Clock, systemClock } from "../core/clock.ts";
import { type BucketRole, createRoleStores } from "./role-stores.ts";
import { isWorthARetry, RoleRefused, TookTooLong } from "./s3-failures.ts";

/** How sessions of roles are asked for. */
export type AssumeRoleOptions = {
  /** Absent: the token service of Amazon in `region`. */
  readonly stsEndpoint?: string;
  /** What the roles' trust policies ask for as `sts:ExternalId`. */
  readonly externalId?: string;
  readonly region: string;
  /** Longest wait for a session, the search for the source's own credentials included. */
  readonly waitMs: number;
  /** By which a session is near its end; the machine's own where it is not given. */
  readonly now?: Clock;
};

type Provider = Extract<NonNullable<S3ClientConfig["credentials"]>, (...args: never[]) => unknown>;

/** Sessions of roles, each kept for all clients that read as the role. */
export type RoleSessions = { readonly of: (role: BucketRole) => Provider };

/** Keeps at most `rolesMax` of them. */
export function createRoleSessions(options: AssumeRoleOptions, rolesMax: number): RoleSessions {
  const kept = createRoleStores(
    (role) => ({ provider: keptSession(assuming(role, options), options), close: async () => {} }),
    rolesMax,
  );
  return { of: (role) => kept.of(role).provider };
}

/** The SDK's clients, too, take a session for over that has so little left. */
const renewMs = 5 * 60_000;

/** One session for all who ask, also at the same time, until it is near its end. */
function keptSession(assume: Provider, { now = systemClock }: AssumeRoleOptions): Provider {
  let session: Awaited<ReturnType<Provider>> | undefined;
  let asking: ReturnType<Provider> | undefined;
  return async (properties) => {
    const endsMs = session?.expiration?.getTime() ?? 0;
    if (session !== undefined && endsMs - now().getTime() >= renewMs) return session;
    asking ??= assume(properties).finally(() => {
      asking = undefined;
    });
    session = await asking;
    return session;
  };
}

/**
 * Credentials of a role, from AssumeRole with whatever the SDK's own chain finds (environment,
 * profile, container, instance). The call does not take the way of the buckets: it is the server's
 * own, whatever zone a data source reads through. Source: "AssumeRole", STS API reference, and
 * "fromTemporaryCredentials()", AWS SDK for JavaScript.
 *
 * The provider throws `RoleRefused` where no session is to be had, and what `isWorthARetry`
 * knows where another attempt may get one.
 */
function assuming(role: BucketRole, options: AssumeRoleOptions): Provider {
  const { stsEndpoint, externalId, region, waitMs } = options;
  let loading: Promise<Provider> | undefined;
  const load = async (): Promise<Provider> => {
    const { fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
    return fromTemporaryCredentials({
      params: {
        RoleArn: role.arn,
        RoleSessionName: role.sessionName,
        ...(externalId === undefined ? {} : { ExternalId: externalId }),
      },
      clientConfig: {
        region,
        // Retries are the store's: it knows when its request is no longer wanted.
        maxAttempts: 1,
        // Without one it would take the agents of the client that asks.
        requestHandler: {
          connectionTimeout: waitMs,
          requestTimeout: waitMs,
          throwOnRequestTimeout: true,
        },
        ...(stsEndpoint === undefined ? {} : { endpoint: stsEndpoint }),
      },
    });
  };
  return async (properties) => {
    const provider = await (loading ??= load());
    try {
      return await withinTime(waitMs, provider(properties));
    } catch (error) {
      if (isWorthARetry(error)) throw error;
      throw refusal(role, error);
    }
  };
}

/** The chain has no signal to end it with: what comes late is left to itself. */
async function withinTime<Value>(waitMs: number, value: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const words = `no session of the role for ${waitMs} ms`;
    timer = setTimeout(() => reject(new TookTooLong(words)), waitMs);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The service's own words where it has spoken; they name the caller, the action and the role. */
function refusal({ arn }: BucketRole, cause: unknown): RoleRefused {
  const { message = "", $fault } = cause as { message?: string; $fault?: string };
  const words = message.slice(0, wordsMax);
  const isAnswer = $fault !== undefined && words !== "";
  return new RoleRefused(isAnswer ? words : `The role ${arn} cannot be assumed: ${words}`, {
    cause,
  });
}

const wordsMax = 1000;
