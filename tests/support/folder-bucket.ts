import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder that a server serves as a bucket. */
export type FolderBucket = {
  readonly name: string;
  readonly folder: string;
  readonly put: (key: string, content: string | Uint8Array) => Promise<void>;
  readonly putJson: (key: string, content: unknown) => Promise<void>;
  readonly move: (from: string, to: string) => Promise<void>;
  readonly touch: (key: string) => Promise<void>;
  readonly remove: (...keys: readonly string[]) => Promise<void>;
};

/** Opens a folder as a bucket. */
export function folderBucket(name: string, folder: string): FolderBucket {
  const path = (key: string): string => join(folder, ...key.split("/"));
  const put = async (key: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(path(key)), { recursive: true });
    await writeFile(path(key), content);
  };
  return {
    name,
    folder,
    put,
    putJson: (key, content) => put(key, JSON.stringify(content)),
    move: async (from, to) => {
      await mkdir(dirname(path(to)), { recursive: true });
      await rename(path(from), path(to));
    },
    touch: async (key) => {
      const time = new Date(Date.now() + 60_000);
      await utimes(path(key), time, time);
    },
    remove: async (...keys) => {
      for (const key of keys) await rm(path(key));
    },
  };
}

/** Empty buckets in a temporary folder of their own, which goes with them. */
export async function folderBuckets(
  count: number,
): Promise<AsyncDisposable & { readonly buckets: readonly FolderBucket[] }> {
  const root = await mkdtemp(join(tmpdir(), "quarry-buckets-"));
  const buckets: FolderBucket[] = [];
  for (let number = 0; number < count; number += 1) {
    const name = `bucket-${number}`;
    await mkdir(join(root, name));
    buckets.push(folderBucket(name, join(root, name)));
  }
  return {
    buckets,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
