// Block-max MaxScore over one segment. Terms are ordered by the most they can add. While the terms
// that can add least could not, all together, lift a chunk into the result, they are never walked
// through, only looked up; and a stretch of chunks in which even the best blocks of all terms fall
// short is passed over unread. The result is exactly that of scoring every chunk.
import type { PostingCursor } from "./postings.ts";
import { type LengthNorm, termScore } from "./scoring.ts";
import type { TopK } from "./top-k.ts";

/** What one segment contributes to a question. */
export type SegmentQuery = {
  /** One per term that the segment has, in the order of the question. */
  readonly cursors: readonly PostingCursor[];
  readonly lengths: Uint16Array;
  readonly norm: LengthNorm;
  /** Whether the viewer may see the chunk and the filter lets it pass. */
  readonly isVisible: (chunk: number) => boolean;
  readonly offer: (chunk: number, score: number) => void;
  /** Asked from time to time; the search stops where it says so. */
  readonly isCancelled: () => boolean;
};

// Sums of bounds are rounded differently than sums of scores; a hair more keeps them bounds.
const margin = 1 + 1e-9;
const stepsBetweenChecks = 4096;

/** Offers every chunk that can be among the best, at its exact score. */
export function searchSegment(query: SegmentQuery, top: Pick<TopK, "threshold">): void {
  const search = new SegmentSearch(query);
  search.run(top);
}

class SegmentSearch {
  readonly #query: SegmentQuery;
  /** Cursors by rising bound, with their place in the question. */
  readonly #order: readonly { readonly cursor: PostingCursor; readonly place: number }[];
  /** The most that the first i + 1 terms of the order can add together. */
  readonly #upTo: readonly number[];
  readonly #shares: Float64Array;
  /** Terms before this one are only looked up. */
  #essential = 0;
  #threshold = 0;

  constructor(query: SegmentQuery) {
    this.#query = query;
    this.#order = query.cursors
      .map((cursor, place) => ({ cursor, place }))
      .sort((x, y) => x.cursor.scoreMax - y.cursor.scoreMax);
    let sum = 0;
    this.#upTo = this.#order.map(({ cursor }) => (sum += cursor.scoreMax));
    this.#shares = new Float64Array(query.cursors.length);
  }

  run(top: Pick<TopK, "threshold">): void {
    let windowEnd = -1;
    this.#raise(top.threshold);
    for (let step = 1; ; step += 1) {
      if (step % stepsBetweenChecks === 0 && this.#query.isCancelled()) return;
      let chunk = this.#next();
      if (chunk > windowEnd) {
        chunk = this.#skipHopelessBlocks(chunk);
        windowEnd = this.#windowEnd();
      }
      if (chunk === Infinity) return;
      if (this.#query.isVisible(chunk)) {
        const score = this.#scoreOf(chunk);
        if (score >= this.#threshold && score > 0) {
          this.#query.offer(chunk, score);
          this.#raise(top.threshold);
        }
      }
      for (let i = this.#essential; i < this.#order.length; i += 1) {
        const cursor = this.#order[i]?.cursor;
        if (cursor !== undefined && cursor.chunk <= chunk) cursor.seek(chunk + 1);
      }
    }
  }

  #raise(threshold: number): void {
    this.#threshold = threshold;
    while (
      this.#essential < this.#order.length &&
      (this.#upTo[this.#essential] ?? 0) * margin < threshold
    ) {
      this.#essential += 1;
    }
  }

  /** The next chunk that any of the essential terms has. */
  #next(): number {
    let chunk = Infinity;
    for (let i = this.#essential; i < this.#order.length; i += 1) {
      chunk = Math.min(chunk, this.#order[i]?.cursor.chunk ?? Infinity);
    }
    return chunk;
  }

  /** Moves on until the blocks around the next chunk could together reach the threshold. */
  #skipHopelessBlocks(from: number): number {
    let chunk = from;
    while (chunk !== Infinity) {
      let bound = this.#upTo[this.#essential - 1] ?? 0;
      for (let i = this.#essential; i < this.#order.length; i += 1) {
        const cursor = this.#order[i]?.cursor;
        cursor?.seekBlock(chunk);
        bound += cursor?.blockScoreMax ?? 0;
      }
      if (bound * margin >= this.#threshold) {
        for (let i = this.#essential; i < this.#order.length; i += 1) {
          this.#order[i]?.cursor.seek(chunk);
        }
        return this.#next();
      }
      const end = this.#windowEnd();
      if (end === Infinity) return Infinity;
      chunk = end + 1;
    }
    return chunk;
  }

  /** How far the chosen blocks of all essential terms reach. */
  #windowEnd(): number {
    let end = Infinity;
    for (let i = this.#essential; i < this.#order.length; i += 1) {
      end = Math.min(end, this.#order[i]?.cursor.blockLast ?? Infinity);
    }
    return end;
  }

  /** The exact score of a chunk, or 0 where it cannot reach the threshold. */
  #scoreOf(chunk: number): number {
    const { lengths, norm } = this.#query;
    const length = lengths[chunk] ?? 0;
    this.#shares.fill(0);
    let sum = 0;
    for (let i = this.#order.length - 1; i >= 0; i -= 1) {
      const entry = this.#order[i];
      if (entry === undefined) continue;
      const { cursor, place } = entry;
      if (i < this.#essential) {
        const rest = this.#upTo[i - 1] ?? 0;
        if ((sum + rest + cursor.scoreMax) * margin < this.#threshold) return 0;
        cursor.seekBlock(chunk);
        if ((sum + rest + cursor.blockScoreMax) * margin < this.#threshold) return 0;
        cursor.seek(chunk);
      }
      if (cursor.chunk !== chunk) continue;
      const share = termScore(cursor.weight, cursor.frequency, length, norm);
      this.#shares[place] = share;
      sum += share;
    }
    // Added up in the order of the question, so that equal chunks get equal scores.
    return this.#shares.reduce((total, share) => total + share, 0);
  }
}
