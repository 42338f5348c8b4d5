import type { Document, FailedDocument, InputOf } from "../contract/contract.ts";
import type { ContentCipher } from "../core/content-cipher.ts";
import type { DocumentToPut } from "../ingestion/ingestion.ts";
import { documents as documentStore } from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import { contentOf } from "./application-content.ts";
import { type Call, within } from "./call.ts";
import { checkDocument, type IntakeFailure, objectSource } from "./document-intake.ts";
import { checkEnrichment } from "./document-enrichment.ts";
import type { Index, IndexField, IndexRecord } from "./index-record.ts";
import { requireActive, requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkPassedRole } from "./roles.ts";
import { syncScope } from "./sync-scope.ts";

/**
 * Takes up to ten documents to be indexed ("BatchPutDocument", API reference). What is wrong with
 * one of them is told in `failedDocuments`; the others are accepted, which means they survive a
 * crash from here on, not that they answer questions yet.
 */
export const batchPutDocument: Operation<"BatchPutDocument"> = async (input, call) => {
  const { applicationId, indexId, roleArn } = input;
  const application = await requireActiveApplication(call, applicationId);
  const index = await requireResource<IndexRecord>(call, "index", indexId, { applicationId });
  requireActive(index);
  await checkPassedRole(call, {
    roleArn,
    service: "qbusiness.amazonaws.com",
    applicationArn: application.arn,
  });
  const cipher = await contentOf(call, applicationId);
  await checkCapacity(call, index);
  const scope = await syncScope(call, indexId, input.dataSourceSyncId);
  if ("refusal" in scope) {
    const failure = { errorCode: "ResourceInactive", errorMessage: scope.refusal } as const;
    return { failedDocuments: input.documents.map(({ id }) => failedDocument(id, failure)) };
  }
  const fields = new Map(index.record.attributes.map((field) => [field.name, field]));
  checkEnrichments(input.documents, fields);
  const failedDocuments: FailedDocument[] = [];
  const accepted: DocumentToPut[] = [];
  for (const document of input.documents) {
    const intake = checkDocument(document, { fields, dataSourceId: scope.dataSourceId });
    const object = objectSource(document, { roleArn, applicationArn: application.arn });
    if ("errorCode" in intake) failedDocuments.push(failedDocument(document.id, intake));
    else if (object !== undefined && "errorCode" in object) {
      failedDocuments.push(failedDocument(document.id, object));
    } else {
      const source = object ?? { staged: await stage(call, document, cipher) };
      const enrichment = document.documentEnrichmentConfiguration;
      accepted.push({ applicationId, indexId, ...scope, ...intake, source, enrichment });
    }
  }
  const refusal = await accept(call, input, accepted, cipher);
  if (refusal !== undefined) {
    const failure = { errorCode: "ResourceInactive", errorMessage: refusal } as const;
    return { failedDocuments: input.documents.map(({ id }) => failedDocument(id, failure)) };
  }
  call.ingestion.wake();
  return { failedDocuments };
};

/** A configuration that no document can be enriched by makes the call invalid. */
function checkEnrichments(
  documents: readonly Document[],
  fields: ReadonlyMap<string, IndexField>,
): void {
  const types = new Map([...fields].map(([name, { type }]) => [name, type]));
  for (const [index, { documentEnrichmentConfiguration: enrichment }] of documents.entries()) {
    const member = `documents.${index + 1}.member.documentEnrichmentConfiguration`;
    checkEnrichment(enrichment, types, member);
  }
}

/**
 * Acknowledges documents, if the index and the sync job are still what they were while the contents
 * were being written. Gives the reason where the job is not.
 */
async function accept(
  call: Call,
  { applicationId, indexId, dataSourceSyncId }: InputOf<"BatchPutDocument">,
  documents: readonly DocumentToPut[],
  cipher: ContentCipher,
): Promise<string | undefined> {
  let isKept = false;
  try {
    const refusal = await call.db.write(async (trx) => {
      const current = within(call, trx);
      await requireActiveApplication(current, applicationId);
      requireActive(await requireResource(current, "index", indexId, { applicationId }));
      const scope = await syncScope(current, indexId, dataSourceSyncId);
      if ("refusal" in scope) return scope.refusal;
      for (const document of documents) {
        await call.ingestion.enqueuePut(trx, document, { at: call.now, cipher });
      }
      return undefined;
    });
    isKept = refusal === undefined;
    return refusal;
  } finally {
    if (!isKept) {
      for (const { source } of documents) {
        if ("staged" in source) await call.ingestion.staging.remove(source.staged);
      }
    }
  }
}

/** The bytes are on the disk before the call is answered. */
function stage(call: Call, { content }: Document, cipher: ContentCipher): Promise<string> {
  return call.ingestion.staging.put(content?.blob ?? new Uint8Array(), cipher);
}

function failedDocument(id: string, error: IntakeFailure): FailedDocument {
  return { id, error };
}

async function checkCapacity(call: Call, index: Index): Promise<void> {
  const { units } = index.record;
  const { documentsPerUnit, textBytesPerUnit } = call.quotas;
  const { documentCount, textBytes } = await documentStore.statistics(call.db.read, index.id);
  if (documentCount < units * documentsPerUnit && textBytes < units * textBytesPerUnit) return;
  throw apiError("ServiceQuotaExceededException", {
    message: `The index holds ${documentCount} documents with ${textBytes} bytes of text, the most its ${units} units take. Add units with UpdateIndex.`,
    resourceId: index.id,
    resourceType: "index",
  });
}
