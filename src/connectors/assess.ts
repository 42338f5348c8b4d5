import { isNamedByChoice, type OpenDocumentFormats } from "../documents/documents.ts";
import { isPassing, type ListedObject } from "../objects/objects.ts";
import type { CrawlSource } from "./crawl.ts";
import { resolveDocument, type DocumentRules } from "./document.ts";
import {
  accessHashOf,
  changesBetween,
  currentAccessHash,
  fingerprintOf,
  hashOf,
  isSameSetting,
  type AccessRules,
} from "./fingerprint.ts";
import type { KnownDocument } from "./known-documents.ts";
import { parseMetadata, type Metadata } from "./metadata-file.ts";
import type { Paired } from "./pairing.ts";
import type { FailItem, PlanItem, PutItem } from "./plan-items.ts";
import { resolveAcl } from "./resolve-acl.ts";

/** What documents of one sync are judged by. */
export type AssessRules = DocumentRules & {
  readonly access: AccessRules;
  readonly settingsHash: string;
  /** What becomes of OpenDocument files; a change of it makes those anew that are named as one. */
  readonly openDocumentFormats?: OpenDocumentFormats;
  /** Put every document again, changed or not. */
  readonly isForced: boolean;
};

/** A judgement that does not know yet who holds the document's id. */
export type Assessed =
  | Exclude<PlanItem, { action: "crawled" | "end" | "delete" | "listingFailed" }>
  | { readonly action: "clashBefore"; readonly paired: Paired; readonly known: KnownDocument };

/**
 * Judges one object. Without a change, the listing alone is enough: metadata files are read only
 * when they are new or changed, or when their document is to be put.
 */
export function assess(
  paired: Paired,
  known: KnownDocument | undefined,
  rulesOfAll: AssessRules,
  source: Pick<CrawlSource, "readMetadata">,
): Assessed | Promise<Assessed> {
  const rules = rulesFor(paired.object.key, rulesOfAll);
  const { object, metadata, skip } = paired;
  if (skip !== undefined) return { action: "skip", key: object.key, reason: skip };
  if (known !== undefined && !rules.isForced && isSameAtSight(paired, known, rules)) {
    return unchanged(known, known.fingerprint, paired);
  }
  if (metadata === undefined) return judge({ paired, known, rules });
  return readAndJudge({ paired, known, rules }, metadata, source);
}

/** Skipping is what the settings of all others say, so it changes nothing about any object. */
function rulesFor(key: string, rules: AssessRules): AssessRules {
  const { openDocumentFormats = "skip", settingsHash } = rules;
  if (openDocumentFormats === "skip" || !isNamedByChoice(key)) return rules;
  return { ...rules, settingsHash: hashOf({ settingsHash, openDocumentFormats }) };
}

type Case = {
  readonly paired: Paired;
  readonly known: KnownDocument | undefined;
  readonly rules: AssessRules;
};

function isSameAtSight(paired: Paired, known: KnownDocument, rules: AssessRules): boolean {
  const { fingerprint, outcome } = known;
  const { object, metadata } = paired;
  return (
    outcome !== "unfinished" &&
    (outcome !== "indexed" || known.documentId !== undefined) &&
    fingerprint.objectEtag === object.etag &&
    fingerprint.sizeBytes === object.sizeBytes &&
    fingerprint.metadataEtag === (metadata?.etag ?? null) &&
    isSameSetting(fingerprint, rules) &&
    fingerprint.accessHash ===
      currentAccessHash(object.key, fingerprint.metadataAccessHash, rules.access)
  );
}

function unchanged(
  known: KnownDocument,
  fingerprint: KnownDocument["fingerprint"],
  paired: Paired,
): Assessed {
  const { key, documentId = "", outcome } = known;
  if (outcome === "clash") return { action: "clashBefore", paired, known };
  if (outcome === "failed") return { action: "skip", key, reason: "failedBefore" };
  if (outcome === "unsupported") {
    const reported = known.wantedId === undefined ? {} : { documentId: known.wantedId };
    return { action: "skip", key, reason: "unsupported", ...reported };
  }
  const before = known.fingerprint;
  const { contentHash } = before;
  const isKept = fingerprint === before || contentHash === undefined;
  const now = isKept ? fingerprint : { ...fingerprint, contentHash };
  return { action: "unmodified", key, documentId, fingerprint: now };
}

