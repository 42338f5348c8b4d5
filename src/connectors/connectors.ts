/**
 * Where documents come from. A connector reads its configuration, compares its source with what is
 * remembered of it, and says step by step what has to be done.
 *
 * Words: a *crawl* lists the source; a *fingerprint* is what a document looked like when it was
 * last taken up; a *plan item* is one step of a sync; the *ledger* says which key holds which id.
 *
 * Not for: evaluating policies (see `requiredPermissions`), fetching and parsing content, storing.
 */
import { planSync, type SyncInput } from "./plan-sync.ts";
import type { PlanItem } from "./plan-items.ts";
import { readAclFile } from "./read-acl-file.ts";
import { validateConfiguration, type ValidatedConfiguration } from "./validate-configuration.ts";

/** What ingestion needs of a connector that crawls. */
export type Connector = {
  /** Values of `configuration.type` that it serves. */
  readonly types: readonly string[];
  readonly validate: (configuration: unknown) => ValidatedConfiguration;
  readonly readAclFile: typeof readAclFile;
  readonly plan: (input: SyncInput) => AsyncIterable<PlanItem>;
};

/** Amazon S3 and everything that speaks its protocol, and folders. */
export const s3Connector: Connector = {
  types: ["S3", "S3V2"],
  validate: validateConfiguration,
  readAclFile,
  plan: planSync,
};

export type { AclEntry } from "./acl-entries.ts";
export { longestPrefix, parseAclFile, type AclFile, type AclRule } from "./acl-file.ts";
export type { AttributeValue, IndexFieldType } from "./attribute-values.ts";
export { crawlSource, type CrawlSource } from "./crawl.ts";
export { sourceUri, type DocumentFailure, type ResolvedDocument } from "./document.ts";
export { failureCode } from "./failure-codes.ts";
export { fileTypeOf } from "./file-type.ts";
export { metadataKeyOf } from "./key-paths.ts";
export { accessHashOf, hashOf, type AccessRules, type Fingerprint } from "./fingerprint.ts";
export {
  createMemoryLedger,
  type Holder,
  type IdLedger,
  type KnownDocument,
} from "./known-documents.ts";
export { parseMetadata, type ContentType, type Metadata } from "./metadata-file.ts";
export { compilePattern, type Pattern } from "./patterns.ts";
export { decryptContextArn, requiredPermissions } from "./permissions.ts";
export type { AccessStep, RequiredPermission } from "./permissions.ts";
export { type FailItem, isScanned, type PlanItem, type PutItem } from "./plan-items.ts";
export { isUntouched, planSync, type SyncInput } from "./plan-sync.ts";
export type { JobFailure } from "./read-acl-file.ts";
export {
  accessConfigurationOf,
  accessOfRules,
  resolveAcl,
  ruleOf,
  type AccessConfiguration,
  type AccessPrincipal,
  type ResolvedAccess,
} from "./resolve-acl.ts";
export { isDeletionHeld } from "./safeguard.ts";
export { parseSchedule, type Schedule } from "./schedule.ts";
export type { SkipReason } from "./scope.ts";
export type { CustomSettings, FieldMapping, S3Settings, SettingsError } from "./settings.ts";
export { validateConfiguration, type ValidatedConfiguration } from "./validate-configuration.ts";
