// Merges and rebuilds: one at a time, in a thread, and swapped in by one short transaction. What a
// crash leaves behind is a segment that never became live; the next start removes it.
import type { ContentCipher } from "../core/content-cipher.ts";
import { type Log, reasonOf } from "../core/log.ts";
import { aclChanges, type Database, giveAway, segments } from "../store/store.ts";
import { chooseMerge } from "./merge-policy.ts";
import { sealBlobs, sealParts } from "./sealing.ts";
import type { RebuiltBatch } from "./thread-messages.ts";
import type { ThreadPool } from "./thread-pool.ts";

/** What a rebuild did. Documents in `damaged` have to be put or synced again. */
export type RebuildResult = { readonly documents: number; readonly damaged: readonly number[] };

// Publishing comes in bursts; one look after a burst is cheaper than one per document.
const delayMs = 250;

/** Looks after the segments of all indices. */
export class Maintenance implements AsyncDisposable {
  readonly #db: Database;
  readonly #pool: ThreadPool;
  readonly #log: Log;
  readonly #cipherOf: (indexId: string) => Promise<ContentCipher>;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #hasCleaned = false;

  constructor(options: {
    readonly db: Database;
    readonly pool: ThreadPool;
    readonly log: Log;
    readonly cipherOf: (indexId: string) => Promise<ContentCipher>;
  }) {
    this.#db = options.db;
    this.#pool = options.pool;
    this.#log = options.log;
    this.#cipherOf = options.cipherOf;
  }

  /** Says that an index has changed, or is about to: it will be looked at soon. */
  noteChange(indexId: string): void {
    if (this.#isClosed) return;
    this.#changed.add(indexId);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const indexId of changed) void this.#inTurn(() => this.#tidyQuietly(indexId));
    }, delayMs);
    this.#timer.unref();
  }

  /** Merges all segments of an index into one. */
  mergeNow(indexId: string): Promise<void> {
    return this.#inTurn(async () => {
      const all = await segments.list(this.#db.read, indexId);
      const ids = all.map(({ id }) => id);
      if (ids.length > 0) await this.#merge(indexId, ids);
    });
  }

  /** Makes the segments of an index anew from the stored chunks, while the old ones answer. */
  rebuild(indexId: string): Promise<RebuildResult> {
    return this.#inTurn(async () => {
      const { sequence } = await segments.state(this.#db.read, indexId);
      const cipher = await this.#cipherOf(indexId);
      const built: segments.Segment[] = [];
      const damaged: number[] = [];
      let after: number | undefined = 0;
      while (after !== undefined) {
        const batch: RebuiltBatch = await this.#pool.run({
          kind: "rebuild",
          indexId,
          after,
          sequence,
          keys: cipher.keys,
        });
        damaged.push(...batch.damaged);
        if (batch.segment.documents > 0) {
          const { blobs, ...counts } = batch.segment;
          const begun = await this.#db.write(async (trx) => {
            const id = await segments.begin(trx, indexId);
            const parts = sealBlobs(cipher, id, blobs);
            await segments.insertParts(trx, id, parts);
            return { id, bytes: parts.reduce((sum, { data }) => sum + data.length, 0) };
          });
          built.push({ ...begun, sequence, ...counts });
        }
        after = batch.last;
      }
      await this.#db.write(async (trx) => {
        const old = await segments.list(trx, indexId);
        // What was published meanwhile has higher numbers and stays.
        const ids = old.filter((segment) => segment.sequence <= sequence).map(({ id }) => id);
        await segments.remove(trx, ids);
        for (const segment of built) await segments.activate(trx, segment);
        await segments.advance(trx, indexId, "layout");
      });
      this.noteChange(indexId);
      return { documents: built.reduce((sum, { documents }) => sum + documents, 0), damaged };
    });
  }

  /** Waits for what is under way; nothing new starts. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#turn;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      if (this.#isClosed) throw new Error("The search is closed.");
      await this.#cleanOnce();
      return work();
    });
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** Removes what an earlier process began. All that this one begins runs in turn, after it. */
  async #cleanOnce(): Promise<void> {
    if (this.#hasCleaned) return;
    await this.#db.write(async (trx) => segments.remove(trx, await segments.unfinished(trx)));
    this.#hasCleaned = true;
  }

  async #tidyQuietly(indexId: string): Promise<void> {
    try {
      for (;;) {
        const ids = chooseMerge(await this.#candidates(indexId));
        if (ids === undefined || this.#isClosed || !(await this.#merge(indexId, ids))) return;
      }
    } catch (error) {
      // Unmerged segments answer as well, only slower; the next change tries again.
      if (!this.#isClosed)
        this.#log("warn", "search.merge-failed", { indexId, reason: reasonOf(error) });
    }
  }

  async #candidates(indexId: string): Promise<Parameters<typeof chooseMerge>[0]> {
    const list = await segments.list(this.#db.read, indexId);
    return Promise.all(
      list.map(async ({ id, sequence, chunks, documents }) => ({
        id,
        chunks,
        documents,
        deadMax: await segments.countTombstones(this.#db.read, indexId, sequence),
      })),
    );
  }

  /** False where the segments were gone before the merged one could take their place. */
  async #merge(indexId: string, ids: readonly number[]): Promise<boolean> {
    const cipher = await this.#cipherOf(indexId);
    const segmentId = await this.#db.write((trx) => segments.begin(trx, indexId));
    try {
      let part = 1;
      const result = await this.#pool.run(
        { kind: "merge", indexId, ids, keys: cipher.keys },
        {
          onPart: async (pages) => {
            const numbered = pages.map((page) => ({ ...page, part: part++ }));
            const parts = sealParts(cipher, segmentId, numbered);
            await this.#db.write((trx) => segments.insertParts(trx, segmentId, givenAway(parts)));
          },
        },
      );
      return await this.#db.write(async (trx) => {
        const live = new Set((await segments.list(trx, indexId)).map(({ id }) => id));
        const { head, ...segment } = result;
        if (!ids.every((id) => live.has(id))) {
          await segments.remove(trx, [segmentId]);
          return false;
        }
        // A merge may be of a million documents, and the head holds something of each.
        const parts = givenAway(sealBlobs(cipher, segmentId, [head]));
        await segments.insertParts(trx, segmentId, parts);
        if (segment.documents > 0) await segments.activate(trx, { id: segmentId, ...segment });
        await segments.remove(trx, segment.documents > 0 ? ids : [...ids, segmentId]);
        await segments.advance(trx, indexId, "layout");
        await segments.sweepTombstones(trx, indexId);
        await aclChanges.sweep(trx, indexId);
        return true;
      });
    } catch (error) {
      await this.#db.write((trx) => segments.remove(trx, [segmentId]));
      throw error;
    }
  }
}

/** Parts that nobody looks at any more once they are stored. */
function givenAway(parts: readonly segments.SegmentPart[]): readonly segments.SegmentPart[] {
  return parts.map((part) => ({ ...part, data: giveAway(part.data) }));
}
