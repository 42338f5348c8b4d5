import type { Attribute, AttributeValue } from "../../search/search.ts";
import type { FieldTypes } from "./configuration.ts";
import { typedValue } from "./value.ts";
import { type Enrichable, withAttribute } from "./enrich.ts";

/** Content on its way to a function: in the body of the call, or an object in a bucket. */
export type HookContent =
  | { readonly bytes: Uint8Array }
  | { readonly bucket: string; readonly key: string };

/** What a function answered: new content where it gave some, and attributes to set. */
export type HookAnswer = {
  readonly content: Buffer | undefined;
  readonly updates: readonly Attribute[];
};

const version = "v0";
const updatesMax = 500;
const textLengthMax = 2048;

/**
 * The body of a call to a function, in the form of "Lambda functions for document enrichment"
 * (Amazon Q Business user guide).
 */
export function hookRequest(content: HookContent, { attributes }: Enrichable): string {
  return JSON.stringify({
    version,
    ...("bytes" in content
      ? { dataBlobStringEncodedInBase64: Buffer.from(content.bytes).toString("base64") }
      : { s3Bucket: content.bucket, s3ObjectKey: content.key }),
    metadata: {
      attributes: attributes.map(({ name, value }) => ({
        name,
        // In this form dates are text; every other value is as in the API.
        value: value.dateValue === undefined ? value : { dateValue: value.dateValue.toISOString() },
      })),
    },
  });
}

/**
 * Reads a function's answer; a text where it is none that can be used: why. A key of an object counts
 * only where the content went by a bucket.
 */
export function parseHookAnswer(
  body: Uint8Array,
  fields: FieldTypes,
  { isByBucket = false }: { readonly isByBucket?: boolean } = {},
): (HookAnswer & { readonly objectKey?: string }) | string {
  const answer = parseObject(body);
  if (answer === undefined) return "did not answer with a JSON object";
  if (answer["version"] !== version) return `did not answer with "version": "${version}"`;
  const objectKey = answer["s3ObjectKey"];
  if (isGiven(objectKey) && !isByBucket) {
    return "answered with s3ObjectKey; without s3BucketName content goes in dataBlobStringEncodedInBase64";
  }
  if (isGiven(objectKey) && !isKey(objectKey)) return "answered with an s3ObjectKey that is no key";
  const content = contentOf(answer["dataBlobStringEncodedInBase64"]);
  if (content === "invalid") return "answered with content that is not base64";
  if (content !== undefined && isGiven(objectKey)) return "answered with content in two ways";
  const given = answer["metadataUpdates"];
  const list: unknown = isGiven(given) ? given : [];
  if (!Array.isArray(list)) return "answered with metadataUpdates that are no list";
  if (list.length > updatesMax) return `answered with more than ${updatesMax} metadataUpdates`;
  const updates: Attribute[] = [];
  for (const item of list as readonly unknown[]) {
    const update = updateOf(item, fields);
    if (typeof update === "string") return update;
    updates.push(update);
  }
  return { content, updates, ...(isKey(objectKey) && { objectKey }) };
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && value !== "" && Buffer.byteLength(value) <= 1024;
}

/** The document with the attributes that a function set. */
export function withUpdates<D extends Enrichable>(document: D, updates: readonly Attribute[]): D {
  return updates.reduce<D>(
    (changed, { name, value }) => withAttribute(changed, name, value),
    document,
  );
}

/** The form in which a function gets, and gives back, the text of a document. */
export function textContent(documentBodyText: string): Buffer {
  return Buffer.from(JSON.stringify({ textContent: { documentBodyText } }));
}

/** The text in that form; undefined where there is none. */
export function parseTextContent(content: Uint8Array): string | undefined {
  const text = recordOf(parseObject(content)?.["textContent"])?.["documentBodyText"];
  return typeof text === "string" ? text : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function recordOf(value: unknown): Fields | undefined {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Fields) : undefined;
}

function parseObject(body: Uint8Array): Fields | undefined {
  try {
    return recordOf(JSON.parse(Buffer.from(body).toString()));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Members that are null count as absent. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function contentOf(value: unknown): Buffer | undefined | "invalid" {
  if (!isGiven(value)) return undefined;
  if (typeof value !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return "invalid";
  return value.length % 4 === 0 ? Buffer.from(value, "base64") : "invalid";
}

function updateOf(item: unknown, fields: FieldTypes): Attribute | string {
  const { name, value } = recordOf(item) ?? {};
  if (typeof name !== "string") return "answered with a metadata update without a name";
  const shown = JSON.stringify(name.slice(0, 200).toWellFormed());
  const type = fields.get(name);
  if (type === undefined || name === "_data_source_id") {
    return `answered with attribute ${shown}, which is no field that it may set`;
  }
  const given = valueOf(recordOf(value) ?? {});
  const typed = given === undefined ? undefined : typedValue(given, type);
  if (typed === undefined) return `answered with attribute ${shown} that is no ${type}`;
  return { name, value: typed };
}

function valueOf(value: Fields): AttributeValue | undefined {
  const given = Object.entries(value).filter(([, member]) => isGiven(member));
  const [only] = given;
  if (only === undefined || given.length > 1) return undefined;
  const [kind, member] = only;
  if (kind === "integerValue" || kind === "longValue") {
    return Number.isSafeInteger(member) ? { longValue: Number(member) } : undefined;
  }
  // Dates are text; `typedValue` reads them for fields that take one.
  if (kind === "stringValue" || kind === "dateValue") {
    return isText(member) ? { stringValue: member } : undefined;
  }
  if (kind !== "stringListValue" || !Array.isArray(member)) return undefined;
  return member.every(isText) ? { stringListValue: member } : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= textLengthMax && value.isWellFormed();
}
