import { randomBytes } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { KeyPair } from "./signing-keys.ts";

/** Secrets of one installation, beside the database and not in it. */
export type InstallationKeys = {
  readonly root: KeyPair;
  /** 32 bytes: seals secrets and session tokens. */
  readonly sealingKey: Uint8Array;
  /** 32 bytes: signs page tokens. */
  readonly pageTokenKey: Uint8Array;
  /** Whether they were made just now, and the root key is to be shown. */
  readonly isNew: boolean;
};

type KeyFile = {
  readonly rootAccessKeyId: string;
  readonly rootSecretAccessKey: string;
  readonly sealingKey: string;
  readonly pageTokenKey: string;
};

const fileName = "keys.json";
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * Reads the installation's keys, or makes them at the first start, in a file that only the owner
 * may read. `root` overrides the root key without being stored.
 *
 * @throws Error with one clear line where the file cannot be read as such.
 */
export async function loadInstallationKeys(
  dataDir: string,
  root?: KeyPair,
): Promise<InstallationKeys> {
  const path = join(dataDir, fileName);
  const known = await readKeyFile(path);
  const file = known ?? (await makeKeyFile(path));
  return {
    root: root ?? {
      accessKeyId: file.rootAccessKeyId,
      secretAccessKey: file.rootSecretAccessKey,
    },
    sealingKey: Buffer.from(file.sealingKey, "base64"),
    pageTokenKey: Buffer.from(file.pageTokenKey, "base64"),
    isNew: known === undefined && root === undefined,
  };
}

async function readKeyFile(path: string): Promise<KeyFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new Error(`The key file ${path} cannot be read.`, { cause: error });
  }
  try {
    const file = JSON.parse(text) as Partial<KeyFile>;
    const { rootAccessKeyId, rootSecretAccessKey, sealingKey, pageTokenKey } = file;
    if (rootAccessKeyId && rootSecretAccessKey && sealingKey && pageTokenKey) {
      return { rootAccessKeyId, rootSecretAccessKey, sealingKey, pageTokenKey };
    }
  } catch {
    // Falls through: a file that is no JSON is as damaged as one without its members.
  }
  throw new Error(`The key file ${path} is damaged; restore it from a backup.`);
}

async function makeKeyFile(path: string): Promise<KeyFile> {
  const file: KeyFile = {
    rootAccessKeyId: newKeyId("AKIA"),
    rootSecretAccessKey: newSecret(),
    sealingKey: randomBytes(32).toString("base64"),
    pageTokenKey: randomBytes(32).toString("base64"),
  };
  // Written beside and renamed, so that a crash in between leaves no half file.
  const temporary = `${path}.part`;
  const handle = await open(temporary, "w", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  // Without its directory entry the file is lost with the power, and all that was sealed with it.
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return file;
}

/** A fresh unique id: a prefix that says the kind, and 16 characters of upper-case base 32. */
export function newKeyId(prefix: "AGPA" | "AIDA" | "AKIA" | "ANPA" | "AROA" | "ASIA"): string {
  const letters = [...randomBytes(16)].map((byte) => base32[byte % 32]);
  return prefix + letters.join("");
}

/** A fresh secret access key of 40 characters. */
export function newSecret(): string {
  return randomBytes(30).toString("base64");
}
