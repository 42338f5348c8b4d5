import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { ServerConfig } from "../../core/server-config.ts";
import { usageError } from "../context.ts";
import type { Written, WrittenSettings } from "./gather-settings.ts";

/** Where the data directory is, unless somebody says otherwise. */
export const dataDirDefault = ".quarry";

/**
 * The data directory's absolute path. It need not exist: the server makes it.
 *
 * @throws CliError for a path that is no folder, or may not be written.
 */
export function dataDirOf(written: WrittenSettings, cwd: string): string {
  const found = written.get("data-dir");
  const path = resolve(found?.base ?? cwd, found?.values[0] ?? dataDirDefault);
  const from = found?.from ?? "--data-dir";
  const nearest = nearestExisting(path);
  if (!statSync(nearest).isDirectory()) {
    throw usageError(`${from}: ${nearest} is no folder; name a folder for the data.`);
  }
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch {
    throw usageError(`${from}: ${nearest} may not be written; allow it or name another folder.`);
  }
  return path;
}

function nearestExisting(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    try {
      statSync(at);
      return at;
    } catch (error) {
      const isBelow = error instanceof Error && "code" in error && error.code === "ENOTDIR";
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      if ((!isMissing && !isBelow) || dirname(at) === at) return at;
    }
  }
}

/**
 * The certificate and its key: both or neither, and they must belong together.
 *
 * @throws CliError for half a pair, files that cannot be read, or files that do not match.
 */
export function tlsOf(written: WrittenSettings): ServerConfig["tls"] {
  const certificate = written.get("tls-certificate");
  const key = written.get("tls-key");
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined) {
    throw usageError(`${key?.from} is set without --tls-certificate; set both or neither.`);
  }
  if (key === undefined) {
    throw usageError(`${certificate.from} is set without --tls-key; set both or neither.`);
  }
  const pair = { cert: readPem(certificate), key: readPem(key) };
  try {
    createSecureContext(pair);
  } catch {
    throw usageError(
      `${certificate.from} and ${key.from} are no PEM certificate with its key; check both files.`,
    );
  }
  return { certificateFile: fileOf(certificate), keyFile: fileOf(key) };
}

function fileOf({ base, values }: Written): string {
  return resolve(base, values[0] ?? "");
}

function readPem(written: Written): Buffer {
  const path = fileOf(written);
  try {
    return readFileSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const what =
      error.code === "ENOENT" ? "does not exist" : `cannot be read (${String(error.code)})`;
    throw usageError(`${written.from}: ${path} ${what}; name a PEM file.`);
  }
}
