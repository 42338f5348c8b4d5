/** Items at a time where a stream has no pages of its own. */
const batchMax = 1000;

/** A stream of batches, read item by item; waits only where a batch ends. */
export type Cursor<Item> = {
  /** Is another `fill` needed before `head` is to be trusted? */
  readonly isEmpty: () => boolean;
  readonly fill: () => Promise<void>;
  /** The next item; undefined at the end of the stream. */
  readonly head: () => Item | undefined;
  readonly skip: () => void;
  readonly end: () => Promise<void>;
};

/** Opens a stream of batches. Waiting for each single item would cost more than most items do. */
export function cursorOf<Item>(batches: AsyncIterable<readonly Item[]>): Cursor<Item> {
  const iterator = batches[Symbol.asyncIterator]();
  let batch: readonly Item[] = [];
  let at = 0;
  let isDone = false;
  return {
    isEmpty: () => at >= batch.length && !isDone,
    async fill() {
      while (at >= batch.length && !isDone) {
        const next = await iterator.next();
        at = 0;
        isDone = next.done === true;
        batch = next.done === true ? [] : next.value;
      }
    },
    head: () => batch[at],
    skip: () => {
      at += 1;
    },
    end: async () => void (await iterator.return?.()),
  };
}

/** Two streams, each in order, as one stream in order; `left` first where both compare equal. */
export async function* mergeOrdered<Item>(
  left: AsyncIterable<readonly Item[]>,
  right: AsyncIterable<readonly Item[]>,
  compare: (a: Item, b: Item) => number,
): AsyncGenerator<readonly Item[]> {
  const [a, b] = [cursorOf(left), cursorOf(right)];
  let batch: Item[] = [];
  try {
    for (;;) {
      if (a.isEmpty()) await a.fill();
      if (b.isEmpty()) await b.fill();
      const [one, two] = [a.head(), b.head()];
      const from = two === undefined || (one !== undefined && compare(one, two) <= 0) ? a : b;
      const item = from.head();
      if (item === undefined) break;
      batch.push(item);
      from.skip();
      if (batch.length < batchMax) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  } finally {
    await Promise.all([a.end(), b.end()]);
  }
}

/** The same work, but never more than `width` at a time. */
export function limited<In, Out>(
  width: number,
  work: (input: In) => Promise<Out>,
): (input: In) => Promise<Out> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (input) => {
    if (running >= width) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await work(input);
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
