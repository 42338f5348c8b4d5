import { documents } from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import { contentOf, unlocked } from "./application-content.ts";
import type { ApplicationRecord } from "./application.ts";
import type { Call } from "./call.ts";
import { documentNotFound, requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { signedInUserOf } from "./viewer.ts";

/**
 * An address, good for five minutes, of what was ingested of a document ("GetDocumentContent", API
 * reference). The person behind the call must be one whom the document's access list admits now.
 * The address is this server's own: it opens one version of one document, and tells nothing of the
 * bucket it came from. A change in the bucket is seen after the next sync.
 */
export const getDocumentContent: Operation<"GetDocumentContent"> = async (input, call) => {
  const { applicationId, indexId, documentId, dataSourceId = "", outputFormat = "RAW" } = input;
  const application = await requireApplication<ApplicationRecord>(call, applicationId);
  await requireResource(call, "index", indexId, { applicationId });
  const { viewer } = await signedInUserOf(call, application, {});
  await contentOf(call, applicationId);
  const found = await documents.findById(call.db.read, { indexId, dataSourceId, documentId });
  if (found === undefined || found.publishedVersion === 0)
    throw documentNotFound(documentId, input.dataSourceId);
  const documentKeys = [found.key];
  const visible = await call.search.visible({ indexId, viewer, documentKeys });
  // What somebody may see of one version says nothing about another one.
  if (visible.get(found.key) !== found.publishedVersion) {
    throw apiError("AccessDeniedException", {
      message: `You are not allowed to see document ${documentId}.`,
    });
  }
  const { now, pageTokenKey: key } = call;
  const request = { form: outputFormat, now, key };
  const address = await unlocked(call.ingestion.contents.address(found, request));
  if (address === undefined) throw withoutCopy(documentId);
  return { presignedUrl: contentUrl(call, address.token), mimeType: address.mimeType };
};

function contentUrl({ publicUrl }: Call, token: string): string {
  return `${publicUrl}/content/${token}`;
}

function withoutCopy(resourceId: string): Error {
  return apiError("ResourceNotFoundException", {
    message: `There is no copy of document ${resourceId}: it was indexed before copies were kept, or without its content. Put it again, or sync its data source with syncMode FORCED_FULL_CRAWL.`,
    resourceId,
    resourceType: "document",
  });
}