async function readAndJudge(
  about: Case,
  metadata: ListedObject,
  source: Pick<CrawlSource, "readMetadata">,
): Promise<Assessed> {
  const read = await source.readMetadata(metadata);
  if (read.kind === "metadata") {
    const parsed = parseMetadata(read.bytes);
    if (!("code" in parsed)) return judge({ ...about, metadata: { ...read, parsed } });
    const message = `Metadata file "${metadata.key}" is not valid: ${parsed.error}.`;
    return failItem({ ...about, metadata: read }, { code: "S3-5104", message, outcome: "failed" });
  }
  const { failure } = read;
  // Too large is what the file is; anything else, even that it has gone, may pass. A document is
  // never put without the metadata that the listing promised: it would lose its access list.
  if (failure.kind === "tooLarge") {
    return failItem(about, { code: "S3-5104", message: failure.message, outcome: "failed" });
  }
  const code = failure.kind === "encrypted" ? "S3-5201" : "S3-5200";
  const outcome = isPassing(failure) ? "unfinished" : "failed";
  return failItem(about, { code, message: failure.message, outcome });
}

type Read = { readonly etag: string; readonly bytes: Uint8Array; readonly parsed?: Metadata };
type ReadCase = Case & { readonly metadata?: Read };

function judge(about: ReadCase): Assessed {
  const { paired, known, rules, metadata } = about;
  const { object } = paired;
  const { key } = object;
  const document = resolveDocument(object, metadata?.parsed, rules);
  if ("code" in document) {
    const { code, error } = document;
    return failItem(about, { code, message: error, outcome: "failed" });
  }
  const metadataEntries = metadata?.parsed?.accessList;
  const access = resolveAcl({ key, metadataEntries, ...rules.access });
  const { settingsHash, bucket } = rules;
  const fingerprint = fingerprintOf({
    object,
    ...(metadata === undefined ? {} : { metadata }),
    accessHash: accessHashOf(access),
    settingsHash,
    bucket,
  });
  const changes: PutItem["changes"] =
    known === undefined
      ? []
      : reasons(known, changesBetween(known.fingerprint, fingerprint), rules);
  if (known !== undefined && changes.length === 0) return unchanged(known, fingerprint, paired);
  // Content that did not change need not be read for its hash again.
  const contentHash = changes.includes("content") ? undefined : known?.fingerprint.contentHash;
  const content = contentHash === undefined ? {} : { contentHash };
  const put = {
    key,
    object,
    document,
    access,
    changes,
    fingerprint: { ...fingerprint, ...content },
  };
  return { action: "add", ...put, ...(known === undefined ? {} : { known }) };
}

function reasons(
  known: KnownDocument,
  changes: PutItem["changes"],
  { isForced }: AssessRules,
): PutItem["changes"] {
  const all = [...changes];
  const isIncomplete = known.outcome === "indexed" && known.documentId === undefined;
  if (known.outcome === "unfinished" || isIncomplete) all.push("retry");
  if (isForced) all.push("forced");
  return all;
}

/** A failure, with what to remember so that it is recognised the next time. */
function failItem(
  { paired, known, rules, metadata }: ReadCase,
  failure: Pick<FailItem, "code" | "message" | "outcome">,
): FailItem {
  const { object } = paired;
  const { key } = object;
  const etag = metadata?.etag ?? paired.metadata?.etag;
  const list = metadata?.parsed?.accessList;
  const access = resolveAcl({ key, metadataEntries: list, ...rules.access });
  const isAccessKnown = paired.metadata === undefined || metadata?.parsed !== undefined;
  const fingerprint = fingerprintOf({
    object,
    ...(metadata === undefined ? {} : { metadata }),
    accessHash: accessHashOf(access),
    settingsHash: rules.settingsHash,
    bucket: rules.bucket,
  });
  return {
    action: "fail",
    key,
    reportedId: known?.documentId ?? `s3://${rules.bucket}/${key}`,
    ...(known?.documentId === undefined ? {} : { documentId: known.documentId }),
    ...(isAccessKnown ? { access } : {}),
    ...failure,
    fingerprint: { ...fingerprint, metadataEtag: etag ?? null },
    ...(known === undefined ? {} : { known }),
  };
}
