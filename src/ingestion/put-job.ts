import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ContentCipher, plainCipher } from "../core/content-cipher.ts";
import { documentLimits } from "../documents/documents.ts";
import type { AclContent } from "../search/search.ts";
import {
  documents,
  type Job,
  jobs,
  type Resource,
  resources,
  syncJobs,
  syncReports,
  type WriteTransaction,
} from "../store/store.ts";
import type { Enrichment } from "./enrich/configuration.ts";
import { hookCaller } from "./enrich/hook.ts";
import { copiesFor } from "./content-store/copy.ts";
import type { ContentSource } from "./content-store/content-store.ts";
import { readDocument, type ReadingRules } from "./enrich/document.ts";
import { fileNameOf } from "./file-name.ts";
import {
  acceptDocument,
  isRead,
  type Outcome,
  outcomeOf,
  type PendingDocument,
  publishBatch,
} from "./pipeline.ts";
import { fetchAsRole, readAsRole, type RoleObject } from "./read-as-role.ts";
import { documentPlace } from "./sealed-document.ts";
import type { Staging } from "./staging.ts";
import { fieldTypesOf, type IndexFields } from "./stored-records.ts";
import { limitsOf } from "./capacity.ts";
import type { SyncServices } from "./sync/services.ts";

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
  /** What the document itself says, where it must not stand open in the job. */
  readonly sealed?: string;
};

type Sealed = Pick<Payload, "enrichment"> & Pick<PendingDocument, "title" | "attributes" | "acl">;

/** A document is on its way; after a crash its work had begun already. */
const dueStates: ReadonlySet<string> = new Set(["RECEIVED", "PROCESSING"]);

/**
 * Names of the queues. Documents for which a function is called wait in one of their own: functions
 * may take minutes, and no other document shall wait for them. Which of two versions of a document
 * comes first does not matter, because publishing drops the one that was overtaken.
 */
export const putQueues = { own: "document", hooked: "document-hooks" } as const;

/** Gives a document its row and its job, in the transaction that acknowledges it. */
export async function enqueuePut(
  trx: WriteTransaction,
  { source, syncId, enrichment, ...document }: DocumentToPut,
  { at, cipher = plainCipher }: { readonly at: Date; readonly cipher?: ContentCipher },
): Promise<void> {
  const pending = await acceptDocument(
    trx,
    {
      ...document,
      objectKey: "",
      status: "RECEIVED",
      at,
    },
    cipher,
  );
  const payload: Payload = { document: pending, source, syncId, enrichment };
  await jobs.enqueue(trx, {
    queue: hasHook(enrichment) ? putQueues.hooked : putQueues.own,
    key: `${document.indexId}/${document.dataSourceId}/${document.documentId}`,
    payload: JSON.stringify(sealPayload(payload, cipher)),
    at,
  });
}

function hasHook(enrichment: Enrichment | undefined): boolean {
  const { preExtractionHookConfiguration: pre, postExtractionHookConfiguration: post } =
    enrichment ?? {};
  return pre !== undefined || post !== undefined;
}

/** The name of the content that a job holds on to, if it is a staged one. */
export function stagedNameOf(payload: string): string | undefined {
  const { source } = JSON.parse(payload) as Payload;
  return "staged" in source ? source.staged : undefined;
}

/** Shows in listings that work on documents has begun. */
export async function beginPuts(
  trx: WriteTransaction,
  taken: readonly Job[],
  at: Date,
): Promise<void> {
  await documents.begin(
    trx,
    taken.map((job) => payloadOf(job).document),
    at,
  );
}

