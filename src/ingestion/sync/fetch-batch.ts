import type { FailItem, PutItem } from "../../connectors/connectors.ts";
import { documents } from "../../store/store.ts";
import { copiesFor } from "../content-store/copy.ts";
import { changesOnlyAccess } from "./access.ts";
import { capacityMessage, isFull } from "../capacity.ts";
import { SourceFailure } from "./failure.ts";
import { fetchDocument, type FetchOptions } from "./fetch.ts";
import { type Fetched, scopeOf, type SyncRun } from "./run.ts";
import type { SyncServices } from "./services.ts";

/** Runs one fetch when there is room for it among those that are running. */
export type FetchSlots = (
  fetch: () => Promise<Fetched | undefined>,
) => Promise<Fetched | undefined>;

/**
 * Fetches the documents of a batch, in slots that it shares with the batches around it. Settles when
 * none of them is running any more.
 */
export async function fetchBatch(
  services: SyncServices,
  run: SyncRun,
  puts: readonly PutItem[],
  slots: FetchSlots,
): Promise<readonly Fetched[]> {
  if (puts.length === 0) return [];
  const options = await fetchOptions(services, run);
  const refusal = await capacityRefusal(services, run);
  const settled = await Promise.allSettled(
    puts.map((item) => slots(() => fetchOne(services, run, item, { ...options, refusal }))),
  );
  const broken = settled.find((one) => one.status === "rejected");
  if (broken !== undefined) throw broken.reason;
  return settled.flatMap((one) =>
    one.status === "fulfilled" && one.value !== undefined ? [one.value] : [],
  );
}

/** Above this size an object goes through a file. */
const inMemoryBytesMax = 16 * 1024 * 1024;
/** What is sealed on the disk should not lie open there while it is read, unless it is very large. */
const sealedInMemoryBytesMax = 64 * 1024 * 1024;

async function fetchOptions(services: SyncServices, run: SyncRun): Promise<FetchOptions> {
  const { settings, store, rules, signal, job } = run;
  const contents = await copiesFor(services, job.applicationId);
  const { keys } = await services.vault.cipherOf(job.applicationId);
  return {
    store,
    rules,
    bucket: settings.bucket,
    expectedOwner: settings.bucketOwnerAccountId,
    fileSizeBytesMax: settings.fileSizeBytesMax,
    extractor: services.extractor,
    contents,
    inMemoryBytesMax: keys === undefined ? inMemoryBytesMax : sealedInMemoryBytesMax,
    temporaryDir: services.temporaryDir,
    signal,
  };
}

/** What becomes of a document that an index had no room for. */
export const nextSync = "; the next sync tries again.";

/** Why no new document can be taken, where the index is full. */
async function capacityRefusal(
  { db }: SyncServices,
  { index, limits }: SyncRun,
): Promise<string | undefined> {
  const held = await documents.statistics(db.read, index.id);
  return isFull(held, limits) ? capacityMessage(held, limits, nextSync) : undefined;
}

async function fetchOne(
  services: SyncServices,
  run: SyncRun,
  item: PutItem,
  options: FetchOptions & { readonly refusal: string | undefined },
): Promise<Fetched | undefined> {
  run.signal.throwIfAborted();
  if (await isDoneByThisJob(services, run, item)) return undefined;
  if (await changesOnlyAccess(services, run, item)) return { item, result: { kind: "onlyAccess" } };
  const { refusal } = options;
  // What is in the index already may have become smaller.
  if (refusal !== undefined && item.action === "add") {
    return { item, result: { kind: "refused", message: refusal } };
  }
  return { item, result: await fetchDocument(item, options) };
}

/** A forced sync that goes on after a crash must not do again, and count again, what it has done. */
async function isDoneByThisJob(
  { db }: SyncServices,
  run: SyncRun,
  { changes, document }: PutItem,
): Promise<boolean> {
  if (changes.length !== 1 || changes[0] !== "forced") return false;
  const { documentId } = document;
  const row = await documents.findById(db.read, { ...scopeOf(run), documentId });
  return row?.syncId === run.job.id && row.syncAction !== "failed";
}

const denialWords = "is not authorized to perform";

/**
 * Looks at what came of the batches of a run, in their order.
 *
 * @throws SourceFailure where not one object could be read because the role may not: that is the
 * role, not the objects.
 */
export function denialWatch(): (fetched: readonly Fetched[], fails: readonly FailItem[]) => void {
  let hasRead = false;
  return (fetched, fails) => {
    const denied = fetched.flatMap(({ result }) =>
      result.kind === "failed" && result.failure.kind === "denied" ? [result.failure.message] : [],
    );
    const deniedFails = fails.map((item) => item.message).filter((m) => m.includes(denialWords));
    const [message] = [...denied, ...deniedFails];
    const isAllDenied = denied.length === fetched.length && message !== undefined;
    if (isAllDenied && !hasRead) throw new SourceFailure("S3-5200", message);
    hasRead ||= fetched.length > denied.length;
  };
}
