import type { Document, DocumentAttribute } from "../contract/contract.ts";
import { aclContentOf, type PutSource } from "../ingestion/ingestion.ts";
import type { AclContent, Attribute } from "../search/search.ts";
import type { IndexField } from "./index-record.ts";

/** Why one document of a batch is not taken, while the others are. */
export type IntakeFailure = {
  readonly errorCode: "InvalidRequest" | "ResourceNotFound" | "ResourceInactive";
  readonly errorMessage: string;
};

/** A document of a batch, checked. */
export type Intake = {
  readonly documentId: string;
  readonly title: string;
  readonly contentType: string;
  readonly attributes: readonly Attribute[];
  readonly acl: AclContent;
};

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
  if (document.documentEnrichmentConfiguration !== undefined) {
    return invalidRequest(
      "Quarry does not enrich documents yet; leave documentEnrichmentConfiguration out.",
    );
  }
  const attributes: Attribute[] = [];
  for (const attribute of byName(document.attributes ?? [])) {
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
  const defaults: Attribute[] = [{ name: "_document_title", value: { stringValue: title } }];
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
  const text = value.stringValue;
  switch (field.type) {
    case "STRING":
      if (text !== undefined) return { name, value };
      break;
    case "STRING_LIST":
      if (value.stringListValue !== undefined) return { name, value };
      if (text !== undefined) return { name, value: { stringListValue: [text] } };
      break;
    case "NUMBER":
      if (value.longValue !== undefined) return { name, value };
      if (text !== undefined && /^-?\d{1,15}$/.test(text)) {
        return { name, value: { longValue: Number(text) } };
      }
      break;
    case "DATE":
      if (value.dateValue !== undefined) return { name, value };
      if (text !== undefined && isoDate.test(text) && !Number.isNaN(Date.parse(text))) {
        return { name, value: { dateValue: new Date(withZone(text)) } };
      }
      break;
  }
  return invalidRequest(`Attribute "${name}" is no value for a field of type ${field.type}.`);
}

// AWS's own connector framework sends dates as text.
const isoDate =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Dates without a zone are UTC. */
function withZone(text: string): string {
  const hasZone = text.length === 10 || /(?:Z|[+-]\d{2}:?\d{2})$/.test(text);
  return hasZone ? text : `${text}Z`;
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
