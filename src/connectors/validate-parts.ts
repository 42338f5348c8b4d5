import { keyLengthMax, keyOfPath } from "./key-paths.ts";
import { compilePattern, type Pattern } from "./patterns.ts";
import { isObject, readSettings, type SettingsReader } from "./settings-reader.ts";
import { defaultMapping, type FieldMapping, type MappedType } from "./settings.ts";
import type { S3Settings, SettingsError } from "./settings.ts";

const bytesPerMegabyte = 1024 * 1024;
const fileSizeMegabytesDefault = 50;
const fileSizeMegabytesMax = 10_240;
const thresholdPercentDefault = 15;
const patternsMax = 100;
const prefixesMax = 1000;
const mappingsMax = 500;
const mappedTypes: readonly MappedType[] = ["STRING", "STRING_LIST", "DATE", "LONG"];

/** The bucket's name, or an error in its place. */
export function readBucket(reader: SettingsReader, key: string): string {
  const bucket = reader.text(key);
  if (bucket === undefined || bucket === "") {
    const isWrongType = reader.value(key) !== undefined && bucket === undefined;
    if (!isWrongType) reader.fail(key, "The bucket name is empty or missing.", "S3-5100");
    return "";
  }
  if (!/^[a-z0-9][.\-a-z0-9]{1,61}[a-z0-9]$/.test(bucket)) {
    reader.fail(key, "must be a bucket name of 3 to 63 characters: [a-z0-9][.-a-z0-9]*[a-z0-9]");
  }
  return bucket;
}

/** The four filter lists. */
export function readFilters(
  reader: SettingsReader,
  bucket: string,
): Pick<
  S3Settings,
  "inclusionPrefixes" | "exclusionPrefixes" | "inclusionPatterns" | "exclusionPatterns"
> {
  const filters = {
    inclusionPrefixes: readPrefixes(reader, "inclusionPrefixes", bucket),
    exclusionPrefixes: readPrefixes(reader, "exclusionPrefixes", bucket),
    inclusionPatterns: readPatterns(reader, "inclusionPatterns"),
    exclusionPatterns: readPatterns(reader, "exclusionPatterns"),
  };
  if (filters.exclusionPrefixes.includes("")) {
    reader.fail("exclusionPrefixes", "An empty prefix would exclude every object.");
  }
  const count = filters.inclusionPatterns.length + filters.exclusionPatterns.length;
  if (count > patternsMax) {
    reader.fail("inclusionPatterns", `${count} patterns; the limit is ${patternsMax} in all.`);
  }
  return filters;
}

function readPrefixes(reader: SettingsReader, key: string, bucket: string): readonly string[] {
  const paths = reader.texts(key);
  if (paths.length > prefixesMax) {
    reader.fail(key, `${paths.length} prefixes; the limit is ${prefixesMax}.`);
    return [];
  }
  return paths.flatMap((path) => readPath(reader, key, { path, bucket }) ?? []);
}

function readPatterns(reader: SettingsReader, key: string): readonly Pattern[] {
  const sources = reader.texts(key);
  // Compiling is not free, so a list beyond the limit is not looked at.
  if (sources.length > patternsMax) {
    reader.fail(key, `${sources.length} patterns; the limit is ${patternsMax}.`);
    return [];
  }
  return sources.flatMap((source) => {
    const pattern = compilePattern(source);
    if ("matches" in pattern) return [pattern];
    reader.fail(key, `Pattern "${source.slice(0, 100)}" is not valid: ${pattern.error}.`);
    return [];
  });
}

/** A path to a file or folder of the bucket that may be absent. */
export function readOptionalKey(
  reader: SettingsReader,
  key: string,
  bucket: string,
): string | undefined {
  const path = reader.text(key);
  if (path === undefined) return undefined;
  const found = readPath(reader, key, { path, bucket });
  if (found !== "") return found;
  reader.fail(key, "must not be empty");
  return undefined;
}

function readPath(
  reader: SettingsReader,
  key: string,
  { path, bucket }: { readonly path: string; readonly bucket: string },
): string | undefined {
  const found = keyOfPath(path, bucket);
  if (found === undefined) {
    reader.fail(key, `"${path.slice(0, 100)}" names another bucket than "${bucket}".`);
  } else if ([...found].length > keyLengthMax) {
    reader.fail(key, `must have at most ${keyLengthMax} characters`);
  } else return found;
  return undefined;
}

/** The size limit in bytes. One megabyte counts 1,048,576 bytes. */
export function readFileSizeMax(reader: SettingsReader, options: { readonly min: number }): number {
  const key = "maxFileSizeInMegaBytes";
  const megabytes = reader.number(key) ?? fileSizeMegabytesDefault;
  const isTooSmall = megabytes < options.min || Number.isNaN(megabytes);
  if (isTooSmall || megabytes > fileSizeMegabytesMax) {
    const least = options.min > 0 ? "greater than 0" : "at least 0";
    reader.fail(key, `must be ${least} and at most ${fileSizeMegabytesMax}`);
  }
  return Math.floor(megabytes * bytesPerMegabyte);
}

/** The deletion safeguard. It is off unless enabled; the threshold has a default of its own. */
export function readProtection(reader: SettingsReader): S3Settings["deletionProtection"] {
  const key = "deletionProtectionThreshold";
  const thresholdPercent = reader.number(key) ?? thresholdPercentDefault;
  if (!Number.isInteger(thresholdPercent) || thresholdPercent < 0 || thresholdPercent > 100) {
    reader.fail(key, "must be a whole number from 0 to 100");
  }
  return { isEnabled: reader.boolean("enableDeletionProtection") ?? false, thresholdPercent };
}

/** The field mappings; the list may be empty but must be there. */
export function readMappings(reader: SettingsReader, errors: SettingsError[]): FieldMapping[] {
  const document = reader
    .object("repositoryConfigurations", { isRequired: true })
    .object("document");
  const list = document.value("fieldMappings");
  if (reader.value("repositoryConfigurations") === undefined) return [];
  if (!Array.isArray(list)) {
    document.fail("fieldMappings", list === undefined ? "is required" : "must be a list");
    return [];
  }
  if (list.length > mappingsMax) {
    document.fail("fieldMappings", `${list.length} mappings; the limit is ${mappingsMax}.`);
    return [];
  }
  return list.flatMap((item: unknown, at) => {
    const path = `${document.field("fieldMappings")}[${at}]`;
    const mapping = isObject(item) ? readMapping(readSettings(item, path, errors)) : undefined;
    if (!isObject(item)) errors.push({ field: path, message: "must be an object" });
    return mapping ?? [];
  });
}

function readMapping(reader: SettingsReader): FieldMapping | undefined {
  const required = (key: string, code: string): string | undefined => {
    const text = reader.text(key);
    if (text !== undefined && text.trim() !== "") return text;
    if (typeof reader.value(key) === "string" || reader.value(key) === undefined) {
      reader.fail(key, "is empty or missing", code);
    }
    return undefined;
  };
  const indexFieldName = required("indexFieldName", "S3-5105");
  const type = required("indexFieldType", "S3-5106");
  const dataSourceFieldName = required("dataSourceFieldName", "S3-5107");
  const indexFieldType = mappedTypes.find((one) => one === type);
  if (type !== undefined && indexFieldType === undefined) {
    reader.fail("indexFieldType", `must be one of ${mappedTypes.join(", ")}`, "S3-5108");
  }
  if (indexFieldName === undefined || dataSourceFieldName === undefined) return undefined;
  return indexFieldType && { indexFieldName, indexFieldType, dataSourceFieldName };
}

export const defaultMappings: readonly FieldMapping[] = [defaultMapping];
