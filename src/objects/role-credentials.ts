import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { isWorthARetry, RoleRefused, TookTooLong } from "./s3-failures.ts";

/** A role of an account elsewhere, and the name that its sessions get (2 to 64 characters). */
export type BucketRole = { readonly arn: string; readonly sessionName: string };

/** How sessions of roles are asked for. */
export type AssumeRoleOptions = {
  /** Absent: the token service of Amazon in `region`. */
  readonly stsEndpoint?: string;
  readonly region: string;
  /** Longest wait for a session, the search for the source's own credentials included. */
  readonly waitMs: number;
};

type Provider = Extract<NonNullable<S3ClientConfig["credentials"]>, (...args: never[]) => unknown>;

/**
 * Credentials of a role, from AssumeRole with whatever the SDK's own chain finds (environment,
 * profile, container, instance). A client that is given this keeps a session for its requests
 * and asks again five minutes before it ends. Source: "AssumeRole", STS API reference, and
 * "fromTemporaryCredentials()", AWS SDK for JavaScript.
 *
 * The provider throws `RoleRefused` where no session is to be had, and what `isWorthARetry`
 * knows where another attempt may get one.
 */
export function roleCredentials(role: BucketRole, options: AssumeRoleOptions): Provider {
  const { stsEndpoint, region, waitMs } = options;
  let loading: Promise<Provider> | undefined;
  const load = async (): Promise<Provider> => {
    const { fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
    return fromTemporaryCredentials({
      params: { RoleArn: role.arn, RoleSessionName: role.sessionName },
      clientConfig: {
        region,
        // Retries are the store's: it knows when its request is no longer wanted.
        maxAttempts: 1,
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
