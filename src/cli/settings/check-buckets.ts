import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { shown } from "../arguments.ts";
import { usageError } from "../context.ts";
import type { WrittenSettings } from "./gather-settings.ts";

const form = "write NAME=FOLDER";

/**
 * Buckets as `NAME=FOLDER`. Source of the names' rule: "General purpose bucket naming rules",
 * Amazon S3 user guide.
 *
 * @throws CliError for a form, a name or a folder that cannot be.
 */
export function bucketsOf(written: WrittenSettings): Readonly<Record<string, string>> {
  const found = written.get("buckets");
  if (found === undefined) return {};
  const buckets = new Map<string, string>();
  for (const spec of found.values) {
    const equals = spec.indexOf("=");
    const name = spec.slice(0, equals);
    const folder = spec.slice(equals + 1);
    if (equals <= 0 || folder === "") {
      throw usageError(`${found.from} has ${shown(spec)}, which is no bucket; ${form}.`);
    }
    if (!isBucketName(name)) {
      throw usageError(
        `${found.from}: ${shown(name)} cannot name a bucket; use 3 to 63 lower-case letters, digits, dots and hyphens.`,
      );
    }
    if (buckets.has(name)) {
      throw usageError(
        `${found.from} names the bucket ${name} twice; give each bucket one folder.`,
      );
    }
    const path = resolve(found.base, folder);
    checkFolder(path, `${found.from}: the folder of bucket ${name}, ${path},`);
    buckets.set(name, path);
  }
  return Object.fromEntries(buckets);
}

function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..");
}

function checkFolder(path: string, what: string): void {
  try {
    if (!statSync(path).isDirectory()) throw usageError(`${what} is no folder; name a folder.`);
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "ENOENT")
      throw usageError(`${what} does not exist; make it or name another.`);
    throw usageError(`${what} cannot be read (${String(error.code)}); allow it or name another.`);
  }
}
