import type { ListedObject } from "../objects/objects.ts";
import { typedValue, type AttributeValue, type IndexFieldType } from "./attribute-values.ts";
import { fileTypeOf } from "./file-type.ts";
import { baseName } from "./key-paths.ts";
import type { ContentType, Metadata, MetadataValue } from "./metadata-file.ts";
import type { FieldMapping } from "./settings.ts";

/** Reserved fields that a metadata file may set. */
const reservedTypes: Readonly<Record<string, IndexFieldType>> = {
  _authors: "STRING_LIST",
  _category: "STRING",
  _created_at: "DATE",
  _data_source_type: "STRING",
  _document_title: "STRING",
  _file_type: "STRING",
  _language_code: "STRING",
  _last_updated_at: "DATE",
  _source_uri: "STRING",
  _version: "STRING",
  _view_count: "NUMBER",
};
const ignoredNames = new Set(["_document_id", "_document_body", "_data_source_id"]);
const documentIdLengthMax = 1825;

/** A document as it goes to the index, without its content and its readers. */
export type ResolvedDocument = {
  readonly documentId: string;
  readonly title: string;
  readonly contentType?: ContentType;
  readonly attributes: readonly { readonly name: string; readonly value: AttributeValue }[];
};

/** What shapes the documents of one data source. */
export type DocumentRules = {
  readonly bucket: string;
  readonly dataSourceId: string;
  readonly fieldMappings: readonly FieldMapping[];
  /** The fields of the index by name; the reserved ones need not be among them. */
  readonly indexFields: ReadonlyMap<string, IndexFieldType>;
  /** Address of an object for people; undefined where a bucket has none. */
  readonly sourceUriOf: (key: string) => string | undefined;
};

/** A document that cannot be put, and the API's code for it. */
export type DocumentFailure = {
  readonly code: "InvalidRequest" | "S3-5104";
  readonly error: string;
};

/**
 * Works out identity, title and attributes of an object's document: what its metadata says, and
 * the connector's defaults for the rest. Sources: "Amazon S3 data source connector field mappings"
 * and "Adding document metadata in Amazon S3".
 */
export function resolveDocument(
  object: ListedObject,
  metadata: Metadata | undefined,
  rules: DocumentRules,
): ResolvedDocument | DocumentFailure {
  const documentId = metadata?.documentId ?? `s3://${rules.bucket}/${object.key}`;
  if ([...documentId].length > documentIdLengthMax || /\p{C}/u.test(documentId)) {
    const error = `The id of the document at key ${JSON.stringify(object.key)} is not allowed.`;
    return { code: "InvalidRequest", error };
  }
  const own = ownAttributes(metadata?.attributes ?? {}, rules);
  if ("error" in own) return own;
  const titled = own.get("_document_title");
  const ownTitle = titled !== undefined && "stringValue" in titled ? titled.stringValue : undefined;
  const title = metadata?.title ?? ownTitle ?? baseName(object.key);
  const attributes = new Map([...defaultAttributes(object, title, rules), ...own]);
  attributes.set("_document_title", { stringValue: title });
  // What the file says of its content counts more than the end of a key.
  const fileType = metadata?.contentType ?? fileTypeOf(object.key);
  if (fileType !== undefined && !own.has("_file_type")) {
    attributes.set("_file_type", { stringValue: fileType });
  }
  return {
    documentId,
    title,
    ...(metadata?.contentType === undefined ? {} : { contentType: metadata.contentType }),
    attributes: [...attributes].map(([name, value]) => ({ name, value })),
  };
}

function defaultAttributes(
  { key, lastModified }: ListedObject,
  title: string,
  rules: DocumentRules,
): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>([
    ["_document_title", { stringValue: title }],
    ["_created_at", { dateValue: lastModified }],
    ["_last_updated_at", { dateValue: lastModified }],
    ["_data_source_id", { stringValue: rules.dataSourceId }],
    ["_language_code", { stringValue: "en" }],
  ]);
  const sourceUri = rules.sourceUriOf(key);
  if (sourceUri !== undefined) attributes.set("_source_uri", { stringValue: sourceUri });
  for (const { dataSourceFieldName, indexFieldName } of rules.fieldMappings) {
    if (dataSourceFieldName === "s3_document_id")
      attributes.set(indexFieldName, { stringValue: key });
  }
  return attributes;
}

function ownAttributes(
  attributes: Readonly<Record<string, MetadataValue>>,
  rules: DocumentRules,
): Map<string, AttributeValue> | DocumentFailure {
  const own = new Map<string, AttributeValue>();
  for (const [name, value] of Object.entries(attributes)) {
    if (ignoredNames.has(name)) continue;
    const fields = fieldsOf(name, rules);
    if (fields.length === 0) {
      return {
        code: "InvalidRequest",
        error: `The index has no field for attribute "${name.slice(0, 200)}"; add it with UpdateIndex, then sync again.`,
      };
    }
    for (const [field, type] of fields) {
      const typed = typedValue(value, type);
      if (typed === undefined) {
        const error = `Attribute "${name.slice(0, 200)}" is no value for a field of type ${type}.`;
        return { code: "S3-5104", error };
      }
      own.set(field, typed);
    }
  }
  return own;
}

/** The fields an attribute goes into: the one of its own name and those that are mapped to it. */
function fieldsOf(
  name: string,
  rules: DocumentRules,
): readonly (readonly [string, IndexFieldType])[] {
  const isName = name.length <= 200 && /^[a-zA-Z0-9_][a-zA-Z0-9_-]*$/.test(name);
  const reserved = Object.hasOwn(reservedTypes, name) ? reservedTypes[name] : undefined;
  const sameName = isName ? (reserved ?? rules.indexFields.get(name)) : undefined;
  const mapped = rules.fieldMappings
    .filter((mapping) => mapping.dataSourceFieldName === name)
    .map(({ indexFieldName, indexFieldType }) => {
      const declared = indexFieldType === "LONG" ? "NUMBER" : indexFieldType;
      return [indexFieldName, rules.indexFields.get(indexFieldName) ?? declared] as const;
    });
  return sameName === undefined ? mapped : [[name, sameName], ...mapped];
}

/**
 * The public address of an object: virtual-host form on Amazon S3, path style elsewhere.
 *
 * @example sourceUri({ bucket: "b", key: "a b.pdf" }) // "https://b.s3.amazonaws.com/a%20b.pdf"
 */
export function sourceUri(options: {
  readonly bucket: string;
  readonly key: string;
  readonly endpoint?: string;
}): string {
  const { bucket, key, endpoint } = options;
  const path = key.toWellFormed().split("/").map(encodeURIComponent).join("/");
  if (endpoint === undefined) return `https://${bucket}.s3.amazonaws.com/${path}`;
  return `${endpoint.replace(/\/+$/, "")}/${bucket}/${path}`;
}
