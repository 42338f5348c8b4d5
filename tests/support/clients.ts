import assert from "node:assert/strict";
import { IAMClient } from "@aws-sdk/client-iam";
import { QBusinessClient } from "@aws-sdk/client-qbusiness";
import { STSClient } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";

/** Keys as SDKs take them. */
export type Keys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** What a client needs to know of a server. */
export type Endpoint = { readonly url: string; readonly rootKey: Keys };

const region = "us-east-1";
const ignore = (): void => undefined;
// Tests make calls fail on purpose, which clients would report.
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** The unmodified client of the service, over HTTP/2 as it comes; of the root user unless keys are given. */
export function qbusiness(server: Endpoint, credentials: Keys = server.rootKey): QBusinessClient {
  return new QBusinessClient({ endpoint: server.url, region, credentials, maxAttempts: 1, logger });
}

/** The same over HTTP/1.1, as boto3 and the AWS CLI speak it. */
export function qbusinessHttp1(
  server: Endpoint,
  credentials: Keys = server.rootKey,
): QBusinessClient {
  const requestHandler = new NodeHttpHandler();
  const basics = { endpoint: server.url, region, credentials, maxAttempts: 1, logger };
  return new QBusinessClient({ ...basics, requestHandler });
}

/** An IAM client. */
export function iam(server: Endpoint, credentials: Keys = server.rootKey): IAMClient {
  return new IAMClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
}

/** An STS client. */
export function sts(server: Endpoint, credentials: Keys = server.rootKey): STSClient {
  return new STSClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
}

/** What a call was refused with. */
export type RefusedCall = {
  readonly name: string;
  readonly status: number | undefined;
  readonly message: string;
  readonly resourceId?: string;
  readonly resourceType?: string;
  readonly reason?: string;
  readonly fields?: readonly { readonly name?: string; readonly message?: string }[];
};

/** Waits for a call to be refused; one that succeeds fails the test. */
export async function refusal(call: Promise<unknown>): Promise<RefusedCall> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof Error);
    const { $metadata, ...members } = error as Error & {
      readonly $metadata?: { readonly httpStatusCode?: number };
    };
    const { name, message } = error;
    return { ...members, name, message, status: $metadata?.httpStatusCode };
  }
  return assert.fail("The call was not refused.");
}