/** Reads, cuts and publishes one document. Running it again changes nothing. */
export async function runPut(
  services: SyncServices & { readonly staging: Staging },
  job: Job,
  signal: AbortSignal,
): Promise<void> {
  const stored = payloadOf(job);
  const { document, source, syncId } = stored;
  const row = await documents.findByKey(services.db.read, document.key);
  const isDue = row?.version === document.version && dueStates.has(row.status);
  if (isDue) {
    const cipher = await services.vault.cipherOf(document.applicationId);
    const index = await resources.find<IndexFields>(services.db.read, "index", document.indexId);
    const outcome = await readOutcome(services, openPayload(stored, cipher), { index, signal });
    signal.throwIfAborted();
    await publishBatch(services, document.indexId, [outcome], {
      mark: { syncId },
      signal,
      room: index && { limits: limitsOf(index.record.units, services.quotas), advice: nextPut },
      also: async (trx, [published]) => {
        if (syncId === "" || published === undefined || !published.isCurrent) return;
        const action = isRead(published.outcome)
          ? published.isFirst
            ? "added"
            : "modified"
          : "failed";
        await countOnce(trx, { syncId, documentId: document.documentId, action });
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
  const { documentId } = document;
  if (isCurrent && syncId !== "") await countOnce(trx, { syncId, documentId, action: "failed" });
}

/** A custom connector may send a document often; each metric of its job counts it once. */
async function countOnce(
  trx: WriteTransaction,
  of: {
    readonly syncId: string;
    readonly documentId: string;
    readonly action: "added" | "modified" | "failed";
  },
): Promise<void> {
  const { syncId, documentId, action } = of;
  const counted = { metric: action, documentIds: [documentId] };
  await syncJobs.count(trx, syncId, {
    [action]: await syncReports.countOnce(trx, syncId, counted),
  });
}

function payloadOf({ payload }: Pick<Job, "payload">): Payload {
  return revived(payload) as Payload;
}

function revived(json: string): unknown {
  return JSON.parse(json, (name, value) =>
    name === "dateValue" ? new Date(String(value)) : (value as unknown),
  );
}

/** The job as it is stored: of a sealed document only ids are left, for looking after it. */
function sealPayload(payload: Payload, cipher: ContentCipher): Payload {
  if (cipher.keys === undefined) return payload;
  const { document, enrichment, ...rest } = payload;
  const { title, attributes, acl } = document;
  const said: Sealed = { title, attributes, acl, enrichment };
  const sealed = cipher.sealText(documentPlace(document, "job"), JSON.stringify(said));
  return { ...rest, document: { ...document, title: "", attributes: [], acl: undefined }, sealed };
}

function openPayload(stored: Payload, cipher: ContentCipher): Payload {
  const { document, sealed } = stored;
  if (sealed === undefined) return stored;
  const said = revived(cipher.openText(documentPlace(document, "job"), sealed)) as Sealed;
  const { enrichment, title, attributes, acl } = said;
  return { ...stored, enrichment, document: { ...document, title, attributes, acl } };
}

type PutIndex = Resource<IndexFields>;

const nextPut = ", then put it again.";

async function readOutcome(
  services: SyncServices & { readonly staging: Staging },
  payload: Payload,
  { index, signal }: { readonly index: PutIndex | undefined; readonly signal: AbortSignal },
): Promise<Outcome> {
  const { document, source } = payload;
  const rules = await rulesOf(services, payload, index);
  const { contentType } = document;
  const fileName = fileNameOf(document, "objectKey" in source ? source.objectKey : undefined);
  const read = async (content: ContentSource): Promise<Outcome> => {
    const { extractor } = services;
    const contents = await copiesFor(services, document.applicationId);
    const how = { extractor, contents, rules, source: content, fileName, contentType, signal };
    return outcomeOf(document, await readDocument(document, how));
  };
  const cipher = await services.vault.cipherOf(document.applicationId);
  if ("staged" in source) {
    return read({ bytes: await services.staging.read(source.staged, cipher) });
  }
  const sessionName = "QBusiness-BatchPutDocument";
  if (cipher.keys !== undefined) {
    // It should not lie open on the disk, not even while it is being read.
    const got = await readAsRole(services, source, { sessionName, signal });
    if ("bytes" in got) return read(got);
    const { isTooLarge = false, ...why } = got;
    if (!isTooLarge) return { document, status: "FAILED", ...why };
  }
  const folder = await mkdtemp(join(services.temporaryDir, "put-"));
  try {
    const file = join(folder, "content");
    const maxBytes = documentLimits.officeFileBytesMax;
    const got = await fetchAsRole(services, source, { sessionName, signal, file, maxBytes });
    if ("path" in got) return await read(got);
    const { errorCode, errorMessage } = got;
    return { document, status: "FAILED", errorCode, errorMessage };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rulesOf(
  services: SyncServices,
  { document, enrichment }: Payload,
  index: PutIndex | undefined,
): Promise<ReadingRules> {
  const application = await resources.find(services.db.read, "application", document.applicationId);
  const fields = index === undefined ? new Map() : fieldTypesOf(index.record);
  const applicationArn = application?.arn ?? "";
  return { enrichment, fields, callHook: hookCaller({ ...services, applicationArn }) };
}
