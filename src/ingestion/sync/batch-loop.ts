import { settleCopies } from "../content-store/copy.ts";
import type { SyncBatch } from "./batches.ts";
import { denialWatch, fetchBatch, type FetchSlots } from "./fetch-batch.ts";
import type { Fetched, PlanEnd, SyncRun } from "./run.ts";
import type { SyncServices } from "./services.ts";
import { deleteDocuments, noteEnd, storeBatch } from "./store.ts";
import { warnOfHeldDeletions, warnOfLongKeys, warnOfPatterns } from "./warnings.ts";

const fetchesMax = 16;

/** A batch whose objects are on their way. */
type Work = {
  readonly batch: SyncBatch;
  readonly number: number;
  readonly fetching: Promise<readonly Fetched[]>;
};

/**
 * Carries a plan out, batch by batch: while one batch is being published, the next one is being
 * fetched, and the one after that takes the slots which become free. Gives the plan's last item
 * once everything before it is stored.
 *
 * @throws SyncStopped where the job is asked to stop, SourceFailure where the role may not go on.
 */
export async function storeBatches(
  services: SyncServices,
  run: SyncRun,
  batches: AsyncIterable<SyncBatch>,
): Promise<PlanEnd> {
  warnOfPatterns(services, run);
  const slots = slotsOf(fetchesMax);
  const checkDenials = denialWatch();
  const open: Work[] = [];
  let storing: Promise<void> = Promise.resolve();
  const storeFirst = async (): Promise<void> => {
    const [work] = open;
    if (work === undefined) return;
    const fetched = await work.fetching;
    checkDenials(fetched, work.batch.fails);
    await storing;
    open.shift();
    storing = storeBatch(services, run, { ...work, fetched });
    // Waited for in the next round, or below; until then a failure must not go unnoticed.
    storing.catch(() => undefined);
  };
  try {
    for await (const batch of batches) {
      run.signal.throwIfAborted();
      warnOfLongKeys(services, run, batch.puts);
      const number = run.ledger.endBatch();
      const fetching = fetchBatch(services, run, batch.puts, slots);
      fetching.catch(() => undefined);
      open.push({ batch, number, fetching });
      if (open.length > 1) await storeFirst();
      if (!batch.isBarrier) continue;
      while (open.length > 0) await storeFirst();
      await storing;
      if (batch.deletes.length > 0) await deleteDocuments(services, run, batch.deletes);
      if (batch.end === undefined) continue;
      await noteEnd(services, run, batch.end);
      warnOfHeldDeletions(services, run, batch.end);
      return batch.end;
    }
  } finally {
    await storing.catch(() => undefined);
    await Promise.all(open.map(({ fetching }) => dropCopies(services, fetching)));
  }
  throw new Error("The plan of the sync stopped without an end.");
}

/** Removes the copies of documents that were fetched and are not going to be stored. */
async function dropCopies(
  { contents }: SyncServices,
  fetching: Promise<readonly Fetched[]>,
): Promise<void> {
  const fetched = await fetching.catch(() => []);
  const copies = fetched.flatMap(({ result }) =>
    result.kind === "read" && "copy" in result.reading ? [result.reading.copy] : [],
  );
  await settleCopies(
    contents,
    copies.map((copy) => ({ isCurrent: false, copy })),
  );
}

/** At most `width` fetches at a time, over all batches. */
function slotsOf(width: number): FetchSlots {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (fetch) => {
    if (running >= width) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await fetch();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
