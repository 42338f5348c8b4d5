import type { S3Client } from "@aws-sdk/client-s3";
import type { Failed, ObjectFacts } from "./object-store.ts";
import { withRetries, type RetryPolicy } from "./retry.ts";
import { asS3Failure, isWorthARetry, TookTooLong } from "./s3-failures.ts";

/** In milliseconds. */
export type S3Timeouts = {
  readonly connectMs: number;
  /** Longest wait for an answer, and longest silence while content is read. */
  readonly silenceMs: number;
};

type Where = { readonly bucket: string; readonly key?: string; readonly signal?: AbortSignal };

/** One try: `signal` ends it; `heard` says that the store is alive and starts the wait anew. */
type Attempt<Value> = (signal: AbortSignal, heard: () => void) => Promise<Value>;

/** What the parts of the adapter share. */
export type S3Access = {
  readonly client: () => Promise<S3Client>;
  /** Runs a request with time limit and retries; failures of the store come back as values. */
  readonly run: <Value>(where: Where, attempt: Attempt<Value>) => Promise<Value | Failed>;
};

/** The SDK is heavy to load and most installations read folders. */
export const sdk = (): Promise<typeof import("@aws-sdk/client-s3")> => import("@aws-sdk/client-s3");

/** Guards against a bucket that changed hands: the store refuses when the owner is another. */
export function ownerOf(request: { readonly expectedOwner?: string }): {
  ExpectedBucketOwner?: string;
} {
  return request.expectedOwner === undefined ? {} : { ExpectedBucketOwner: request.expectedOwner };
}

/** Facts of an answer to HEAD or GET. */
export function factsOf(answer: {
  readonly ContentLength?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly ContentType?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
}): ObjectFacts {
  const { SSEKMSKeyId: kmsKeyId = "", BucketKeyEnabled: isBucketKey = false } = answer;
  // `aws:kms`, and `aws:kms:dsse` for two layers of it.
  const isSseKms = answer.ServerSideEncryption?.startsWith("aws:kms") === true;
  return {
    sizeBytes: answer.ContentLength ?? 0,
    etag: bareEtag(answer.ETag),
    lastModified: answer.LastModified ?? new Date(0),
    ...(answer.ContentType === undefined ? {} : { contentType: answer.ContentType }),
    ...(isSseKms && { encryption: { kmsKeyId, isBucketKey } }),
  };
}

/** An entity tag without its quotation marks. */
export const bareEtag = (etag: string | undefined): string => (etag ?? "").replaceAll('"', "");

/** The body of `S3Access.run`. */
export async function runRequest<Value>(
  where: Where,
  limits: { readonly timeouts: S3Timeouts; readonly retries: RetryPolicy },
  attempt: Attempt<Value>,
): Promise<Value | Failed> {
  const { signal } = where;
  const options = { isWorthIt: isWorthARetry, ...(signal === undefined ? {} : { signal }) };
  try {
    return await withRetries(limits.retries, options, () =>
      withSilenceLimit(limits.timeouts.silenceMs, signal, attempt),
    );
  } catch (error) {
    return asS3Failure(error, where, signal);
  }
}

async function withSilenceLimit<Value>(
  silenceMs: number,
  outer: AbortSignal | undefined,
  attempt: Attempt<Value>,
): Promise<Value> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), silenceMs);
  // By hand: signals of AbortSignal.any are held weakly, and so, with all that hangs on them, until
  // the garbage of the whole heap is collected. A sync makes one for each object.
  const end = (): void => ended.abort(outer?.reason);
  if (outer?.aborted === true) end();
  outer?.addEventListener("abort", end, { once: true });
  try {
    return await attempt(ended.signal, () => timer.refresh());
  } catch (error) {
    if (!ended.signal.aborted || outer?.aborted === true) throw error;
    throw new TookTooLong(`no answer for ${silenceMs} ms`, { cause: error });
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", end);
  }
}
