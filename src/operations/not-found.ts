import { type Resource, resources, type ResourceKind } from "../store/store.ts";
import { apiError, type ApiError } from "../wire/wire.ts";
import type { Call } from "./call.ts";

/** How the service's errors call each kind, in `resourceType` and in messages. */
export const resourceTypes: Readonly<Record<ResourceKind, string>> = {
  application: "application",
  index: "index",
  retriever: "retriever",
  dataSource: "data-source",
  webExperience: "web-experience",
  plugin: "plugin",
  dataAccessor: "data-accessor",
  chatResponseConfiguration: "chat-response-configuration",
};

/** The answer for something that is not there, or that the caller's account does not own. */
export function notFound(resourceType: string, resourceId: string): ApiError {
  return apiError("ResourceNotFoundException", {
    message: `No ${resourceType} with id ${resourceId} was found.`,
    resourceId,
    resourceType,
  });
}

/** The same for a document; one id may stand for a document of each data source, or of none. */
export function documentNotFound(documentId: string, dataSourceId: string | undefined): ApiError {
  if (dataSourceId !== undefined) return notFound("document", documentId);
  return apiError("ResourceNotFoundException", {
    message: `No document with id ${documentId} was put without a data source. Of a data source's document, dataSourceId says which.`,
    resourceId: documentId,
    resourceType: "document",
  });
}

/** The answer for something that is there and cannot do this now. */
export function conflict(resourceType: string, resourceId: string, message: string): ApiError {
  return apiError("ConflictException", { message, resourceId, resourceType });
}

/** The answer for one member that is well-formed and still wrong. */
export function invalid(field: string, message: string): ApiError {
  return apiError("ValidationException", {
    message: `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${message}`,
    reason: "FIELD_VALIDATION_FAILED",
    fields: [{ name: field, message }],
  });
}

type Ids = { readonly applicationId: string; readonly indexId?: string };

/**
 * A resource of the caller's account, under the application (and index) that the path names. One
 * that belongs to another account looks exactly like one that does not exist.
 */
export async function requireResource<R>(
  call: Call,
  kind: ResourceKind,
  id: string,
  under: Ids,
): Promise<Resource<R>> {
  const found = await resources.find<R>(call.db.read, kind, id);
  const fits =
    found !== undefined &&
    found.accountId === call.caller.accountId &&
    found.applicationId === under.applicationId &&
    (under.indexId === undefined || found.indexId === under.indexId || kind === "index");
  if (!fits) throw notFound(resourceTypes[kind], id);
  return found;
}

/** The application of a path. One that is being deleted can be read, but nothing else. */
export async function requireApplication<R>(
  call: Call,
  applicationId: string,
): Promise<Resource<R>> {
  return requireResource<R>(call, "application", applicationId, { applicationId });
}

/** As `requireApplication`, for calls that need it to be in use. */
export async function requireActiveApplication<R>(
  call: Call,
  applicationId: string,
): Promise<Resource<R>> {
  const application = await requireApplication<R>(call, applicationId);
  requireActive(application);
  return application;
}

/** Refuses what is not ACTIVE: being made, being deleted, or failed. */
export function requireActive(resource: Resource<unknown>): void {
  if (resource.status === "ACTIVE") return;
  const type = resourceTypes[resource.kind];
  throw conflict(
    type,
    resource.id,
    `The ${type} ${resource.id} is ${resource.status}; wait until it is ACTIVE and call again.`,
  );
}
