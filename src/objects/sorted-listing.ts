import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compareKeys } from "./key-order.ts";
import { pageObjectsMax, type ListedObject, type ListPage } from "./object-store.ts";

/** Objects held in memory at once; more are sorted in runs on the disk and merged. */
export const runObjectsMax = 20_000;

/** How much is sorted in memory, and where the rest lies meanwhile. */
export type SortOptions = { readonly runObjectsMax: number; readonly tempDir: string };

/**
 * Brings a listing into UTF-8 byte order and drops keys that are named twice. For stores that list
 * in the order of their directories or in none; costs that nothing is known before all is listed.
 * A failed page ends the listing, as it would have without sorting.
 */
export async function* sortListing(
  pages: AsyncIterable<ListPage>,
  options: SortOptions,
): AsyncGenerator<ListPage> {
  await using cleanup = new AsyncDisposableStack();
  const chains: Chain[] = [];
  let runs = 0;
  let folder: string | undefined;
  let held: ListedObject[] = [];
  const spill = async (): Promise<void> => {
    if (folder === undefined) {
      const made = await mkdtemp(join(options.tempDir, "listing-"));
      cleanup.defer(() => rm(made, { recursive: true, force: true }));
      folder = made;
    }
    const file = join(folder, String(runs));
    runs += 1;
    held.sort(byKey);
    await writeFile(file, held.map(toLine).join(""), { mode: 0o600 });
    chain(chains, file, held);
    held = [];
  };
  for await (const page of pages) {
    if (page.kind === "failed") return yield page;
    for (const object of page.objects) {
      held.push(object);
      if (held.length >= options.runObjectsMax) await spill();
    }
  }
  const last = held.sort(byKey).values();
  const sources = chains.map(({ files }) => readRuns(files));
  yield* inPages(merge([...sources, toAsync(last)]));
}

/** Runs that follow each other: a listing that came in order is one chain, however long. */
type Chain = { readonly files: string[]; lastKey: string };

function chain(chains: Chain[], file: string, run: readonly ListedObject[]): void {
  const [firstKey, lastKey] = [run[0]?.key ?? "", run.at(-1)?.key ?? ""];
  const before = chains.find((one) => compareKeys(one.lastKey, firstKey) < 0);
  if (before === undefined) return void chains.push({ files: [file], lastKey });
  before.files.push(file);
  before.lastKey = lastKey;
}

async function* readRuns(files: readonly string[]): AsyncGenerator<ListedObject> {
  for (const file of files) yield* readRun(file);
}

const byKey = (a: ListedObject, b: ListedObject): number => compareKeys(a.key, b.key);

async function* toAsync(objects: Iterable<ListedObject>): AsyncGenerator<ListedObject> {
  yield* objects;
}

/** JSON escapes line breaks and lone surrogates, so a key is always one line and comes back whole. */
function toLine(object: ListedObject): string {
  return `${JSON.stringify({ ...object, lastModified: object.lastModified.getTime() })}\n`;
}

async function* readRun(file: string): AsyncGenerator<ListedObject> {
  const lines = createInterface({ input: createReadStream(file, "utf8") });
  // A line read back is one that `toLine` wrote, in a file of our own.
  type Line = Omit<ListedObject, "lastModified"> & { readonly lastModified: number };
  for await (const line of lines) {
    const object = JSON.parse(line) as Line;
    yield { ...object, lastModified: new Date(object.lastModified) };
  }
}

async function* merge(
  sources: readonly AsyncGenerator<ListedObject>[],
): AsyncGenerator<ListedObject> {
  const heads = await Promise.all(sources.map((source) => source.next()));
  let before: string | undefined;
  try {
    for (;;) {
      let least = -1;
      for (const [at, head] of heads.entries()) {
        if (head.done === true) continue;
        const best = heads[least];
        if (best === undefined || best.done === true || byKey(head.value, best.value) < 0)
          least = at;
      }
      const head = heads[least];
      const source = sources[least];
      if (head === undefined || head.done === true || source === undefined) return;
      if (head.value.key !== before) yield head.value;
      before = head.value.key;
      heads[least] = await source.next();
    }
  } finally {
    // The files are about to be removed: let go of them also when the reader stops early.
    await Promise.all(sources.map((source) => source.return(undefined)));
  }
}

async function* inPages(objects: AsyncIterable<ListedObject>): AsyncGenerator<ListPage> {
  let page: ListedObject[] = [];
  for await (const object of objects) {
    page.push(object);
    if (page.length < pageObjectsMax) continue;
    yield { kind: "page", objects: page };
    page = [];
  }
  yield { kind: "page", objects: page };
}
