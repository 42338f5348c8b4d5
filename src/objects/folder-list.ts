import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { etagOf, statObject } from "./folder-path.ts";
import { compareKeys } from "./key-order.ts";
import type { ListedObject } from "./object-store.ts";

/** Names held in memory at once, of one directory. A longer directory is read several times. */
export const namesMax = 65_536;
const statsAtOnce = 64;

type Walk = {
  readonly root: string;
  readonly prefix: string;
  readonly namesMax: number;
  readonly signal?: AbortSignal;
};

/**
 * The objects below a folder in UTF-8 byte order of their keys. A directory sorts as its name with
 * a slash, so a walk in depth gives the order of the whole. Memory: one window of names for each
 * directory on the way down. What vanishes meanwhile is left out; what may not be read is thrown.
 */
export async function* walkFolder(walk: Walk, folderKey = ""): AsyncGenerator<ListedObject> {
  let after: string | undefined;
  for (;;) {
    walk.signal?.throwIfAborted();
    const names = await nextNames(walk, folderKey, after);
    const objects = statAhead(walk, folderKey, names);
    for (const [at, name] of names.entries()) {
      if (name.endsWith("/")) yield* walkFolder(walk, folderKey + name);
      else {
        const object = await objects(at);
        if (object !== undefined) yield object;
      }
    }
    if (names.length < walk.namesMax) return;
    after = names.at(-1);
  }
}

/** The next window of entries, sorted; directories carry a slash at the end. */
async function nextNames(
  walk: Walk,
  folderKey: string,
  after: string | undefined,
): Promise<readonly string[]> {
  let names: string[] = [];
  const path = join(walk.root, ...folderKey.split("/"));
  // The root must be there; any other directory may have gone since its name was read.
  const folder = await orGone(opendir(path), folderKey !== "");
  if (folder === undefined) return names;
  for await (const entry of folder) {
    const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
    if (!isWanted(walk.prefix, folderKey + name)) continue;
    if (after !== undefined && compareKeys(name, after) <= 0) continue;
    names.push(name);
    if (names.length >= walk.namesMax * 2) {
      names = names.sort(compareKeys).slice(0, walk.namesMax);
    }
  }
  return names.sort(compareKeys).slice(0, walk.namesMax);
}

function isWanted(prefix: string, key: string): boolean {
  return key.startsWith(prefix) || (key.endsWith("/") && prefix.startsWith(key));
}

/** Looks at files in groups, because one at a time leaves the disk idle. */
function statAhead(
  walk: Walk,
  folderKey: string,
  names: readonly string[],
): (at: number) => Promise<ListedObject | undefined> {
  let from = 0;
  let group: readonly (ListedObject | undefined)[] = [];
  return async (at) => {
    if (at >= from + group.length) {
      walk.signal?.throwIfAborted();
      from = at;
      const next = names.slice(at, at + statsAtOnce);
      group = await Promise.all(next.map((name) => listed(walk.root, folderKey + name)));
    }
    return group[at - from];
  };
}

async function listed(root: string, key: string): Promise<ListedObject | undefined> {
  if (key.endsWith("/")) return undefined;
  const found = await orGone(statObject(root, join(root, ...key.split("/"))), true);
  if (found === undefined) return undefined;
  const { stats } = found;
  return { key, sizeBytes: Number(stats.size), etag: etagOf(stats), lastModified: stats.mtime };
}

/** Undefined for what is not there (any more), when that is all right. */
async function orGone<Value>(
  value: Promise<Value>,
  mayBeGone: boolean,
): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (mayBeGone && ["ENOENT", "ENOTDIR", "ELOOP"].includes(code)) return undefined;
    throw error;
  }
}
