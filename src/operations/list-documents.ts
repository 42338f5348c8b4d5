import type { DocumentDetails, ErrorCode } from "../contract/contract.ts";
import { type Document, documents } from "../store/store.ts";
import { openDocument } from "../ingestion/ingestion.ts";
import { contentOf } from "./application-content.ts";
import { requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { readPage } from "./paging.ts";

/**
 * What files that were uploaded in the console belong to, in every index ("GetDocumentContent", API
 * reference). Here nobody uploads any, so there are none.
 */
const uploadedFilesId = "uploaded-docs-file-stat-datasourceid";

/**
 * The indexing status of every document of an index ("ListDocuments", API reference). Objects that a
 * sync skipped are no documents; its report names them.
 */
export const listDocuments: Operation<"ListDocuments"> = async (input, call) => {
  const { applicationId, indexId } = input;
  await requireApplication(call, applicationId);
  await requireResource(call, "index", indexId, { applicationId });
  const dataSourceId = input.dataSourceIds?.[0];
  if (dataSourceId !== undefined && dataSourceId !== uploadedFilesId) {
    await requireResource(call, "dataSource", dataSourceId, { applicationId, indexId });
  }
  const cipher = await contentOf(call, applicationId);
  const { items, nextToken } = await readPage(
    call,
    {
      scope: `documents/${indexId}/${dataSourceId ?? ""}`,
      nextToken: input.nextToken,
      maxResults: input.maxResults,
      maxResultsDefault: 100,
    },
    (after, limit) =>
      documents.list(call.db.read, {
        indexId,
        after: Number(after ?? 0),
        limit,
        ...(dataSourceId === undefined ? {} : { dataSourceId }),
      }),
    (document) => String(document.key),
  );
  return {
    documentDetailList: items.map((document) => detailsOf(openDocument(cipher, document))),
    nextToken,
  };
};

function detailsOf(document: Document): DocumentDetails {
  return {
    documentId: document.documentId,
    status: document.status,
    // The service sends an empty object for documents that are well.
    error:
      document.errorCode === ""
        ? {}
        : { errorCode: document.errorCode as ErrorCode, errorMessage: document.errorMessage },
    createdAt: document.createdAt,
    updatedAt: document.updatedAt,
  };
}
