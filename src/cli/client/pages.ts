/**
 * All items of a listing, page by page. `read` gets the token of a page; the first has none.
 *
 * @throws Error for a server that hands out the same token twice: the listing would never end.
 */
export async function* allPages<Item>(
  read: (nextToken: { readonly nextToken?: string }) => Promise<{
    readonly items: readonly Item[] | undefined;
    readonly nextToken: string | undefined;
  }>,
): AsyncGenerator<Item, void> {
  const seen = new Set<string>();
  for (let token: string | undefined; ;) {
    const page = await read(token === undefined ? {} : { nextToken: token });
    yield* page.items ?? [];
    token = page.nextToken;
    if (token === undefined || token === "") return;
    if (seen.has(token)) throw new Error("The server repeats a page of a listing.");
    seen.add(token);
  }
}

/** All items of a listing at once. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
