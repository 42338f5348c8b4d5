import type { Document, DocumentAttribute } from "../contract/contract.ts";
import type { Call } from "./call.ts";
import type { IntakeFailure } from "./intake-failure.ts";
import { syncScope } from "./sync-scope.ts";

/** What a document belongs to: a custom connector's running job, or nothing. */
export type DocumentSource = { readonly dataSourceId: string; readonly syncId: string };

const sourceName = "_data_source_id";
const syncName = "_data_source_sync_job_execution_id";

/** Attributes that say where a document belongs, and are no attributes of the document. */
export function isLinkAttribute({ name }: DocumentAttribute): boolean {
  return name === sourceName || name === syncName;
}

/**
 * Finds what one document of a batch belongs to. It may name a custom data source with its running
 * sync job by two attributes, as an alternative to the call's `dataSourceSyncId`; with both, they
 * must agree. A data source that is named without its job is not taken: whoever puts a document
 * directly could pass it off as another source's ("Connecting Amazon Q custom connector", required
 * attributes, user guide).
 */
export async function findDocumentSource(
  call: Call,
  document: Document,
  about: { readonly indexId: string; readonly ofCall: DocumentSource },
): Promise<DocumentSource | IntakeFailure> {
  const { indexId, ofCall } = about;
  const named = linksOf(document);
  if ("errorCode" in named) return named;
  const { dataSourceId, syncId } = named;
  if (dataSourceId === undefined && syncId === undefined) return ofCall;
  if (ofCall.syncId !== "") {
    const isSame =
      (dataSourceId ?? ofCall.dataSourceId) === ofCall.dataSourceId &&
      (syncId ?? ofCall.syncId) === ofCall.syncId;
    return isSame
      ? ofCall
      : refused(`Attributes of document "${document.id}" name another sync than the call does.`);
  }
  if (dataSourceId === undefined || syncId === undefined) {
    return refused(
      `Document "${document.id}" names its data source by ${sourceName} and ${syncName} together, or not at all.`,
    );
  }
  const scope = await syncScope(call, indexId, syncId);
  if ("refusal" in scope) return { errorCode: "ResourceInactive", errorMessage: scope.refusal };
  if (scope.dataSourceId === dataSourceId) return scope;
  return refused(`The sync job ${syncId} is not one of data source ${dataSourceId}.`);
}

function linksOf({
  id,
  attributes = [],
}: Document):
  | { readonly dataSourceId: string | undefined; readonly syncId: string | undefined }
  | IntakeFailure {
  const found = new Map<string, string>();
  for (const attribute of attributes.filter(isLinkAttribute)) {
    const { stringValue } = attribute.value;
    if (stringValue === undefined || stringValue === "") {
      return refused(`Attribute "${attribute.name}" of document "${id}" must be a text.`);
    }
    found.set(attribute.name, stringValue);
  }
  return { dataSourceId: found.get(sourceName), syncId: found.get(syncName) };
}

function refused(errorMessage: string): IntakeFailure {
  return { errorCode: "InvalidRequest", errorMessage };
}
