import { isObject, readSettings, type SettingsReader } from "./settings-reader.ts";
import type { CustomSettings, S3Settings, SettingsError } from "./settings.ts";
import {
  defaultMappings,
  readBucket,
  readFileSizeMax,
  readFilters,
  readMappings,
  readOptionalKey,
  readProtection,
} from "./validate-parts.ts";

/** A valid configuration, or everything that is wrong with it. */
export type ValidatedConfiguration =
  | { readonly isValid: true; readonly settings: S3Settings | CustomSettings }
  | { readonly isValid: false; readonly errors: readonly SettingsError[] };

/**
 * Checks the `configuration` document of a data source: template `S3`, `S3V2` or `CUSTOM`.
 * Unknown keys are ignored, scalars may come as text. Sources: "Connecting Amazon S3 to Amazon Q
 * Business", using the API (both connectors); "Understand error codes in the Amazon S3 connector".
 *
 * @returns settings with every default filled in, or one error for each key that is wrong
 */
export function validateConfiguration(configuration: unknown): ValidatedConfiguration {
  const errors: SettingsError[] = [];
  const reader = readSettings(configuration, "configuration", errors);
  if (!isObject(configuration)) {
    return { isValid: false, errors: [{ field: "configuration", message: "must be an object" }] };
  }
  const settings = readTemplate(reader, errors);
  if (errors.length > 0 || settings === undefined) return { isValid: false, errors };
  return { isValid: true, settings };
}

function readTemplate(
  reader: SettingsReader,
  errors: SettingsError[],
): S3Settings | CustomSettings | undefined {
  const type = reader.value("type");
  if (type === "S3") return readV1(reader, errors);
  if (type === "S3V2") return readV2(reader);
  if (type === "CUSTOM") return { type, version: reader.text("version") ?? "1.0.0" };
  const message = type === undefined ? "is required" : "must be one of S3, S3V2, CUSTOM";
  reader.fail("type", message);
  return undefined;
}

function readV1(reader: SettingsReader, errors: SettingsError[]): S3Settings {
  const syncMode = reader.text("syncMode") ?? "";
  if (reader.value("syncMode") === undefined) reader.fail("syncMode", "is required");
  else if (typeof reader.value("syncMode") === "string" && !isSyncMode(syncMode)) {
    reader.fail("syncMode", "must be FULL_CRAWL or FORCED_FULL_CRAWL");
  }
  const version = reader.text("version");
  if (version !== undefined && version !== "1.0.0" && version !== "2.0.0") {
    reader.fail("version", "must be 1.0.0 or 2.0.0");
  }
  const connection = reader.object("connectionConfiguration", { isRequired: true });
  const endpoint = connection.object("repositoryEndpointMetadata");
  const bucket = readBucket(endpoint, "BucketName");
  const more = reader.object("additionalProperties");
  return {
    type: "S3",
    bucket,
    syncMode: isSyncMode(syncMode) ? syncMode : "FULL_CRAWL",
    fieldMappings: readMappings(reader, errors),
    ...readFilters(more, bucket),
    ...optional("aclFileKey", readOptionalKey(more, "aclConfigurationFilePath", bucket)),
    ...optional("metadataFilesPrefix", readOptionalKey(more, "metadataFilesPrefix", bucket)),
    // The older template asks for a size above zero; one millionth is the least it can write.
    fileSizeBytesMax: readFileSizeMax(more, { min: 1e-6 }),
    deletionProtection: readProtection(more),
  };
}

function readV2(reader: SettingsReader): S3Settings {
  const connection = reader.object("connectionConfiguration", { isRequired: true });
  const bucket = readBucket(connection, "bucketName");
  const owner = readOwner(connection, "bucketOwnerAccountId");
  const filters = reader.object("filterConfiguration");
  const access = reader.object("accessControlConfiguration");
  return {
    type: "S3V2",
    bucket,
    bucketOwnerAccountId: owner,
    // This template knows no sync mode; one that is sent is ignored.
    syncMode: "FULL_CRAWL",
    fieldMappings: defaultMappings,
    ...readFilters(filters, bucket),
    ...optional("aclFileKey", readOptionalKey(access, "aclConfigurationFilePath", bucket)),
    ...optional("metadataFilesPrefix", readOptionalKey(reader, "metadataFilesPrefix", bucket)),
    fileSizeBytesMax: readFileSizeMax(filters, { min: 0 }),
    deletionProtection: readProtection(reader.object("deletionProtectionConfiguration")),
  };
}

/** The account that owns the bucket. Written in YAML without quotes it comes as a number. */
function readOwner(reader: SettingsReader, key: string): string {
  const value = reader.value(key);
  const owner = typeof value === "number" ? String(value) : value;
  if (typeof owner === "string" && /^\d{12}$/.test(owner)) return owner;
  reader.fail(key, "must be an account id of 12 digits");
  return "";
}

function isSyncMode(text: string): text is S3Settings["syncMode"] {
  return text === "FULL_CRAWL" || text === "FORCED_FULL_CRAWL";
}

function optional<Key extends string>(
  key: Key,
  value: string | undefined,
): { [name in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [name in Key]?: string });
}
