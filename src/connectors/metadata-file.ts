import { parseAclEntries, type AclEntry } from "./acl-entries.ts";
import { isObject } from "./settings-reader.ts";
import { parseStrictJson } from "./strict-json.ts";

/** Largest metadata file that is read. */
export const metadataBytesMax = 1024 * 1024;
const attributesMax = 500;

/** Content types a metadata file may name. */
export const contentTypes = [
  "PDF",
  "HTML",
  "MS_WORD",
  "PLAIN_TEXT",
  "PPT",
  "RTF",
  "XML",
  "XSLT",
  "MS_EXCEL",
  "CSV",
  "JSON",
  "MD",
] as const;
export type ContentType = (typeof contentTypes)[number];

/** Value of one attribute as the file writes it. */
export type MetadataValue = string | number | readonly string[];

/** What a metadata file says. */
export type Metadata = {
  readonly documentId?: string;
  readonly title?: string;
  readonly contentType?: ContentType;
  readonly attributes: Readonly<Record<string, MetadataValue>>;
  readonly accessList?: readonly AclEntry[];
};

/**
 * Reads a metadata file. Every member may be absent, none may be empty; unknown members are
 * ignored. Access lists may be longer than the 200 entries that are published for Amazon Kendra: a
 * document is not kept from its readers for it. An invalid file is never the same as none: its
 * document must not be ingested. Source: "Adding document metadata in Amazon S3".
 *
 * @returns the metadata, or `S3-5104` and why
 */
export function parseMetadata(
  bytes: Uint8Array,
): Metadata | { readonly code: "S3-5104"; readonly error: string } {
  try {
    return readMetadata(bytes);
  } catch (error) {
    if (error instanceof Invalid) return { code: "S3-5104", error: error.message };
    throw error;
  }
}

/** Leaves the reader of a file at the first thing that is wrong. */
class Invalid extends Error {}

function readMetadata(bytes: Uint8Array): Metadata {
  if (bytes.length > metadataBytesMax)
    throw new Invalid(`it is larger than ${metadataBytesMax} bytes`);
  const json = parseStrictJson(bytes);
  if ("error" in json) throw new Invalid(json.error);
  if (!isObject(json.value)) throw new Invalid("it is not an object");
  const members = json.value;
  const documentId = text(members, "DocumentId", 1825);
  if (documentId !== undefined && /\p{C}/u.test(documentId)) {
    throw new Invalid("DocumentId has a character that is not allowed");
  }
  const title = text(members, "Title", 1024);
  const type = text(members, "ContentType", 100);
  const contentType = contentTypes.find((one) => one === type);
  if (type !== undefined && contentType === undefined) {
    throw new Invalid(`ContentType is none of ${contentTypes.join(", ")}`);
  }
  const accessList = readAccessList(members["AccessControlList"]);
  return {
    ...(documentId === undefined ? {} : { documentId }),
    ...(title === undefined ? {} : { title }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(accessList === undefined ? {} : { accessList }),
    attributes: readAttributes(members["Attributes"]),
  };
}

function text(
  members: Readonly<Record<string, unknown>>,
  name: string,
  lengthMax: number,
): string | undefined {
  const value = members[name];
  if (value === undefined) return undefined;
  if (typeof value !== "string" || value === "") throw new Invalid(`${name} is empty or no string`);
  if ([...value].length > lengthMax) throw new Invalid(`${name} is longer than ${lengthMax}`);
  return value;
}

function readAccessList(value: unknown): readonly AclEntry[] | undefined {
  if (value === undefined) return undefined;
  const entries = parseAclEntries(value);
  if ("error" in entries) throw new Invalid(`AccessControlList: ${entries.error}`);
  if (entries.length === 0) throw new Invalid("AccessControlList is empty");
  return entries;
}

function readAttributes(value: unknown): Readonly<Record<string, MetadataValue>> {
  if (value === undefined) return {};
  if (!isObject(value)) throw new Invalid("Attributes is not an object");
  const entries = Object.entries(value);
  // Published files say "Attributes": {} where a document has none; that is no empty value.
  if (entries.length > attributesMax) {
    throw new Invalid(`Attributes has more than ${attributesMax} members`);
  }
  const read = entries.map(([name, attribute]) => {
    const isText = typeof attribute === "string" && attribute !== "";
    const isNumber = typeof attribute === "number" && Number.isFinite(attribute);
    if (isText || isNumber || isTextList(attribute)) return [name, attribute] as const;
    throw new Invalid(`Attribute "${name.slice(0, 200)}" is empty or of a type not allowed`);
  });
  // No prototype: a file may well name an attribute "__proto__".
  return Object.assign(Object.create(null), Object.fromEntries(read));
}

function isTextList(value: unknown): value is readonly string[] {
  const isList = Array.isArray(value) && value.length > 0;
  return isList && value.every((item) => typeof item === "string" && item !== "");
}
