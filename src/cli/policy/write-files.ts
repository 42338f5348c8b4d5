import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { systemIds } from "../../core/ids.ts";
import { shown } from "../arguments.ts";
import { CliError } from "../context.ts";

/** A file and what became of it. */
export type WrittenFile = {
  readonly file: string;
  readonly status: "written" | "replaced" | "unchanged";
};

type Place = {
  readonly folder: string;
  readonly cwd?: string | undefined;
  readonly isForced: boolean;
};

/**
 * Writes texts into a folder, which is made where it is missing. Nothing is written when one of
 * the files is there with another text, unless that is forced.
 *
 * @throws CliError for a file that is there, and for what the file system refuses.
 */
export async function writeFiles(
  files: readonly { readonly name: string; readonly text: string }[],
  { folder, cwd = process.cwd(), isForced }: Place,
): Promise<readonly WrittenFile[]> {
  try {
    const target = resolve(cwd, folder);
    const planned = await Promise.all(
      files.map(async ({ name, text }) => {
        const before = await textOf(join(target, name));
        return { name, text, before };
      }),
    );
    const other = planned.find(({ before, text }) => before !== undefined && before !== text);
    if (other !== undefined && !isForced) {
      throw new CliError(
        `${shown(join(folder, other.name))} is there with another text; move it, or replace it with --force.`,
      );
    }
    await mkdir(target, { recursive: true });
    const written: WrittenFile[] = [];
    for (const { name, text, before } of planned) {
      const file = join(folder, name);
      const status = before === undefined ? "written" : before === text ? "unchanged" : "replaced";
      if (status === "written") await writeFile(join(target, name), text, { flag: "wx" });
      if (status === "replaced") await replace(join(target, name), text);
      written.push({ file, status });
    }
    return written;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new CliError(
      `The policies cannot be written to ${shown(folder)} (${String(error.code)}); name another folder with --out.`,
      undefined,
      { cause: error },
    );
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Old text or new, never half of one. */
async function replace(path: string, text: string): Promise<void> {
  const beside = `${path}.${systemIds.uuid()}`;
  await writeFile(beside, text, { flag: "wx" });
  await rename(beside, path);
}
