import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { tmpdir } from "node:os";
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { createInOrder } from "./listing-order.ts";
import type { ObjectStore } from "./object-store.ts";
import type { WritableStore } from "./object-writer.ts";
import { s3Writer } from "./s3-write.ts";
import type { RetryPolicy } from "./retry.ts";
import { factsOf, ownerOf, runRequest, sdk, type S3Access, type S3Timeouts } from "./s3-access.ts";
import { getS3 } from "./s3-get.ts";
import { listS3 } from "./s3-list.ts";
import { fileSink, memorySink } from "./sink.ts";
import { sleep } from "./sleep.ts";
import { runObjectsMax } from "./sorted-listing.ts";

/** What connects, for each protocol. */
export type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };

/** How to reach an S3-compatible store. */
export type S3Options = {
  /** Absent: Amazon S3 in `region`. */
  readonly endpoint?: string;
  readonly region: string;
  /** Fixed keys or a function that provides them. Absent: the AWS SDK's own chain. */
  readonly credentials?: NonNullable<S3ClientConfig["credentials"]>;
  /**
   * `bytes`: listings come in UTF-8 byte order, as Amazon S3 promises for general purpose buckets
   * (checked; a violation is a `badListing`). `none`: we sort, until a long listing has come in
   * order (one out of order after that is `disordered`). Default: `bytes` without an endpoint, `none`
   * with one, for not every compatible store sorts.
   */
  readonly listingOrder?: "bytes" | "none";
  readonly timeouts?: Partial<S3Timeouts>;
  readonly retries?: Partial<RetryPolicy>;
  /** All connections are theirs; the client's own where it is not set. */
  readonly agents?: Agents;
  /** For sorting long listings; the system's own by default. */
  readonly tempDir?: string;
};

/** Any S3-compatible store as an object store. The SDK is loaded at the first request. */
export function createS3Buckets(
  options: S3Options,
): WritableStore & { close: () => Promise<void> } {
  const timeouts: S3Timeouts = { connectMs: 5_000, silenceMs: 30_000, ...options.timeouts };
  const retries: RetryPolicy = {
    attemptsMax: 5,
    delayMsBase: 200,
    delayMsMax: 10_000,
    random: Math.random,
    sleep,
    ...options.retries,
  };
  let loading: Promise<S3Client> | undefined;
  const access: S3Access = {
    client: () => (loading ??= loadClient(options, timeouts)),
    run: (where, attempt) => runRequest(where, { timeouts, retries }, attempt),
  };
  const order = options.listingOrder ?? (options.endpoint === undefined ? "bytes" : "none");
  const tempDir = options.tempDir ?? tmpdir();
  const inOrder = createInOrder({ runObjectsMax, tempDir });
  return {
    ...s3Writer(access),
    list(request) {
      // Directory buckets of Amazon S3 list in no order.
      const isSorted = order === "bytes" && !request.bucket.endsWith("--x-s3");
      const pages = listS3(access, request, isSorted);
      return isSorted ? pages : inOrder(request, pages);
    },
    head: (request) => headS3(access, request),
    get: (request) => getS3(access, request, "object", memorySink(request.maxBytes)),
    getToFile: (request) =>
      getS3(access, request, "file", fileSink(request.file, request.maxBytes)),
    bucketExists: (request) =>
      access.run(request, async (signal) => {
        const [{ HeadBucketCommand }, client] = await Promise.all([sdk(), access.client()]);
        const input = { Bucket: request.bucket, ...ownerOf(request) };
        await client.send(new HeadBucketCommand(input), { abortSignal: signal });
        return { kind: "exists" };
      }),
    close: async () => (await loading)?.destroy(),
  };
}

const headS3 = (
  access: S3Access,
  request: Parameters<ObjectStore["head"]>[0],
): ReturnType<ObjectStore["head"]> =>
  access.run(request, async (signal) => {
    const [{ HeadObjectCommand }, client] = await Promise.all([sdk(), access.client()]);
    const input = { Bucket: request.bucket, Key: request.key, ...ownerOf(request) };
    const head = await client.send(new HeadObjectCommand(input), { abortSignal: signal });
    return { kind: "facts", ...factsOf(head) };
  });

async function loadClient(options: S3Options, timeouts: S3Timeouts): Promise<S3Client> {
  const { S3Client } = await sdk();
  const { endpoint, region, credentials, agents } = options;
  return new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    // Retries are ours: the SDK's end where the content begins.
    maxAttempts: 1,
    // Many compatible stores know no checksums beyond MD5.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Agents that are given have limits of their own, and may try several ways.
    requestHandler:
      agents === undefined
        ? { connectionTimeout: timeouts.connectMs }
        : { httpAgent: agents.http, httpsAgent: agents.https },
  });
}
