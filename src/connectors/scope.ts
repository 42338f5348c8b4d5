import { exchangePrefix, type ListedObject } from "../objects/objects.ts";
import { metadataSuffix } from "./key-paths.ts";
import type { S3Settings } from "./settings.ts";

/** Why a listed object becomes no document. Control files are not worth a word in a report. */
export type SkipReason =
  | "metadataFile"
  | "aclFile"
  | "folderMarker"
  | "exchange"
  | "empty"
  | "notIncluded"
  | "excluded"
  | "tooLarge";

/**
 * Decides from the listing alone whether an object is in scope. Exclusion always wins; filters do
 * not apply to control files. Source: "Connecting Amazon S3 to Amazon Q Business", sync scope.
 *
 * @returns undefined for an object in scope
 */
export function skipReason(object: ListedObject, settings: S3Settings): SkipReason | undefined {
  const { key, sizeBytes } = object;
  if (key.endsWith(metadataSuffix)) return "metadataFile";
  if (key === settings.aclFileKey) return "aclFile";
  if (key.endsWith("/")) return "folderMarker";
  // Ours, on their way to a function: copies of documents, without the documents' access lists.
  if (key.startsWith(exchangePrefix)) return "exchange";
  const { inclusionPrefixes, inclusionPatterns, exclusionPrefixes, exclusionPatterns } = settings;
  const isExcluded =
    exclusionPrefixes.some((prefix) => key.startsWith(prefix)) ||
    exclusionPatterns.some((pattern) => pattern.matches(key));
  if (isExcluded) return "excluded";
  const isIncluded =
    (inclusionPrefixes.length === 0 ||
      inclusionPrefixes.some((prefix) => key.startsWith(prefix))) &&
    (inclusionPatterns.length === 0 || inclusionPatterns.some((pattern) => pattern.matches(key)));
  if (!isIncluded) return "notIncluded";
  if (sizeBytes <= 0) return "empty";
  return sizeBytes > settings.fileSizeBytesMax ? "tooLarge" : undefined;
}
