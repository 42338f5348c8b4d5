import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ContentCipher, plainCipher } from "../core/content-cipher.ts";
import type { Ids } from "../core/ids.ts";

/** Content that has been acknowledged and is not indexed yet, one file each. */
export type Staging = {
  /** Writes content, sealed where the cipher seals, and waits for the disk. Returns its name. */
  readonly put: (bytes: Uint8Array, cipher?: ContentCipher) => Promise<string>;
  readonly read: (name: string, cipher?: ContentCipher) => Promise<Uint8Array>;
  /** Forgets content that no job names any more. */
  readonly remove: (name: string) => Promise<void>;
  /** All names, for the sweep at start-up. */
  readonly list: () => Promise<readonly string[]>;
};

/** Opens a folder of staged content, made where it is missing. */
export async function openStaging(folder: string, ids: Ids): Promise<Staging> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    put: async (bytes, cipher = plainCipher) => {
      const name = ids.uuid();
      await writeDurably(folder, name, cipher.seal(placeOf(name), bytes));
      return name;
    },
    read: async (name, cipher = plainCipher) =>
      cipher.open(placeOf(name), await readFile(join(folder, name))),
    remove: (name) => rm(join(folder, name), { force: true }),
    list: () => readdir(folder),
  };
}

function placeOf(name: string): string {
  return `staging/${name}`;
}

/** A file is there whole or not at all, also after a loss of power. */
async function writeDurably(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, `${name}.part`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    // A disk that is full would stay full: what was not acknowledged is sent again.
    await rm(temporary, { force: true });
    throw error;
  }
  const directory = await open(folder, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
