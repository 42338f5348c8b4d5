import {
  BatchDeleteDocumentCommand,
  BatchPutDocumentCommand,
  type BatchPutDocumentCommandInput,
  type Document,
} from "@aws-sdk/client-qbusiness";
import type { Site } from "./site.ts";

/** Content that is given along. */
export const textOf = (text: string) => ({ blob: Buffer.from(text) });

/** Puts documents with one call. */
export function put(
  site: Site,
  documents: readonly Document[],
  more: Partial<BatchPutDocumentCommandInput> = {},
) {
  const { applicationId, indexId } = site;
  const input = { applicationId, indexId, documents: [...documents], ...more };
  return site.client.send(new BatchPutDocumentCommand(input));
}

/** Deletes documents with one call. */
export function remove(site: Site, ids: readonly string[], dataSourceSyncId?: string) {
  const { applicationId, indexId } = site;
  const documents = ids.map((documentId) => ({ documentId }));
  return site.client.send(
    new BatchDeleteDocumentCommand({ applicationId, indexId, documents, dataSourceSyncId }),
  );
}

/** `[id, code]` of each document that was not taken. */
export async function failures(call: ReturnType<typeof put>) {
  const { failedDocuments = [] } = await call;
  return failedDocuments.map(({ id, error }) => [id, error?.errorCode]);
}
