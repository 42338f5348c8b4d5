// What travels between the server's thread and a search thread.
import type { ContentKeys } from "../core/content-cipher.ts";
import type { EncodedSegment, CheckedBlob, IndexableDocument } from "./segment-builder.ts";
import type { MergeResult } from "./merge.ts";
import type { FoundPassages, RetrieveRequest } from "./retrieve.ts";
import type { chunks } from "../store/store.ts";

/** What a thread is started with. */
export type ThreadOptions = { readonly path: string; readonly cacheBytesMax: number };

/** Work for a thread, by kind. */
export type ThreadRequest =
  | { readonly kind: "warm up" }
  | ({ readonly kind: "retrieve"; readonly retrieve: RetrieveRequest } & Sealed)
  | { readonly kind: "prepare"; readonly documents: readonly IndexableDocument[] }
  | ({
      readonly kind: "merge";
      readonly indexId: string;
      readonly ids: readonly number[];
    } & Sealed)
  | ({
      readonly kind: "rebuild";
      readonly indexId: string;
      readonly after: number;
      readonly sequence: number;
    } & Sealed);

/** With what the index is sealed; undefined where it is not. */
type Sealed = { readonly keys?: ContentKeys | undefined };

/** Documents ready to be stored, and their segment. */
export type PreparedDocuments = {
  readonly documents: readonly chunks.DocumentPages[];
  readonly segment: EncodedSegment;
};

/** One step of a rebuild. `last` is the key to go on after, undefined at the end. */
export type RebuiltBatch = {
  readonly segment: EncodedSegment;
  readonly damaged: readonly number[];
  readonly last: number | undefined;
};

/** A merge; its pages were sent before as parts. */
export type Merged = MergeResult & { readonly sequence: number };

/** What comes back, by kind of the request. */
export type ThreadResults = {
  readonly "warm up": undefined;
  readonly retrieve: FoundPassages;
  readonly prepare: PreparedDocuments;
  readonly merge: Merged;
  readonly rebuild: RebuiltBatch;
};

/** Pages of a merge on their way. */
export type MergePart = readonly CheckedBlob[];

/** To a thread: a job, or that the part it sent has been dealt with. */
export type ToThread =
  | {
      readonly kind: "job";
      readonly request: ThreadRequest;
      /** Becomes 1 when nobody waits for the answer any more. */
      readonly cancelled?: SharedArrayBuffer;
    }
  | { readonly kind: "go on" }
  | { readonly kind: "close" };

/** From a thread. */
export type FromThread =
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly name: string; readonly message: string }
  | { readonly kind: "part"; readonly part: MergePart };
