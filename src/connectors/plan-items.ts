import type { ListedObject, ObjectFailure } from "../objects/objects.ts";
import type { ResolvedDocument } from "./document.ts";
import type { Change, Fingerprint } from "./fingerprint.ts";
import type { KnownDocument } from "./known-documents.ts";
import type { ResolvedAccess } from "./resolve-acl.ts";
import type { SkipReason } from "./scope.ts";

/** A document to be put into the index. */
export type PutItem = {
  readonly action: "add" | "modify";
  readonly key: string;
  readonly object: ListedObject;
  readonly document: ResolvedDocument;
  readonly access: ResolvedAccess;
  /** Why, for `modify`; empty for `add`. `moved`: another key held the id before. */
  readonly changes: readonly (Change | "forced" | "retry" | "moved")[];
  /** Without content hash, which whoever fetches the content adds. */
  readonly fingerprint: Fingerprint;
  readonly known?: KnownDocument;
};

/** A document that cannot be put. An earlier version in the index stays as it was. */
export type FailItem = {
  readonly action: "fail";
  readonly key: string;
  /** The id it still holds, if any; to be remembered. */
  readonly documentId?: string;
  /** For a `clash`: the id that another key holds; to be remembered. */
  readonly wantedId?: string;
  /** The id for a report. */
  readonly reportedId: string;
  /** Who may read what it would be; absent where its metadata file cannot be read. */
  readonly access?: ResolvedAccess;
  readonly code: "S3-5104" | "S3-5200" | "S3-5201" | "InvalidRequest";
  readonly message: string;
  /** What to remember as `KnownDocument.outcome`. */
  readonly outcome: "failed" | "clash" | "unfinished";
  readonly fingerprint: Fingerprint;
  readonly known?: KnownDocument;
};

/**
 * Why an object in scope is left as it is, which counts as scanned: it failed before and has not
 * changed since; an earlier key holds its id, as before; its format is none that documents have.
 */
export type LeftReason = "failedBefore" | "clashBefore" | "unsupported";

/** One step of a sync. */
export type PlanItem =
  | PutItem
  | FailItem
  | {
      readonly action: "unmodified";
      readonly key: string;
      readonly documentId: string;
      /** To be remembered where it differs from the known one: a touched metadata file. */
      readonly fingerprint: Fingerprint;
    }
  /** Nothing to do with an object. */
  | {
      readonly action: "skip";
      readonly key: string;
      readonly reason: SkipReason | LeftReason;
      /** The id for a report, where it is remembered. */
      readonly documentId?: string;
    }
  /**
   * Everything that was listed is planned. What has been decided so far must be carried out before
   * the next item is asked for: which documents nobody holds any more is read from the store.
   */
  | { readonly action: "crawled" }
  /** Only after the whole crawl, and only if the safeguard allows. */
  | { readonly action: "delete"; readonly key: string; readonly documentId: string }
  | {
      readonly action: "end";
      readonly scanned: number;
      readonly toDelete: number;
      /** The safeguard kept the documents that this sync would have deleted. */
      readonly isDeletionHeld: boolean;
    }
  /** The last item; nothing may be deleted. */
  | { readonly action: "listingFailed"; readonly failure: ObjectFailure };

/** Whether an item stands for an object that counts as scanned: one in scope, whatever came of it. */
export function isScanned(item: PlanItem): boolean {
  switch (item.action) {
    case "add":
    case "modify":
    case "unmodified":
    case "fail":
      return true;
    case "skip":
      return isLeft(item.reason);
    default:
      return false;
  }
}

/** Whether a reason is not about the listing: what is remembered of the object stays. */
export function isLeft(reason: SkipReason | LeftReason): reason is LeftReason {
  return reason === "failedBefore" || reason === "clashBefore" || reason === "unsupported";
}
