import {
  aclRules,
  connectorObjects,
  contentKeys,
  conversations,
  type Database,
  documents,
  feedback,
  idempotency,
  type Job,
  jobs,
  networkAttachments,
  principalGroups,
  principals,
  type Resource,
  type ResourceKind,
  resources,
  syncJobs,
  webSessions,
  type WriteTransaction,
} from "../store/store.ts";
import type { Network } from "../network/network.ts";
import type { Pipeline } from "./pipeline.ts";

/** Name of the queue. */
export const removalQueue = "removal";

const documentsPerStep = 500;
const principalsPerStep = 500;

/** Each may have a hundred thousand members. */
const groupsPerStep = 20;

/** Adds the job that removes what hangs below a resource, then the resource. */
export async function enqueueRemoval(
  trx: WriteTransaction,
  { kind, id }: Pick<Resource<unknown>, "kind" | "id">,
  at: Date,
): Promise<void> {
  const payload = JSON.stringify({ kind, id });
  await jobs.enqueue(trx, { queue: removalQueue, key: id, payload, at });
}

/** Removes a resource with everything below it, in steps that may be repeated after a crash. */
export async function runRemoval(pipeline: Removing, job: Job, signal: AbortSignal): Promise<void> {
  const { kind, id } = JSON.parse(job.payload) as { kind: ResourceKind; id: string };
  const resource = await resources.find<unknown>(pipeline.db.read, kind, id);
  if (resource === undefined) return;
  if (kind === "application") await removeApplication(pipeline, resource, signal);
  else if (kind === "index") await removeIndex(pipeline, resource, signal);
  else if (kind === "dataSource") await removeDataSource(pipeline, resource, signal);
  else await pipeline.db.write((trx) => resources.remove(trx, resource));
}

type Removing = Pick<Pipeline, "db" | "search"> & {
  readonly network: Pick<Network, "releaseOf">;
};

async function removeApplication(
  pipeline: Removing,
  application: Resource<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { db } = pipeline;
  for (const index of await childrenOf(pipeline, "index", application)) {
    await markDeleting(db, index);
    await removeIndex(pipeline, index, signal);
  }
  const others: readonly ResourceKind[] = [
    "retriever",
    "webExperience",
    "plugin",
    "dataAccessor",
    "chatResponseConfiguration",
  ];
  for (const kind of others) {
    for (const child of await childrenOf(pipeline, kind, application)) {
      await db.write((trx) => resources.remove(trx, child));
    }
  }
  await repeat(db, signal, (trx) =>
    conversations.removeOfApplication(trx, application.id, documentsPerStep),
  );
  await repeat(db, signal, (trx) =>
    principals.removeUsersOf(trx, application.id, principalsPerStep),
  );
  await db.write(async (trx) => {
    await feedback.removeOfApplication(trx, application.id);
    await idempotency.removeWithin(trx, `chat/${application.id}/`);
    await webSessions.removeOfApplication(trx, application.id);
    // Work that was under way may have made one since the application began to go.
    await contentKeys.removeOfApplication(trx, application.id);
    await resources.remove(trx, application);
  });
}

/** What hangs below something that goes takes nothing new any more, from this moment on. */
async function markDeleting(db: Database, resource: Resource<unknown>): Promise<void> {
  const { id, updatedAt: at } = resource;
  await db.write((trx) => resources.update(trx, id, { status: "DELETING", at }));
}

/** All children of a kind; their number is bounded by quotas. */
async function childrenOf(
  { db }: Removing,
  kind: ResourceKind,
  application: Resource<unknown>,
): Promise<readonly Resource<unknown>[]> {
  const { accountId, id: applicationId } = application;
  return resources.list<unknown>(db.read, { accountId, kind, applicationId, limit: 10_000 });
}

async function removeIndex(
  pipeline: Removing,
  index: Resource<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { db, search } = pipeline;
  // Questions stop finding anything at once; the rows follow.
  await db.write((trx) => search.dropIndex(trx, index.id));
  await removeDocuments(pipeline, { indexId: index.id }, signal);
  const { accountId, applicationId } = index;
  const under = { accountId, applicationId, indexId: index.id, limit: 10_000 };
  for (const kind of ["dataSource", "retriever"] as const) {
    for (const child of await resources.list<unknown>(db.read, { ...under, kind })) {
      await pipeline.network.releaseOf(child.id);
      await db.write(async (trx) => {
        await forgetSource(trx, child);
        await resources.remove(trx, child);
      });
    }
  }
  await removePrincipals(pipeline, { applicationId, indexId: index.id }, signal);
  await db.write(async (trx) => {
    await search.dropIndex(trx, index.id);
    await resources.remove(trx, index);
  });
}

async function removeDataSource(
  pipeline: Removing,
  source: Resource<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { db } = pipeline;
  // A sync that still runs sees that its data source is going, and ends.
  const running = await syncJobs.findRunning(db.read, source.id);
  if (running !== undefined) await db.write((trx) => syncJobs.requestStop(trx, running.id));
  const { applicationId, indexId, id: dataSourceId } = source;
  await pipeline.network.releaseOf(dataSourceId);
  await removeDocuments(pipeline, { indexId, dataSourceId }, signal);
  await removePrincipals(pipeline, { applicationId, indexId, dataSourceId }, signal);
  await db.write(async (trx) => {
    await forgetSource(trx, source);
    await resources.remove(trx, source);
  });
}

/** Groups, and aliases, that mean nothing without their index or data source. */
async function removePrincipals(
  { db }: Removing,
  of: { readonly applicationId: string; readonly indexId: string; readonly dataSourceId?: string },
  signal: AbortSignal,
): Promise<void> {
  await repeat(db, signal, (trx) => principalGroups.removeGroupsOf(trx, of, groupsPerStep));
  await repeat(db, signal, (trx) => principals.removeAliasesOf(trx, of, principalsPerStep));
}

/** Runs a step, each time in a transaction of its own, until it has nothing left to do. */
async function repeat(
  db: Removing["db"],
  signal: AbortSignal,
  step: (trx: WriteTransaction) => Promise<number>,
): Promise<void> {
  for (let removed = 1; removed > 0;) {
    signal.throwIfAborted();
    removed = await db.write(step);
  }
}

async function forgetSource(trx: WriteTransaction, source: Resource<unknown>): Promise<void> {
  await aclRules.removeOfDataSource(trx, source.id);
  await connectorObjects.removeOfDataSource(trx, source.id);
  await networkAttachments.removeOfDataSource(trx, source.id);
  await syncJobs.removeOfDataSource(trx, source.id);
}

async function removeDocuments(
  { db, search }: Removing,
  of: { readonly indexId: string; readonly dataSourceId?: string },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const page = await documents.list(db.read, { ...of, after: 0, limit: documentsPerStep });
    if (page.length === 0) return;
    await db.write(async (trx) => {
      await search.remove(
        trx,
        of.indexId,
        page.map((document) => document.key),
      );
      await documents.remove(trx, page);
    });
  }
}
