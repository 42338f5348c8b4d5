import { extname } from "node:path";
import type { ExtractResult } from "../documents/documents.ts";
import type { AclContent } from "../search/search.ts";
import { documents, type Job, jobs, syncJobs, type WriteTransaction } from "../store/store.ts";
import {
  acceptDocument,
  isRead,
  type Outcome,
  outcomeOf,
  type PendingDocument,
  publishBatch,
} from "./pipeline.ts";
import { readAsRole, type RoleObject } from "./read-as-role.ts";
import type { Staging } from "./staging.ts";
import type { SyncServices } from "./sync-services.ts";

/** Where the content of a document lies that was put through the API. */
export type PutSource = { readonly staged: string } | RoleObject;

/** A document to be put, as BatchPutDocument accepted it. */
export type DocumentToPut = Omit<PendingDocument, "key" | "version" | "aclClass" | "acl"> & {
  readonly acl: AclContent;
  readonly source: PutSource;
  /** The custom connector's sync job, or empty. */
  readonly syncId: string;
};

type Payload = { readonly document: PendingDocument; readonly source: PutSource; syncId: string };

/** Name of the queue. */
export const putQueue = "document";

/** Gives a document its row and its job, in the transaction that acknowledges it. */
export async function enqueuePut(
  trx: WriteTransaction,
  { source, syncId, ...document }: DocumentToPut,
  at: Date,
): Promise<void> {
  const pending = await acceptDocument(trx, {
    ...document,
    objectKey: "",
    status: "RECEIVED",
    at,
  });
  const payload: Payload = { document: pending, source, syncId };
  await jobs.enqueue(trx, {
    queue: putQueue,
    key: `${document.indexId}/${document.dataSourceId}/${document.documentId}`,
    payload: JSON.stringify(payload),
    at,
  });
}

/** The name of the content that a job holds on to, if it is a staged one. */
export function stagedNameOf(payload: string): string | undefined {
  const { source } = JSON.parse(payload) as Payload;
  return "staged" in source ? source.staged : undefined;
}

/** Reads, cuts and publishes one document. Running it again changes nothing. */
export async function runPut(
  services: SyncServices & { readonly staging: Staging },
  job: Job,
  signal: AbortSignal,
): Promise<void> {
  const { document, source, syncId } = payloadOf(job);
  const row = await documents.findByKey(services.db.read, document.key);
  const isDue = row?.version === document.version && row.status === "RECEIVED";
  if (isDue) {
    const outcome = await readOutcome(services, document, source, signal);
    signal.throwIfAborted();
    await publishBatch(services, document.indexId, [outcome], {
      mark: { syncId },
      signal,
      also: async (trx, [published]) => {
        if (syncId === "" || published === undefined || !published.isCurrent) return;
        const action = isRead(outcome) ? (published.isFirst ? "added" : "modified") : "failed";
        if (action !== published.countedAs) await syncJobs.count(trx, syncId, { [action]: 1 });
      },
    });
  }
  if ("staged" in source) await services.staging.remove(source.staged);
}

/** After the last attempt: the document fails, and says why. */
export async function giveUpPut(trx: WriteTransaction, job: Job, at: Date): Promise<void> {
  const { document, syncId } = payloadOf(job);
  const isCurrent = await documents.fail(trx, {
    key: document.key,
    version: document.version,
    status: "DOCUMENT_FAILED_TO_INDEX",
    errorCode: "InternalError",
    errorMessage: "The document could not be indexed after several attempts; put it again.",
    guardAclClass: document.aclClass,
    syncId,
    syncAction: "failed",
    at,
  });
  if (isCurrent && syncId !== "") await syncJobs.count(trx, syncId, { failed: 1 });
}

function payloadOf({ payload }: Job): Payload {
  return JSON.parse(payload, (name, value) =>
    name === "dateValue" ? new Date(String(value)) : (value as unknown),
  ) as Payload;
}

async function readOutcome(
  services: SyncServices & { readonly staging: Staging },
  document: PendingDocument,
  source: PutSource,
  signal: AbortSignal,
): Promise<Outcome> {
  const hints = hintsOf(document, source);
  const extract = (bytes: Uint8Array): Promise<ExtractResult> =>
    services.extractor.extract({ bytes, ...hints, signal });
  if ("staged" in source) {
    return outcomeOf(document, await extract(await services.staging.read(source.staged)));
  }
  const sessionName = "QBusiness-BatchPutDocument";
  const got = await readAsRole(services, source, { sessionName, signal });
  if ("bytes" in got) return outcomeOf(document, await extract(got.bytes));
  return { document, status: "FAILED", ...got };
}

function hintsOf(
  document: PendingDocument,
  source: PutSource,
): { readonly fileName: string; readonly contentType?: string } {
  const key = "objectKey" in source ? source.objectKey : document.documentId;
  const fileName = extname(key) === "" ? `${key}${extname(document.title)}` : key;
  return document.contentType === ""
    ? { fileName }
    : { fileName, contentType: document.contentType };
}
