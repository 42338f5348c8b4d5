import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  failureCode,
  fileTypeOf,
  isUntouched,
  type PutItem,
  type ResolvedDocument,
} from "../../connectors/connectors.ts";
import type { Extractor } from "../../documents/documents.ts";
import {
  type GetRequest,
  type GotFile,
  type GotObject,
  isPassing,
  type ObjectFailure,
  type ObjectStore,
} from "../../objects/objects.ts";
import type { ContentSource, ContentStore } from "../content-store/content-store.ts";
import { readDocument, type Reading, type ReadingRules } from "../enrich/document.ts";

/** What came of one object: its text, nothing new, or why it could not be had. */
export type FetchResult =
  | {
      readonly kind: "read";
      readonly contentHash: string;
      readonly etag: string;
      readonly reading: Reading<ResolvedDocument>;
    }
  /** Only touched: what is indexed is what was fetched. */
  | { readonly kind: "untouched"; readonly contentHash: string; readonly etag: string }
  /** Not fetched: only who may read it has changed. */
  | { readonly kind: "onlyAccess" }
  /** The index has no room for it. */
  | { readonly kind: "refused"; readonly message: string }
  | {
      readonly kind: "failed";
      readonly failure: ObjectFailure;
      readonly code: string;
      /** `unfinished` is tried again at the next sync, `failed` only when the object changes. */
      readonly outcome: "failed" | "unfinished";
    };

/** Where objects come from and go to. */
export type FetchOptions = {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly expectedOwner: string | undefined;
  readonly fileSizeBytesMax: number;
  readonly extractor: Extractor;
  readonly rules: ReadingRules;
  /** Where copies go; undefined where none are kept. */
  readonly contents: ContentStore | undefined;
  readonly inMemoryBytesMax: number;
  /** For objects that are too large for memory. */
  readonly temporaryDir: string;
  readonly signal: AbortSignal;
};

/**
 * Fetches one object and reads its text. An object that was replaced since the listing is taken as
 * it is now. Rejects only when the sync is stopped.
 */
export async function fetchDocument(item: PutItem, options: FetchOptions): Promise<FetchResult> {
  if (item.object.sizeBytes <= options.inMemoryBytesMax) {
    const got = await getNewest(item, options, (request) => options.store.get(request));
    if (got.kind === "failed") return failure(got.failure, options);
    return readContent(item, got, { bytes: got.bytes }, options);
  }
  const folder = await mkdtemp(join(options.temporaryDir, "object-"));
  try {
    const file = join(folder, "content");
    const got = await getNewest(item, options, (request) =>
      options.store.getToFile({ ...request, file }),
    );
    if (got.kind === "failed") return failure(got.failure, options);
    return await readContent(item, got, { path: got.file }, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Got<T> = T | { readonly kind: "failed"; readonly failure: ObjectFailure };

async function getNewest<T extends GotObject | GotFile>(
  { key, object }: PutItem,
  options: FetchOptions,
  get: (request: GetRequest) => Promise<Got<T>>,
): Promise<Got<T>> {
  const { bucket, expectedOwner, fileSizeBytesMax: maxBytes, signal } = options;
  const owner = expectedOwner === undefined ? {} : { expectedOwner };
  const request = { bucket, key, maxBytes, signal, ...owner };
  const got = await get({ ...request, ifMatch: object.etag });
  const isChanged = got.kind === "failed" && got.failure.kind === "changed";
  return isChanged ? get(request) : got;
}

async function readContent(
  item: PutItem,
  { contentHash, etag }: GotObject | GotFile,
  source: ContentSource,
  { extractor, rules, contents, signal }: FetchOptions,
): Promise<FetchResult> {
  if (isUntouched(item, contentHash)) return { kind: "untouched", contentHash, etag };
  const { document, key: fileName } = item;
  const { contentType } = document;
  const how = { extractor, rules, contents, source, fileName, contentType, signal };
  const reading = await readDocument(document, how);
  signal.throwIfAborted();
  return { kind: "read", contentHash, etag, reading: withFileType(reading, document) };
}

const fileTypeName = "_file_type";

/** Where neither the key nor the metadata say of what type a document is, its bytes do. */
function withFileType(
  reading: Reading<ResolvedDocument>,
  before: ResolvedDocument,
): Reading<ResolvedDocument> {
  const { document, result } = reading;
  const isKnown = [before, document].some(({ attributes }) =>
    attributes.some(({ name }) => name === fileTypeName),
  );
  // Formats have the names of their extensions.
  const type =
    isKnown || result.outcome !== "extracted" ? undefined : fileTypeOf(`.${result.format}`);
  if (type === undefined) return reading;
  const attribute = { name: fileTypeName, value: { stringValue: type } };
  return { ...reading, document: { ...document, attributes: [...document.attributes, attribute] } };
}

function failure(objectFailure: ObjectFailure, { signal }: FetchOptions): FetchResult {
  signal.throwIfAborted();
  const code = failureCode(objectFailure, "object");
  // Denied, vanished or replaced twice: all of it can be different the next time.
  const isAboutNow =
    isPassing(objectFailure) || ["denied", "noSuchKey", "changed"].includes(objectFailure.kind);
  const outcome = isAboutNow ? "unfinished" : "failed";
  return { kind: "failed", failure: objectFailure, code, outcome };
}
