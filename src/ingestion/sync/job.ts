import {
  type AclFile,
  crawlSource,
  failureCode,
  hashOf,
  type PlanItem,
  s3Connector,
  type S3Settings,
} from "../../connectors/connectors.ts";
import type { BucketRole, ObjectStore } from "../../objects/objects.ts";
import { type Resource, type SyncJob, syncJobs } from "../../store/store.ts";
import { reasonOf } from "../../core/log.ts";
import type { UnchangedWriter } from "../report/file.ts";
import { notePlanItem } from "../report/notes.ts";
import { closeAccess } from "../access/closing.ts";
import { openAccess as openRules } from "../access/opening.ts";
import { guardedStore, roleAccess, type RoleAccess } from "../role-access.ts";
import { type Enrichment, reviveEnrichment } from "../enrich/configuration.ts";
import { hookCaller } from "../enrich/hook.ts";
import {
  fieldTypesOf,
  findSyncParts,
  type IndexFields,
  type SourceRecord,
} from "../stored-records.ts";
import { syncPlace } from "../sealed-document.ts";
import { openWay } from "./network.ts";
import type { SyncServices } from "./services.ts";
import { cutBatches } from "./batches.ts";
import { createSyncLedger } from "./ledger.ts";
import { SourceFailure, SyncStopped } from "./failure.ts";
import { storeBatches } from "./batch-loop.ts";
import { limitsOf } from "../capacity.ts";
import type { SyncRun } from "./run.ts";
import { watchStop } from "./stop.ts";

/**
 * Runs a sync job to its end, or goes on with one that was interrupted: what it has stored is
 * found unchanged and costs a listing. Rejects when the server stops or something breaks that is
 * not the source's; then the job is run again.
 */
export async function runSyncJob(
  services: SyncServices,
  executionId: string,
  signal: AbortSignal,
): Promise<void> {
  const { db, log, now } = services;
  const job = await syncJobs.find(db.read, executionId);
  if (job === undefined || job.endedAt !== undefined) return;
  const unlisted = { failures: 0 };
  const end = (result: Omit<Parameters<typeof syncJobs.end>[2], "at">): Promise<void> =>
    db.write(async (trx) => {
      // In one step with the end: a job that begins anew counts them anew.
      await syncJobs.count(trx, executionId, { failed: unlisted.failures });
      await syncJobs.end(trx, executionId, { ...result, at: now() });
    });
  using stop = watchStop(db, executionId, signal);
  try {
    if (job.isStopRequested) throw new SyncStopped();
    const failedCount = await syncSource(services, job, { signal: stop.signal, unlisted });
    await end({ status: failedCount + unlisted.failures > 0 ? "INCOMPLETE" : "SUCCEEDED" });
  } catch (error) {
    // Whatever broke because everything was ended: it is the stop that the history tells.
    if (error instanceof SyncStopped || stop.isRequested()) {
      await end({ status: "ABORTED" });
    } else if (error instanceof SourceFailure) {
      const { message: errorMessage, connectorCode: connectorErrorCode } = error;
      const cipher = await services.vault.cipherOf(job.applicationId);
      const result = {
        errorCode: "InvalidRequest",
        errorMessage: cipher.sealText(syncPlace(job), errorMessage),
        connectorErrorCode,
      };
      await end({ status: "FAILED", ...result });
      log("warn", "sync.failed", { executionId, code: connectorErrorCode, reason: errorMessage });
    } else throw error;
  }
}

/** Marks a job as failed that has been tried too often. */
export function giveUpSync(
  { now }: Pick<SyncServices, "now">,
  executionId: string,
  reason: string,
): Parameters<typeof syncJobs.end>[2] & { readonly id: string } {
  const errorMessage = `The sync was interrupted too often; the last reason: ${reason}`;
  return { id: executionId, status: "FAILED", errorCode: "InternalError", errorMessage, at: now() };
}

