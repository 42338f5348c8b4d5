import { mkdtemp, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { documentLimits } from "../documents/documents.ts";
import type { AclContent } from "../search/search.ts";
import {
  documents,
  type Job,
  jobs,
  resources,
  syncJobs,
  type WriteTransaction,
} from "../store/store.ts";
import type { Enrichment } from "./enrich-configuration.ts";
import { hookCaller } from "./enrich-hook.ts";
import type { ContentSource } from "./content-store.ts";
import { readDocument, type ReadingRules } from "./enrich-document.ts";
import {
  acceptDocument,
  isRead,
  type Outcome,
  outcomeOf,
  type PendingDocument,
  publishBatch,
} from "./pipeline.ts";
import { fetchAsRole, type RoleObject } from "./read-as-role.ts";
import type { Staging } from "./staging.ts";
import { fieldTypesOf, type IndexFields, keepsCopies } from "./stored-records.ts";
import type { SyncServices } from "./sync-services.ts";

/** Where the content of a document lies that was put through the API. */
export type PutSource = { readonly staged: string } | RoleObject;

/** A document to be put, as BatchPutDocument accepted it. */
export type DocumentToPut = Omit<PendingDocument, "key" | "version" | "aclClass" | "acl"> & {
  readonly acl: AclContent;
  readonly source: PutSource;
  /** The custom connector's sync job, or empty. */
  readonly syncId: string;
  readonly enrichment?: Enrichment | undefined;
};

type Payload = {
  readonly document: PendingDocument;
  readonly source: PutSource;
  readonly syncId: string;
  readonly enrichment?: Enrichment | undefined;
};

/** Name of the queue. */
export const putQueue = "document";

/** Gives a document its row and its job, in the transaction that acknowledges it. */
export async function enqueuePut(
  trx: WriteTransaction,
  { source, syncId, enrichment, ...document }: DocumentToPut,
  at: Date,
): Promise<void> {
  const pending = await acceptDocument(trx, {
    ...document,
    objectKey: "",
    status: "RECEIVED",
    at,
  });
  const payload: Payload = { document: pending, source, syncId, enrichment };
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
  const payload = payloadOf(job);
  const { document, source, syncId } = payload;
  const row = await documents.findByKey(services.db.read, document.key);
  const isDue = row?.version === document.version && row.status === "RECEIVED";
  if (isDue) {
    const outcome = await readOutcome(services, payload, signal);
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
  payload: Payload,
  signal: AbortSignal,
): Promise<Outcome> {
  const { document, source } = payload;
  const rules = await rulesOf(services, payload);
  const { contentType } = document;
  const fileName = fileNameOf(document, source);
  const read = async (content: ContentSource): Promise<Outcome> => {
    const { extractor } = services;
    const isCopied = await keepsCopies(services.db, document.applicationId);
    const contents = isCopied ? services.contents : undefined;
    const how = { extractor, contents, rules, source: content, fileName, contentType, signal };
    return outcomeOf(document, await readDocument(document, how));
  };
  if ("staged" in source) return read({ bytes: await services.staging.read(source.staged) });
  const sessionName = "QBusiness-BatchPutDocument";
  const folder = await mkdtemp(join(services.temporaryDir, "put-"));
  try {
    const file = join(folder, "content");
    const maxBytes = documentLimits.officeFileBytesMax;
    const got = await fetchAsRole(services, source, { sessionName, signal, file, maxBytes });
    return "path" in got ? await read(got) : { document, status: "FAILED", ...got };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rulesOf(services: SyncServices, payload: Payload): Promise<ReadingRules> {
  const { read } = services.db;
  const { document, enrichment } = payload;
  const index = await resources.find<IndexFields>(read, "index", document.indexId);
  const application = await resources.find(read, "application", document.applicationId);
  const fields = index === undefined ? new Map() : fieldTypesOf(index.record);
  const applicationArn = application?.arn ?? "";
  return { enrichment, fields, callHook: hookCaller({ ...services, applicationArn }) };
}

/** What the format may be told by, where neither the call nor the bytes say it. */
function fileNameOf(document: PendingDocument, source: PutSource): string {
  const key = "objectKey" in source ? source.objectKey : document.documentId;
  return extname(key) === "" ? `${key}${extname(document.title)}` : key;
}
