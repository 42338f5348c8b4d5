import {
  compareKeys,
  type Failed,
  type ListedObject,
  type ListPage,
  type ObjectFailure,
  type ObjectStore,
} from "../objects/objects.ts";
import { disjointPrefixes, keyBytesMax, metadataRoot } from "./key-paths.ts";
import { metadataBytesMax } from "./metadata-file.ts";
import { isMetadataKey, pairWithMetadata, type Entry, type Paired } from "./pairing.ts";
import { skipReason } from "./scope.ts";
import type { S3Settings } from "./settings.ts";
import { mergeOrdered } from "./streams.ts";

/** Bytes of a metadata file, with the etag of what was really read. */
export type MetadataRead =
  | { readonly kind: "metadata"; readonly etag: string; readonly bytes: Uint8Array }
  | Failed;

/** Where a crawl reads from. */
export type CrawlSource = {
  /** The objects below a prefix, ascending in UTF-8 byte order. */
  readonly list: (prefix: string) => AsyncIterable<ListPage>;
  /** Looks for one metadata file; undefined where there is none. */
  readonly find: (key: string) => Promise<ListedObject | Failed | undefined>;
  readonly readMetadata: (object: ListedObject) => Promise<MetadataRead>;
};

/** Ends a crawl: what was not listed may still exist, so nothing may be concluded from it. */
export class ListingFailed extends Error {
  readonly failure: ObjectFailure;
  constructor(failure: ObjectFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A crawl source over an object store. The store is the place to check permissions. */
export function crawlSource(
  store: ObjectStore,
  options: {
    readonly bucket: string;
    readonly expectedOwner?: string;
    readonly signal?: AbortSignal;
  },
): CrawlSource {
  return {
    list: (prefix) => store.list({ ...options, prefix }),
    async find(key) {
      const head = await store.head({ ...options, key });
      if (head.kind === "facts") return { key, ...head };
      return head.failure.kind === "noSuchKey" ? undefined : head;
    },
    async readMetadata({ key, etag }) {
      const request = { ...options, key, maxBytes: metadataBytesMax };
      const listed = await store.get({ ...request, ifMatch: etag });
      // Replaced since the listing: the newest counts, and its own etag is remembered.
      const isChanged = listed.kind === "failed" && listed.failure.kind === "changed";
      const got = isChanged ? await store.get(request) : listed;
      return got.kind === "failed" ? got : { kind: "metadata", etag: got.etag, bytes: got.bytes };
    },
  };
}

/**
 * Lists what the settings include, in key order, with metadata files beside their documents.
 *
 * @throws ListingFailed
 */
export function crawl(
  source: CrawlSource,
  settings: S3Settings,
): AsyncGenerator<readonly Paired[]> {
  const root = metadataRoot(settings.metadataFilesPrefix);
  const entries =
    root === ""
      ? listedEntries(source, settings)
      : mergeOrdered(
          withoutMetadata(listedEntries(source, settings)),
          treeEntries(source, root, settings.bucket),
          (a, b) => compareKeys(a.key, b.key),
        );
  return pairWithMetadata(entries, async (key) => {
    // No store has such a key, and asked for it, it would refuse.
    if (Buffer.byteLength(root + key) > keyBytesMax) return undefined;
    const found = await source.find(root + key);
    if (found !== undefined && "failure" in found) throw new ListingFailed(found.failure);
    return found;
  });
}

/** The pages of a listing, with their order checked. */
async function* pagesOf(
  pages: AsyncIterable<ListPage>,
  bucket: string,
): AsyncGenerator<readonly ListedObject[]> {
  let before: string | undefined;
  for await (const page of pages) {
    if (page.kind === "failed") throw new ListingFailed(page.failure);
    for (const { key } of page.objects) {
      // A merge of disordered streams would delete documents that exist.
      if (before !== undefined && compareKeys(key, before) <= 0) {
        const message = `Bucket "${bucket}" does not list in UTF-8 byte order.`;
        throw new ListingFailed({ kind: "badListing", bucket, key, message });
      }
      before = key;
    }
    yield page.objects;
  }
}

async function* listedEntries(
  source: CrawlSource,
  settings: S3Settings,
): AsyncGenerator<readonly Entry[]> {
  const { inclusionPrefixes, bucket } = settings;
  const prefixes = inclusionPrefixes.length === 0 ? [""] : inclusionPrefixes;
  // Prefixes that share no key, in order: one listing after the other is in order as a whole.
  for (const prefix of disjointPrefixes(prefixes, compareKeys)) {
    for await (const objects of pagesOf(source.list(prefix), bucket)) {
      yield objects.map((object) => entryOf(object, settings));
    }
  }
}

function entryOf(object: ListedObject, settings: S3Settings): Entry {
  const { key } = object;
  const skip = skipReason(object, settings);
  if (skip === "metadataFile") return { kind: "metadata", key, object };
  return skip === undefined
    ? { kind: "object", key, object }
    : { kind: "object", key, object, skip };
}

async function* withoutMetadata(
  batches: AsyncIterable<readonly Entry[]>,
): AsyncGenerator<readonly Entry[]> {
  for await (const batch of batches) yield batch.filter(({ kind }) => kind === "object");
}

/** Metadata files of the tree below `root`, under the keys they would have beside documents. */
async function* treeEntries(
  source: CrawlSource,
  root: string,
  bucket: string,
): AsyncGenerator<readonly Entry[]> {
  for await (const objects of pagesOf(source.list(root), bucket)) {
    const files = objects.filter(({ key }) => isMetadataKey(key));
    yield files.map((object) => ({ kind: "metadata", key: object.key.slice(root.length), object }));
  }
}
