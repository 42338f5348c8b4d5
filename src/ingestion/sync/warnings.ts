// What a sync should tell its owner and does not fail for: lines of the log.
import { metadataKeyOf, type PutItem } from "../../connectors/connectors.ts";
import type { Log } from "../../core/log.ts";
import type { PlanEnd, SyncRun } from "./run.ts";

type Services = { readonly log: Log };

/** Warns of patterns that match nothing, each once for a sync. */
export function warnOfPatterns({ log }: Services, { job, settings }: SyncRun): void {
  const { inclusionPatterns, exclusionPatterns } = settings;
  const reasons = [...inclusionPatterns, ...exclusionPatterns].map(({ warning }) => warning);
  for (const reason of new Set(reasons)) {
    if (reason !== undefined) log("warn", "sync.pattern", { executionId: job.id, reason });
  }
}

/** Warns of documents whose metadata file would need a key that is longer than keys can be. */
export function warnOfLongKeys(
  { log }: Services,
  { job, settings }: SyncRun,
  puts: readonly PutItem[],
): void {
  for (const { key, document } of puts) {
    if (metadataKeyOf(key, settings.metadataFilesPrefix) !== undefined) continue;
    const reason = "Its key is so long that it can have no metadata file.";
    const { documentId } = document;
    log("warn", "document.noMetadata", { executionId: job.id, document: documentId, reason });
  }
}

/** Warns of documents that the deletion safeguard keeps. */
export function warnOfHeldDeletions({ log }: Services, { job }: SyncRun, end: PlanEnd): void {
  if (end.action !== "end" || !end.isDeletionHeld) return;
  const { scanned, toDelete } = end;
  const reason = `The deletion safeguard kept ${toDelete} documents that are not in the bucket any more.`;
  log("warn", "sync.deletionHeld", { executionId: job.id, scanned, kept: toDelete, reason });
}
