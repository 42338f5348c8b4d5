/** A ranked chunk. `segment` and `chunk` find it again, the rest decides between equals. */
export type Candidate = {
  readonly score: number;
  readonly documentKey: number;
  readonly ordinal: number;
  readonly segment: number;
  readonly chunk: number;
};

/** Order of results: best first; equals by document, then by place in it. */
export function compareCandidates(x: Candidate, y: Candidate): number {
  return y.score - x.score || x.documentKey - y.documentKey || x.ordinal - y.ordinal;
}

/** The best `limit` of what is offered: a binary heap with the worst kept one on top. */
export class TopK {
  readonly #heap: Candidate[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A score below this cannot get in. */
  get threshold(): number {
    return this.#heap.length < this.#limit ? 0 : (this.#heap[0]?.score ?? 0);
  }

  offer(candidate: Candidate): void {
    const heap = this.#heap;
    if (heap.length < this.#limit) {
      heap.push(candidate);
      this.#up(heap.length - 1);
    } else if (heap[0] !== undefined && compareCandidates(candidate, heap[0]) < 0) {
      heap[0] = candidate;
      this.#down();
    }
  }

  /** What was kept, best first. */
  sorted(): readonly Candidate[] {
    return this.#heap.toSorted(compareCandidates);
  }

  #isWorse(i: number, j: number): boolean {
    const [x, y] = [this.#heap[i], this.#heap[j]];
    return x !== undefined && y !== undefined && compareCandidates(x, y) > 0;
  }

  #swap(i: number, j: number): void {
    const [x, y] = [this.#heap[i], this.#heap[j]];
    if (x === undefined || y === undefined) return;
    this.#heap[i] = y;
    this.#heap[j] = x;
  }

  #up(from: number): void {
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >>> 1;
      if (!this.#isWorse(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #down(): void {
    let i = 0;
    for (;;) {
      let worst = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < this.#heap.length && this.#isWorse(child, worst)) worst = child;
      }
      if (worst === i) return;
      this.#swap(i, worst);
      i = worst;
    }
  }
}
