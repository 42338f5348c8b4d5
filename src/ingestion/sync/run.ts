import type { PlanItem, PutItem, S3Settings } from "../../connectors/connectors.ts";
import type { ContentCipher } from "../../core/content-cipher.ts";
import type { ObjectStore } from "../../objects/objects.ts";
import type { DocumentScope, Resource, SyncJob } from "../../store/store.ts";
import type { ReadingRules } from "../enrich/document.ts";
import type { UnchangedWriter } from "../report/file.ts";
import type { RoleAccess } from "../role-access.ts";
import type { IndexFields } from "../stored-records.ts";
import type { IndexLimits } from "../capacity.ts";
import type { FetchResult } from "./fetch.ts";
import type { SyncLedger } from "./ledger.ts";

/** One run of one data source. */
export type SyncRun = {
  readonly job: SyncJob;
  readonly index: Resource<IndexFields>;
  readonly settings: S3Settings;
  readonly access: RoleAccess;
  readonly rules: ReadingRules;
  /** Refuses what the role may not read. */
  readonly store: ObjectStore;
  readonly ledger: SyncLedger;
  /** Takes what the report says of objects that were left alone. */
  readonly unchanged: Pick<UnchangedWriter, "note">;
  readonly indexArn: string;
  /** Seals what is noted on the way; each publishing asks for it anew. */
  readonly cipher: ContentCipher;
  /** What the index may hold. */
  readonly limits: IndexLimits;
  /** Failures that no row stands for, which are counted when the job ends. */
  readonly unlisted: { failures: number };
  /** Raised when the job is to stop, and when the server does. */
  readonly signal: AbortSignal;
};

/** What a plan ends with. */
export type PlanEnd = Extract<PlanItem, { action: "end" | "listingFailed" }>;

/** One document of a plan, with what came of its object. */
export type Fetched = { readonly item: PutItem; readonly result: FetchResult };

/** Where the documents of a run belong. */
export function scopeOf({ job, index }: SyncRun): DocumentScope {
  const { applicationId, dataSourceId } = job;
  return { applicationId, indexId: index.id, dataSourceId };
}
