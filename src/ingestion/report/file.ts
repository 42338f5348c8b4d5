import { createWriteStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createGzip } from "node:zlib";

/** Why a sync had nothing to do with an object. */
export type Unchanged =
  | "unmodified"
  | "failedBefore"
  | "clashBefore"
  | "unsupported"
  | "empty"
  | "tooLarge";

/** An object that a sync left as it was; the document's id where the plan knows it. */
export type UnchangedObject = {
  readonly key: string;
  readonly documentId: string | undefined;
  readonly reason: Unchanged;
};

/** Takes what a sync leaves alone, in the order of its plan. */
export type UnchangedWriter = {
  /** A promise only where the disk has to catch up. */
  readonly note: (object: UnchangedObject) => Promise<void> | undefined;
  /** Rejects where the file could not be written; notes are lost then, and nothing else. */
  readonly end: () => Promise<void>;
};

/** What syncs left alone: a compressed file per job, which nothing but its report needs. */
export type UnchangedFiles = {
  /** Begins a job's file anew: a job that goes on after a crash sees everything again. */
  readonly write: (executionId: string) => Promise<UnchangedWriter>;
  /** What a job noted so far, in its order; nothing where there is no file. */
  readonly read: (executionId: string) => AsyncIterable<UnchangedObject>;
  /** Removes the files of all other jobs. */
  readonly keep: (executionIds: ReadonlySet<string>) => Promise<void>;
};

const bufferCharacters = 64 * 1024;
const suffix = ".gz";
const idPattern = /^[a-zA-Z0-9-]{1,64}$/;

/** Opens a folder of such files, made where it is missing. */
export async function openUnchangedFiles(folder: string): Promise<UnchangedFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pathOf = (id: string): string => {
    if (!idPattern.test(id)) throw new Error("An execution id has a form of its own.");
    return join(folder, id + suffix);
  };
  return {
    write: async (id) => openWriter(pathOf(id)),
    read: (id) => readFile(pathOf(id)),
    keep: async (ids) => {
      for (const name of await readdir(folder)) {
        if (!ids.has(name.slice(0, -suffix.length))) await rm(join(folder, name), { force: true });
      }
    },
  };
}

function openWriter(path: string): UnchangedWriter {
  const zip = createGzip({ level: 1 });
  const file = createWriteStream(path, { mode: 0o600 });
  const written = pipeline(zip, file);
  // Told by `end`; until then a full disk must not end the process.
  written.catch(() => undefined);
  let buffer = "";
  const flush = async (): Promise<void> => {
    const text = buffer;
    buffer = "";
    if (zip.destroyed || zip.write(text)) return;
    const drained = new Promise<void>((done) => zip.once("drain", done));
    await Promise.race([drained, written.catch(() => undefined)]);
  };
  return {
    note: ({ key, documentId, reason }) => {
      buffer += `${JSON.stringify([reason, key, documentId])}\n`;
      return buffer.length < bufferCharacters ? undefined : flush();
    },
    end: async () => {
      if (!zip.destroyed) zip.end(buffer);
      await written;
    },
  };
}

/** Reads to where the file ends, which for a running job, or a killed one, is in the middle. */
async function* readFile(path: string): AsyncGenerator<UnchangedObject> {
  const file = await openIfThere(path);
  if (file === undefined) return;
  const text = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  const done = pipeline(file.createReadStream(), text);
  done.catch(() => undefined);
  try {
    let rest = "";
    for await (const chunk of text.setEncoding("utf8") as AsyncIterable<string>) {
      // By line feeds alone: keys may hold every other mark that ends a line somewhere.
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield parseLine(line);
    }
    await done;
  } finally {
    text.destroy();
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseLine(line: string): UnchangedObject {
  const [reason, key, documentId] = JSON.parse(line) as [Unchanged, string, string | null];
  return { reason, key, documentId: documentId ?? undefined };
}