async function syncSource(
  services: SyncServices,
  job: SyncJob,
  { signal, unlisted }: Pick<SyncRun, "signal" | "unlisted">,
): Promise<number> {
  const parts = await findSyncParts(services.db, job.dataSourceId);
  if (parts === undefined) throw new SyncStopped();
  const { source, index, application } = parts;
  // A sync of a locked application waits; nothing is fetched for it meanwhile.
  const cipher = await services.vault.cipherOf(application.id);
  const settings = settingsOf(source);
  const role = roleOf(source);
  await using way = await openWay(services, { source, application, role, executionId: job.id });
  const objects = way.objects.asRole(role);
  const access = await openAccess(services, { source, application, settings, objects, signal });
  const indexArn = index.arn;
  const putRefusal = await access.refusal({ kind: "put", indexArn });
  if (putRefusal !== undefined) throw new SourceFailure("", putRefusal);
  const store = guardedStore(objects, access);
  const aclFile = await readAclFile(store, settings, signal);
  const accessRules = rulesOf(services, { source, index, settings, aclFile });
  const place = { dataSourceId: source.id, bucket: settings.bucket, indexId: index.id };
  const settled = { ...place, rules: accessRules.access, signal };
  await closeAccess(services, settled);
  const ledger = createSyncLedger(services.db, { indexId: index.id, dataSourceId: source.id });
  const enrichment = enrichmentOf(source);
  const callHook = hookCaller({ ...services, ...way, applicationArn: application.arn });
  const rules = { enrichment, fields: fieldTypesOf(index.record), callHook };
  const limits = limitsOf(index.record.units, services.quotas);
  const found = { job, index, settings, access, rules, store, ledger, indexArn };
  const unchanged = await services.reports.unchanged.write(job.id);
  const run: SyncRun = { ...found, cipher, limits, unchanged, signal, unlisted };
  const plan = s3Connector.plan({
    settings,
    rules: accessRules,
    source: crawlSource(store, {
      bucket: settings.bucket,
      signal,
      ...(settings.bucketOwnerAccountId && { expectedOwner: settings.bucketOwnerAccountId }),
    }),
    known: ledger.known(),
    ledger,
  });
  const note = (item: PlanItem): Promise<void> | undefined =>
    notePlanItem(unchanged, item, settings.bucket);
  const end = await storeBatches(services, run, cutBatches(plan, ledger, note)).finally(() =>
    endReport(services, unchanged),
  );
  if (end.action === "listingFailed") {
    // Nothing is wrong with the source: the job is run again, and the listing is sorted then.
    if (end.failure.kind === "disordered") throw new Error(end.failure.message);
    throw new SourceFailure(failureCode(end.failure, "bucket"), end.failure.message);
  }
  await openRules(services, settled);
  return (await syncJobs.find(services.db.read, job.id))?.failed ?? 0;
}

/** A disk that takes no report is no reason to fail the sync. */
async function endReport({ log }: SyncServices, unchanged: UnchangedWriter): Promise<void> {
  try {
    await unchanged.end();
  } catch (error) {
    log("warn", "report.failed", { reason: reasonOf(error) });
  }
}

function settingsOf(source: Resource<SourceRecord>): S3Settings {
  const validated = s3Connector.validate(source.record.configuration);
  if (validated.isValid && validated.settings.type !== "CUSTOM") return validated.settings;
  throw new SourceFailure("", `The configuration of data source ${source.id} is not valid.`);
}

function enrichmentOf({ record }: Resource<SourceRecord>): Enrichment | undefined {
  const stored = record.documentEnrichmentConfiguration;
  return stored === undefined ? undefined : reviveEnrichment(stored);
}

/** The data source's role, and the name that its sessions have here and elsewhere. */
function roleOf({ id, record }: Resource<SourceRecord>): BucketRole {
  return { arn: record.roleArn ?? "", sessionName: `QBusiness-${id}` };
}

/** Assumes the data source's role and finds out who owns the bucket. */
async function openAccess(
  services: SyncServices,
  about: {
    readonly source: Resource<SourceRecord>;
    readonly application: Resource<unknown>;
    readonly settings: S3Settings;
    /** As the role sees them. */
    readonly objects: ObjectStore;
    readonly signal: AbortSignal;
  },
): Promise<RoleAccess> {
  const { identity, region, now } = services;
  const { source, application, settings, objects, signal } = about;
  const { arn: roleArn, sessionName } = roleOf(source);
  const assumed = await identity.assumeAsService({
    roleArn,
    service: "qbusiness.amazonaws.com",
    sourceArn: application.arn,
    sessionName,
  });
  if (assumed.kind !== "assumed") throw new SourceFailure("", assumed.message);
  const { bucket, bucketOwnerAccountId } = settings;
  const owner = bucketOwnerAccountId === undefined ? {} : { expectedOwner: bucketOwnerAccountId };
  const exists = await objects.bucketExists({ bucket, signal, ...owner });
  if (exists.kind === "failed") {
    signal.throwIfAborted();
    const { failure } = exists;
    throw new SourceFailure(failureCode(failure, "bucket"), failure.message);
  }
  const bucketOwner = bucketOwnerAccountId ?? identity.accountId;
  const { decryptObject } = services;
  const role = assumed.caller;
  return roleAccess({ identity, role, region, bucketOwner, now, decryptObject });
}

async function readAclFile(
  store: ObjectStore,
  settings: S3Settings,
  signal: AbortSignal,
): Promise<AclFile | undefined> {
  const file = await s3Connector.readAclFile(store, settings, signal);
  signal.throwIfAborted();
  if (file !== undefined && "code" in file) throw new SourceFailure(file.code, file.message);
  return file;
}

function rulesOf(
  services: SyncServices,
  about: {
    readonly source: Resource<SourceRecord>;
    readonly index: Resource<IndexFields>;
    readonly settings: S3Settings;
    readonly aclFile: AclFile | undefined;
  },
): Parameters<typeof s3Connector.plan>[0]["rules"] {
  const { source, index, settings, aclFile } = about;
  const unlisted = services.unlistedPrefixes;
  return {
    dataSourceId: source.id,
    indexFields: fieldTypesOf(index.record),
    sourceUriOf: (key) => services.sourceUriOf(settings.bucket, key),
    access: aclFile === undefined ? { unlisted } : { aclFile, unlisted },
    openDocumentFormats: services.extractor.openDocumentFormats,
    // What shapes documents: a change of it makes every document modified.
    settingsHash: hashOf({
      fieldMappings: settings.fieldMappings,
      enrichment: source.record.documentEnrichmentConfiguration,
    }),
  };
}
