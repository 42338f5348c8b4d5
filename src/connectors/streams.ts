/**
 * Applies `work` to each item, up to `width` at a time, and yields the results in order. Work that
 * answers at once costs no waiting.
 */
export async function* mapOrdered<In, Out>(
  items: AsyncIterable<In>,
  width: number,
  work: (item: In) => Out | Promise<Out>,
): AsyncGenerator<Out> {
  const iterator = items[Symbol.asyncIterator]();
  const running: (Out | Promise<Out>)[] = [];
  try {
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) break;
      const result = work(next.value);
      // If the reader leaves early, nobody waits for what still runs.
      if (result instanceof Promise) result.catch(() => undefined);
      running.push(result);
      if (running.length < width) continue;
      const first = running.shift();
      if (first !== undefined) yield await first;
    }
    for (const result of running) yield await result;
  } finally {
    await iterator.return?.();
  }
}

/** Two streams, each in order, as one stream in order; `left` first where both compare equal. */
export async function* mergeOrdered<Item>(
  left: AsyncIterable<Item>,
  right: AsyncIterable<Item>,
  compare: (a: Item, b: Item) => number,
): AsyncGenerator<Item> {
  const [a, b] = [left[Symbol.asyncIterator](), right[Symbol.asyncIterator]()];
  try {
    let [one, two] = [await a.next(), await b.next()];
    while (one.done !== true || two.done !== true) {
      if (two.done === true || (one.done !== true && compare(one.value, two.value) <= 0)) {
        yield one.value as Item;
        one = await a.next();
      } else {
        yield two.value;
        two = await b.next();
      }
    }
  } finally {
    await Promise.all([a.return?.(), b.return?.()]);
  }
}
