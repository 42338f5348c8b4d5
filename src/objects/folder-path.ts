import { constants } from "node:fs";
import { lstat, open, realpath, type FileHandle } from "node:fs/promises";
import type { BigIntStats } from "node:fs";
import { dirname, join, sep } from "node:path";

/**
 * Identity of a file's content without reading it: size, times of last change and the inode.
 * The change time moves with every write, also when a tool sets the modification time back.
 * Touching or copying a file changes the etag too; the content hash then tells that nothing
 * changed. Two writes within one tick of the file system's clock, with a read between them, are
 * the one case it cannot see.
 */
export function etagOf(stats: BigIntStats): string {
  const parts = [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino];
  return parts.map((part) => part.toString(36)).join("-");
}

/** The path of a key below the root, or undefined for a key that no file can have. */
export function pathOfKey(root: string, key: string): string | undefined {
  const segments = key.split("/");
  const isOdd = (segment: string): boolean =>
    segment === "" || segment === "." || segment === ".." || segment.includes("\0");
  if (segments.some(isOdd) || !key.isWellFormed()) return undefined;
  // On Windows these would be separators, drives or streams.
  if (sep === "\\" && /[\\:]/.test(key)) return undefined;
  return join(root, ...segments);
}

/**
 * Resolves a directory entry to a regular file inside the bucket. Links to files inside are
 * followed, links to directories never, so a walk cannot run in circles and a key names one file.
 *
 * @param root the bucket's folder, itself free of links
 * @returns undefined for anything that is no object: directories, devices, links out of the bucket
 */
export async function statObject(
  root: string,
  path: string,
): Promise<{ readonly path: string; readonly stats: BigIntStats } | undefined> {
  const stats = await lstat(path, { bigint: true });
  if (stats.isFile()) return { path, stats };
  if (!stats.isSymbolicLink()) return undefined;
  const target = await realpath(path);
  if (!target.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
  const behind = await lstat(target, { bigint: true });
  return behind.isFile() ? { path: target, stats: behind } : undefined;
}

/**
 * Opens the file of a key for reading, or answers undefined when the key names no object. The path
 * is judged after opening, once: it must be free of links above the file and still lead to what was
 * opened, so a path swapped meanwhile does not open.
 */
export async function openObject(root: string, key: string): Promise<FileHandle | undefined> {
  const path = pathOfKey(root, key);
  if (path === undefined) return undefined;
  const found = await statObject(root, path);
  if (found === undefined) return undefined;
  // Non-blocking, because opening a named pipe that took the file's place would wait for ever.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(found.path, flags);
  await using opened = new AsyncDisposableStack();
  opened.defer(() => handle.close());
  const stats = await handle.stat({ bigint: true });
  const isSame = stats.isFile() && isOneFile(stats, found.stats);
  if (!isSame || !(await isStraight(path, found.path, stats))) return undefined;
  opened.move();
  return handle;
}

/** Is the path free of links, but for one at its end, and does it lead to this very file? */
async function isStraight(path: string, target: string, stats: BigIntStats): Promise<boolean> {
  const isLink = target !== path;
  if (isLink && (await realpath(dirname(path))) !== dirname(path)) return false;
  if ((await realpath(target)) !== target) return false;
  return isOneFile(stats, await lstat(target, { bigint: true }));
}

function isOneFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}
