import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { constants, createGunzip, createGzip, gzip } from "node:zlib";
import { BrokenSealError, type ContentCipher, plainCipher } from "../../core/content-cipher.ts";
import type { Ids } from "../../core/ids.ts";
import { type Database, documentContent } from "../../store/store.ts";
import { openFrames, sealFrames } from "./frames.ts";

/**
 * Copies of what was ingested, compressed, one file each. A file is written before the transaction
 * that refers to it commits, and removed after the one that no longer does: between the two, a
 * crash leaves a file too many, never one too few.
 */
export type ContentStore = {
  /** Writes a copy, sealed where the cipher seals, and waits for the disk; gives its name. */
  readonly write: (
    source: ContentSource,
    isCompressible: boolean,
    cipher?: ContentCipher,
  ) => Promise<string>;
  /** A transaction refers to these now. */
  readonly settle: (files: readonly string[]) => Promise<void>;
  /** No transaction ever will. */
  readonly discard: (files: readonly string[]) => Promise<void>;
  /** The bytes as they were written; undefined where there is no such file. */
  readonly read: (
    file: string,
    cipher?: ContentCipher,
  ) => Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Removes files that nothing refers to any more. */
  readonly collect: () => Promise<void>;
};

/** A document's bytes, or a file with them. */
export type ContentSource = { readonly bytes: Uint8Array } | { readonly path: string };

const garbagePerStep = 500;
/** Suffix of a file that is compressed. */
const compressed = ".gz";
/** Suffix of a file that is sealed, after it was compressed. */
const sealedSuffix = ".sealed";
// The fastest level: text is a third of its size then, and level 9 saves little more.
const level = { level: constants.Z_BEST_SPEED };
const newFile = { flag: "wx", flags: "wx", mode: 0o600, flush: true } as const;
const packed = promisify(gzip);

/**
 * Opens the copies below a folder, made where it is missing. Files lie in `new` until they are
 * settled, so that a start finds what a crash left without looking at all the others.
 */
export async function openContentStore(
  db: Database,
  folder: string,
  ids: Ids,
): Promise<ContentStore> {
  const fresh = join(folder, "new");
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  const syncFresh = folderSync(fresh);
  const settledPath = (file: string): string => join(folder, file.slice(0, 2), file);
  const made = new Set<string>();
  const settle = async (file: string): Promise<void> => {
    const shelf = join(folder, file.slice(0, 2));
    if (!made.has(shelf)) await mkdir(shelf, { recursive: true, mode: 0o700 });
    made.add(shelf);
    await rename(join(fresh, file), settledPath(file)).catch(ignoreMissing);
  };
  const removeFile = async (file: string): Promise<void> => {
    await rm(settledPath(file), { force: true });
    await rm(join(fresh, file), { force: true });
  };
  const all = (files: readonly string[], run: (file: string) => Promise<void>): Promise<void> =>
    Promise.all(files.map(run)).then(() => undefined);
  for (const file of await readdir(fresh)) {
    if (await documentContent.isInUse(db.read, file)) await settle(file);
    else await rm(join(fresh, file), { force: true });
  }
  return {
    write: async (source, isCompressible, cipher = plainCipher) => {
      const suffix = cipher.keys === undefined ? "" : sealedSuffix;
      const file = `${ids.uuid()}${isCompressible ? compressed : ""}${suffix}`;
      await writeDurably(join(fresh, file), source, cipher);
      await syncFresh();
      return file;
    },
    settle: (files) => all(files, settle),
    discard: (files) => all(files, removeFile),
    read: async (file, cipher = plainCipher) =>
      (await readIn(settledPath(file), cipher)) ??
      (await readIn(join(fresh, file), cipher)) ??
      // It may have been settled between the two looks.
      readIn(settledPath(file), cipher),
    collect: async () => {
      for (;;) {
        const files = await documentContent.listGarbage(db.read, garbagePerStep);
        if (files.length === 0) return;
        await all(files, removeFile);
        await db.write((trx) => documentContent.forgetGarbage(trx, files));
      }
    },
  };
}

async function writeDurably(
  path: string,
  source: ContentSource,
  cipher: ContentCipher,
): Promise<void> {
  const file = basename(path);
  const isPacked = isCompressed(file);
  try {
    if ("bytes" in source) {
      const bytes = isPacked ? await packed(source.bytes, level) : source.bytes;
      const stored = cipher.keys === undefined ? bytes : sealFrames(cipher, file, [bytes]);
      await writeFile(path, stored, newFile);
    } else {
      const from = createReadStream(source.path);
      const to = createWriteStream(path, newFile);
      if (cipher.keys === undefined) {
        await (isPacked ? pipeline(from, createGzip(level), to) : pipeline(from, to));
        return;
      }
      const seal = (content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
        sealFrames(cipher, file, content);
      await (isPacked ? pipeline(from, createGzip(level), seal, to) : pipeline(from, seal, to));
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function isCompressed(file: string): boolean {
  return file.endsWith(compressed) || file.endsWith(compressed + sealedSuffix);
}

/** One wait for the disk serves all that ask for it before it begins. */
function folderSync(folder: string): () => Promise<void> {
  const sync = async (): Promise<void> => {
    const directory = await open(folder, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  };
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        running = sync();
        return running;
      });
    return next;
  };
}

async function readIn(
  path: string,
  cipher: ContentCipher,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const opened = await open(path, "r").catch(ignoreMissing);
  if (opened === undefined) return undefined;
  const file = basename(path);
  const stream = opened.createReadStream();
  const isSealed = file.endsWith(sealedSuffix);
  if (isSealed !== (cipher.keys !== undefined)) {
    stream.destroy();
    throw new BrokenSealError(`The file ${file} is not of this application.`);
  }
  const stored = isSealed ? Readable.from(openFrames(cipher, file, stream)) : stream;
  if (!isCompressed(file)) return stored;
  const unpacked = createGunzip();
  // A failure of either reaches whoever reads; leaving early closes both.
  pipeline(stored, unpacked).catch((error: Error) => unpacked.destroy(error));
  return unpacked;
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
