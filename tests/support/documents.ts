import {
  BatchDeleteDocumentCommand,
  BatchPutDocumentCommand,
  type BatchPutDocumentCommandInput,
  CreateDataSourceCommand,
  type Document,
} from "@aws-sdk/client-qbusiness";
import type { Site, Source } from "./site.ts";
import type { World } from "./world.ts";

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

/** A custom data source in an application of its own. */
export async function makeCustomSource(world: World): Promise<Source> {
  const site = await world.site();
  const { applicationId, indexId } = site;
  const { dataSourceId = "" } = await site.client.send(
    new CreateDataSourceCommand({
      applicationId,
      indexId,
      displayName: "custom",
      configuration: { type: "CUSTOM", version: "1.0.0" },
    }),
  );
  return { ...site, dataSourceId, bucket: "", roleArn: "", roleName: "" };
}
