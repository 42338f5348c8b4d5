/** One object as a listing names it. */
export type ListedObject = {
  readonly key: string;
  readonly sizeBytes: number;
  /** Changes whenever the content may have changed; without quotation marks. */
  readonly etag: string;
  readonly lastModified: Date;
  /** `GLACIER`, `DEEP_ARCHIVE` and the like; absent for ordinary storage. */
  readonly storageClass?: string;
};

/** Why an object or a bucket could not be read. */
export type FailureKind =
  | "noSuchBucket"
  | "wrongRegion"
  | "noSuchKey"
  | "denied"
  /** The object's encryption key may not be used (SSE-KMS). */
  | "keyDenied"
  /** Encrypted with a key that only its owner has (SSE-C). */
  | "encrypted"
  /** In an archive and not restored. */
  | "archived"
  /** No longer the version that `ifMatch` asked for. */
  | "changed"
  | "tooLarge"
  | "unreachable"
  | "timedOut"
  /** The store does not list in UTF-8 byte order, or names a key that is no UTF-8. */
  | "badListing"
  /** The store has listed in order so far and now does not: listed once more it will be sorted. */
  | "disordered"
  /** The request's own signal ended it. */
  | "aborted";

/** A failed access, as a value. The message names the bucket or object and the reason. */
export type ObjectFailure = {
  readonly kind: FailureKind;
  readonly bucket: string;
  readonly key?: string;
  readonly message: string;
};

/** An access that did not succeed. */
export type Failed = { readonly kind: "failed"; readonly failure: ObjectFailure };

/** Part of a listing. After a failed page nothing follows: what was not listed may still exist. */
export type ListPage =
  | { readonly kind: "page"; readonly objects: readonly ListedObject[] }
  | Failed;

/** What a store says about an object besides its content. */
export type ObjectFacts = {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType?: string;
  /** Encrypted by the store with a KMS key (SSE-KMS). */
  readonly encryption?: ObjectEncryption;
};

/** The KMS key that a store encrypts an object with. */
export type ObjectEncryption = {
  /** As the store names it: an ARN, an id, or nothing. */
  readonly kmsKeyId: string;
  /** Data keys are made for the whole bucket, not for each object. */
  readonly isBucketKey: boolean;
};

/** An object's content, whole. */
export type GotObject = ObjectFacts & {
  readonly kind: "object";
  /** SHA-256 of the content, hexadecimal: tells a touched object from a changed one. */
  readonly contentHash: string;
  readonly bytes: Uint8Array;
};

/** An object's content, written to a file. */
export type GotFile = Omit<GotObject, "bytes" | "kind"> & {
  readonly kind: "file";
  readonly file: string;
};

/** Whose bucket. Given to stores that can check it (`ExpectedBucketOwner` of Amazon S3). */
type InBucket = {
  readonly bucket: string;
  readonly expectedOwner?: string;
  readonly signal?: AbortSignal;
};

/** Keys below `prefix` (a plain starts-with). */
export type ListRequest = InBucket & { readonly prefix: string };

/** One object. */
export type HeadRequest = InBucket & { readonly key: string };

/** One object's content: refused as `tooLarge` above `maxBytes`, never cut. */
export type GetRequest = HeadRequest & { readonly ifMatch?: string; readonly maxBytes: number };

/** Buckets of objects, read only. Expected failures are values, bugs are thrown. */
export type ObjectStore = {
  /** Current versions, strictly ascending in UTF-8 byte order, in pages of at most 1,000. */
  readonly list: (request: ListRequest) => AsyncIterable<ListPage>;
  readonly head: (request: HeadRequest) => Promise<({ kind: "facts" } & ObjectFacts) | Failed>;
  readonly get: (request: GetRequest) => Promise<GotObject | Failed>;
  /** As `get`, for objects too large for memory. On failure the file is removed. */
  readonly getToFile: (
    request: GetRequest & { readonly file: string },
  ) => Promise<GotFile | Failed>;
  readonly bucketExists: (request: InBucket) => Promise<{ readonly kind: "exists" } | Failed>;
};

/** Most objects in one page, as in Amazon S3. */
export const pageObjectsMax = 1000;

/** Makes a failure value. */
export function failed(
  kind: FailureKind,
  where: { readonly bucket: string; readonly key?: string },
  message: string,
): Failed {
  const { bucket, key } = where;
  return {
    kind: "failed",
    failure: { kind, bucket, ...(key === undefined ? {} : { key }), message },
  };
}

/**
 * Is the failure about the moment rather than about the object? Such a document is tried again at
 * the next sync. Archived objects and key policies count: they heal without a new version.
 */
export function isPassing(failure: ObjectFailure): boolean {
  return failure.kind !== "tooLarge" && failure.kind !== "encrypted";
}
