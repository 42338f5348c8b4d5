import { constants } from "node:fs";
import { mkdir, open, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { failed, type Failed } from "./object-store.ts";
import { exchangeName, exchangePrefix, type ObjectWriter } from "./object-writer.ts";

/** Writes below the prefix of a folder; a link in its place leads nowhere. */
export function folderWriter(folder: string): ObjectWriter {
  const placeOf = async (where: {
    readonly bucket: string;
    readonly key: string;
  }): Promise<{ readonly path: string } | Failed> => {
    const name = exchangeName(where.key);
    try {
      const parent = join(await realpath(folder), exchangePrefix);
      await mkdir(parent, { mode: 0o700 }).catch(unlessThere);
      const real = await realpath(parent);
      if (join(real, "/") === parent) return { path: join(parent, name) };
      return failed("denied", where, `"${exchangePrefix}" leads out of bucket "${where.bucket}".`);
    } catch (error) {
      return failureOf(error, where);
    }
  };
  return {
    async put({ bytes, ...where }) {
      const place = await placeOf(where);
      if ("failure" in place) return place;
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
      try {
        const file = await open(place.path, flags | (constants.O_NOFOLLOW ?? 0), 0o600);
        try {
          await file.writeFile(bytes);
        } finally {
          await file.close();
        }
        return { kind: "stored" };
      } catch (error) {
        return failureOf(error, where);
      }
    },
    async remove(where) {
      const place = await placeOf(where);
      if ("failure" in place) return place;
      try {
        await rm(place.path, { force: true });
        return { kind: "removed" };
      } catch (error) {
        return failureOf(error, where);
      }
    },
  };
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function failureOf(
  error: unknown,
  where: { readonly bucket: string; readonly key: string },
): Failed {
  const code = codeOf(error);
  if (code === "") throw error;
  const isGone = code === "ENOENT" || code === "ENOTDIR";
  const kind = isGone ? "noSuchBucket" : code === "ENOSPC" ? "unreachable" : "denied";
  return failed(kind, where, `Object "${where.key}" cannot be written (${code}).`);
}
