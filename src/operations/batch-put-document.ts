import type { Document, FailedDocument, InputOf } from "../contract/contract.ts";
import type { ContentCipher } from "../core/content-cipher.ts";
import { type DocumentToPut, type PutSource, refusedStatus } from "../ingestion/ingestion.ts";
import {
  documents as documentStore,
  syncJobs,
  syncReports,
  type WriteTransaction,
} from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import { contentOf } from "./application-content.ts";
import { type Call, within } from "./call.ts";
import { checkDocument, objectSource } from "./document-intake.ts";
import type { IntakeFailure } from "./intake-failure.ts";
import { checkEnrichment } from "./document-enrichment.ts";
import { findDocumentSource } from "./document-source.ts";
import type { Index, IndexField, IndexRecord } from "./index-record.ts";
import { requireActive, requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { checkPassedRole } from "./roles.ts";
import { stageContents } from "./stage-contents.ts";
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
    const failure = inactive(scope.refusal);
    return { failedDocuments: input.documents.map(({ id }) => failedDocument(id, failure)) };
  }
  const fields = new Map(index.record.attributes.map((field) => [field.name, field]));
  checkEnrichments(input.documents, fields);
  const results: Checked[] = [];
  for (const document of input.documents) {
    const source = await findDocumentSource(call, document, { indexId, ofCall: scope });
    const checked = "errorCode" in source ? source : checkDocument(document, { fields, ...source });
    const object = objectSource(document, { roleArn, applicationArn: application.arn });
    const failure = [source, checked, object].find((part) => part !== undefined && isFailure(part));
    if (failure !== undefined && isFailure(failure)) {
      const syncId = "errorCode" in source ? scope.syncId : source.syncId;
      results.push({ id: document.id, failure, syncId });
    } else if (!isFailure(source) && !isFailure(checked)) {
      const enrichment = document.documentEnrichmentConfiguration;
      const put = { applicationId, indexId, ...source, ...checked, enrichment };
      const inBucket = object !== undefined && !isFailure(object);
      const content = inBucket ? object : (document.content?.blob ?? new Uint8Array());
      results.push({ id: document.id, put, content });
    }
  }
  const staged = await stage(call, results, cipher);
  const ended = await accept(call, input, staged, cipher);
  call.ingestion.wake();
  const failedDocuments = staged.flatMap((result) => {
    const refusal = "put" in result ? ended.get(result.put.syncId) : undefined;
    const later = refusal === undefined ? undefined : inactive(refusal);
    const failure = "failure" in result ? result.failure : later;
    return failure === undefined ? [] : [failedDocument(result.id, failure)];
  });
  return { failedDocuments };
};

type Failed = { readonly id: string; readonly failure: IntakeFailure; readonly syncId: string };

/** A document that can be put, or why it cannot. */
type Result = Failed | { readonly id: string; readonly put: DocumentToPut };

/** The same, before its content is on the disk. */
type Checked =
  | Failed
  | {
      readonly id: string;
      readonly put: Omit<DocumentToPut, "source">;
      readonly content: Uint8Array | PutSource;
    };

function isFailure<T extends object>(part: T | IntakeFailure): part is IntakeFailure {
  return "errorCode" in part;
}

function inactive(errorMessage: string): IntakeFailure {
  return { errorCode: "ResourceInactive", errorMessage };
}

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
 * Acknowledges documents, if the index and their sync jobs are still what they were while the
 * contents were being written. Gives the jobs that are not, with the reason: their documents fail.
 */
async function accept(
  call: Call,
  { applicationId, indexId }: InputOf<"BatchPutDocument">,
  results: readonly Result[],
  cipher: ContentCipher,
): Promise<ReadonlyMap<string, string>> {
  const puts = results.flatMap((result) => ("put" in result ? [result.put] : []));
  const kept = new Set<DocumentToPut>();
  try {
    return await call.db.write(async (trx) => {
      const current = within(call, trx);
      await requireActiveApplication(current, applicationId);
      requireActive(await requireResource(current, "index", indexId, { applicationId }));
      const ended = new Map<string, string>();
      for (const syncId of new Set(puts.map((put) => put.syncId))) {
        const scope = await syncScope(current, indexId, syncId === "" ? undefined : syncId);
        if ("refusal" in scope) ended.set(syncId, scope.refusal);
      }
      for (const put of puts) {
        if (ended.has(put.syncId)) continue;
        await call.ingestion.enqueuePut(trx, put, { at: call.now, cipher });
        kept.add(put);
      }
      await noteRefusals(call, trx, results);
      return ended;
    });
  } catch (error) {
    kept.clear();
    throw error;
  } finally {
    for (const put of puts) {
      if (kept.has(put) || !("staged" in put.source)) continue;
      await call.ingestion.staging.remove(put.source.staged);
    }
  }
}

/** What a sync job sent and was not taken counts as failed, once, and stands in its report. */
async function noteRefusals(
  call: Call,
  trx: WriteTransaction,
  results: readonly Result[],
): Promise<void> {
  for (const result of results) {
    if (!("failure" in result) || result.syncId === "") continue;
    const { id: documentId, failure, syncId } = result;
    const unknown = { documentId, objectKey: "", title: "", status: refusedStatus.put };
    await syncReports.noteFailed(trx, { syncId, at: call.now }, [{ ...unknown, ...failure }]);
    const counted = { metric: "failed", documentIds: [documentId] } as const;
    const failed = await syncReports.countOnce(trx, syncId, counted);
    await syncJobs.count(trx, syncId, { failed });
  }
}

/** The bytes are on the disk before the call is answered. */
async function stage(
  call: Call,
  results: readonly Checked[],
  cipher: ContentCipher,
): Promise<readonly Result[]> {
  const contents = results.flatMap((result) =>
    "content" in result && result.content instanceof Uint8Array ? [result.content] : [],
  );
  const names = (await stageContents(call.ingestion.staging, contents, cipher)).values();
  return results.map((result) => {
    if ("failure" in result) return result;
    const { id, put, content } = result;
    const source = content instanceof Uint8Array ? { staged: names.next().value ?? "" } : content;
    return { id, put: { ...put, source } };
  });
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
