import type { Document, DocumentAttribute } from "../contract/contract.ts";
import { aclContentOf, type PutSource, typedValue } from "../ingestion/ingestion.ts";
import type { AclContent, Attribute } from "../search/search.ts";
import { isLinkAttribute } from "./document-source.ts";
import type { IntakeFailure } from "./intake-failure.ts";
import type { IndexField } from "./index-record.ts";
import { extractsMedia, noMedia } from "./media-extraction.ts";

/** A document of a batch, checked. */
export type Intake = {
  readonly documentId: string;
  readonly title: string;
  readonly contentType: string;
  readonly attributes: readonly Attribute[];
  readonly acl: AclContent;
};

/** As for documents of a bucket that say nothing else. */
const languageDefault = "en";

const invalidRequest = (errorMessage: string): IntakeFailure => ({
  errorCode: "InvalidRequest",
  errorMessage,
});

/**
 * Checks what the contract cannot: attributes against the fields of the index, names in the access
 * list, members that are not built ("BatchPutDocument", API reference, and "Document attributes").
 */
export function checkDocument(
  document: Document,
  scope: { readonly fields: ReadonlyMap<string, IndexField>; readonly dataSourceId: string },
): Intake | IntakeFailure {
  if (document.content === undefined) {
    return invalidRequest(
      `Document "${document.id}" has no content; give content.blob or content.s3.`,
    );
  }
  if (extractsMedia(document.mediaExtractionConfiguration)) {
    return invalidRequest(`mediaExtractionConfiguration of document "${document.id}": ${noMedia}.`);
  }
  const attributes: Attribute[] = [];
  const own = (document.attributes ?? []).filter((attribute) => !isLinkAttribute(attribute));
  for (const attribute of byName(own)) {
    const typed = typedAttribute(attribute, scope.fields);
    if ("errorCode" in typed) return typed;
    attributes.push(typed);
  }
  const acl = aclContentOf(document.accessConfiguration, scope.dataSourceId);
  if (acl === undefined) {
    return invalidRequest(
      `A principal in the access list of document "${document.id}" has no name.`,
    );
  }
  const title = document.title ?? titleOf(document);
  return {
    documentId: document.id,
    title,
    contentType: document.contentType ?? "",
    attributes: withDefaults(attributes, title, scope.dataSourceId),
    acl,
  };
}

/** A repeated name: the last one wins. */
function byName(attributes: readonly DocumentAttribute[]): Iterable<DocumentAttribute> {
  return new Map(attributes.map((attribute) => [attribute.name, attribute])).values();
}

function titleOf({ id, content }: Document): string {
  return content?.s3?.key.split("/").findLast((part) => part !== "") ?? id;
}

function withDefaults(
  attributes: readonly Attribute[],
  title: string,
  dataSourceId: string,
): readonly Attribute[] {
  const names = new Set(attributes.map(({ name }) => name));
  const defaults: Attribute[] = [
    { name: "_document_title", value: { stringValue: title } },
    { name: "_language_code", value: { stringValue: languageDefault } },
  ];
  if (dataSourceId !== "") {
    defaults.push({ name: "_data_source_id", value: { stringValue: dataSourceId } });
  }
  return [...defaults.filter(({ name }) => !names.has(name)), ...attributes];
}

function typedAttribute(
  { name, value }: DocumentAttribute,
  fields: ReadonlyMap<string, IndexField>,
): Attribute | IntakeFailure {
  const field = fields.get(name);
  if (field === undefined) {
    return invalidRequest(
      `The index has no field for attribute "${name}"; add it with UpdateIndex first.`,
    );
  }
  const typed = typedValue(value, field.type);
  if (typed !== undefined) return { name, value: typed };
  return invalidRequest(`Attribute "${name}" is no value for a field of type ${field.type}.`);
}

/** Where an object lies whose reading needs a role. */
export function objectSource(
  document: Document,
  role: { readonly roleArn: string | undefined; readonly applicationArn: string },
): PutSource | IntakeFailure | undefined {
  const object = document.content?.s3;
  if (object === undefined) return undefined;
  const { roleArn, applicationArn } = role;
  if (roleArn === undefined) {
    return invalidRequest("A document in a bucket needs roleArn: the role that may read it.");
  }
  return { bucket: object.bucket, objectKey: object.key, roleArn, applicationArn };
}
