import type { Pattern } from "./patterns.ts";

/** Types a field of the index can have, in the words of the connector's template. */
export type MappedType = "STRING" | "STRING_LIST" | "DATE" | "LONG";

/** Which attribute of a document goes into which field of the index. */
export type FieldMapping = {
  readonly indexFieldName: string;
  readonly indexFieldType: MappedType;
  readonly dataSourceFieldName: string;
};

/** What an S3 data source does, whichever template it was written in. */
export type S3Settings = {
  readonly type: "S3" | "S3V2";
  readonly bucket: string;
  /** Named in template `S3V2` only. */
  readonly bucketOwnerAccountId?: string;
  readonly syncMode: "FULL_CRAWL" | "FORCED_FULL_CRAWL";
  readonly fieldMappings: readonly FieldMapping[];
  readonly inclusionPrefixes: readonly string[];
  readonly exclusionPrefixes: readonly string[];
  readonly inclusionPatterns: readonly Pattern[];
  readonly exclusionPatterns: readonly Pattern[];
  readonly aclFileKey?: string;
  readonly metadataFilesPrefix?: string;
  readonly fileSizeBytesMax: number;
  readonly deletionProtection: { readonly isEnabled: boolean; readonly thresholdPercent: number };
};

/** A data source that its owner fills through the API. */
export type CustomSettings = { readonly type: "CUSTOM"; readonly version: string };

/** One thing wrong in a configuration. */
export type SettingsError = {
  /** Path of the key, from `configuration` on. */
  readonly field: string;
  readonly message: string;
  /** The connector's own error code, where it has one. */
  readonly code?: string;
};

/** The default mapping of the connector: the object's key. */
export const defaultMapping: FieldMapping = {
  indexFieldName: "s3_document_id",
  indexFieldType: "STRING",
  dataSourceFieldName: "s3_document_id",
};
